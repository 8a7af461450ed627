"""A caller for a simulator in another process: its control API as method calls."""

from typing import Any

import httpx


class Remote:
    """Talks to `/_sim/` of one simulator. Raises `RuntimeError` with the simulator's own sentence."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._http = httpx.Client(base_url=f"{base_url}/_sim/", timeout=30)

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something the simulator holds."""
        return self._answer(self._http.get(path, params=query))

    def post(self, path: str, **fields: Any) -> Any:
        """Change something in the simulator."""
        return self._answer(self._http.post(path, json=fields))

    def _answer(self, response: httpx.Response) -> Any:
        body = response.json()
        if response.is_error:
            raise RuntimeError(body.get("error", response.text))
        return body
