"""paramiko's transport, made fit for servers that let the sign-in service be asked for once."""

import paramiko
from paramiko.common import MSG_SERVICE_REQUEST


class Transport(paramiko.Transport):
    """Asks for the service `ssh-userauth` once (RFC 4253 §10); paramiko asks again before each attempt.

    Strict servers drop the connection at the second request, which breaks every sign-in of two steps.
    """

    _has_asked = False

    def _send_message(self, data: paramiko.Message) -> None:
        if data.asbytes()[0] == MSG_SERVICE_REQUEST:
            if self._has_asked:
                accepted = paramiko.Message()
                accepted.add_string("ssh-userauth")
                accepted.rewind()
                self.auth_handler._parse_service_accept(accepted)  # type: ignore[union-attr]
                return
            self._has_asked = True
        super()._send_message(data)  # type: ignore[misc]
