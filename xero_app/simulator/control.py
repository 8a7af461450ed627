"""The control API under /_sim/: everything that Python callers can do, for a simulator in another process.

Bodies are JSON objects (money as text or numbers, both exact) or forms; `organisation` (index or tenant id) may be
in the body or the query. Answers are JSON; a refused edit is 400 or 404 with `{"error": sentence}`.

GET  /_sim/holdings[?streams=a,b]         ids, numbers, totals and statuses of all objects as exact text
GET  /_sim/stats                          calls, statuses, peak concurrency, refreshes, 429s
GET  /_sim/violations                     calls that a read-only client must never make
GET  /_sim/organisations                  tenant ids, names, currencies, counts
GET  /_sim/config                         the knobs;  POST changes them: {"ims_mode": "ge"}
GET  /_sim/faults                         faults that wait;  POST queues one;  DELETE forgets all
GET  /_sim/clock                          virtual time;  POST {"seconds": 900} moves it ahead
GET  /_sim/connections                    all connections of all apps
POST /_sim/grants                         {"client_id", "scopes"}: tokens without the browser's round trip
POST /_sim/disconnect                     the user disconnects an organisation in Xero
POST /_sim/offline                        {"offline": true}: the organisation answers 503
POST /_sim/reset-stats                    figures and violations begin again
POST /_sim/use-up                         {"client_id", "limit": "minute"}: a window counts as used up
POST /_sim/{stream}                       creates: invoices, credit_notes, prepayments, overpayments,
                                          manual_journals, contacts
GET  /_sim/{stream}/{id}                  one object as a single read shows it
POST /_sim/{stream}/{id}                  changes fields, Status included
POST /_sim/{stream}/{id}/pay              {"Amount", "Date", "Reference", "CurrencyRate"}: gives the payment
POST /_sim/invoices/{id}/approve | /void | /delete
POST /_sim/{credit stream}/{id}/allocate  {"InvoiceID", "Amount", "Date"}
POST /_sim/payments/{id}/delete           reverses a payment
POST /_sim/batch_payments                 {"InvoiceIDs": [...], "Date"}
POST /_sim/contacts/{id}/archive          POST /_sim/contacts/{id}/merge {"into"}
POST /_sim/{stream}/touch                 {"count"} or {"ids"}: bumps them all to one millisecond
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from xero_app.simulator.config import FIXED
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.exchange import Request, Response, json_answer
from xero_app.simulator.faults import Fault

if TYPE_CHECKING:
    from xero_app.simulator.simulator import Simulator

Act = Callable[["Simulator", Doc], Any]


class Control:
    """Answers /_sim/ for one simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def answer(self, request: Request) -> Response:
        """The answer, with a sentence for whatever is refused."""
        try:
            return self._answer(request)
        except LookupError as error:
            return json_answer({"error": str(error)}, status=404)
        except (ValueError, TypeError) as error:
            return json_answer({"error": str(error)}, status=400)

    def _answer(self, request: Request) -> Response:
        parts = [part for part in request.path.split("/") if part][1:]
        fields: Doc = {**request.query, **request.fields()}
        organisation = fields.pop("organisation", 0)
        plain = _PLAIN.get((request.method, "/".join(parts)))
        if plain is not None:
            return json_answer(plain(self._simulator, {**fields, "organisation": organisation}))
        if request.method == "POST":
            row = self._edit(parts, fields, organisation)
        else:
            row = self._row(parts, organisation)
        return Response(body=self._simulator.shown_json(row, organisation))

    def _row(self, parts: list[str], organisation: Any) -> Row:
        if len(parts) != 2:
            msg = "There is no such page; see the docstring of the control module."
            raise LookupError(msg)
        books = self._simulator.edits.ledger(organisation).books
        if parts[0] not in books.streams:
            msg = f"There is no stream {parts[0]!r}."
            raise LookupError(msg)
        return books.find(*parts)

    def _edit(self, parts: list[str], fields: Doc, organisation: Any) -> Row:
        edits = self._simulator.edits
        match parts:
            case ["batch_payments"]:
                return edits.pay_batch(fields.pop("InvoiceIDs", []), fields, organisation=organisation)
            case [stream]:
                return edits.create(stream, fields, organisation=organisation)
            case [stream, "touch"]:
                return edits.touch(stream, **_touch(fields), organisation=organisation)[0]
            case [stream, xero_id]:
                return edits.update(stream, xero_id, fields, organisation=organisation)
            case [stream, xero_id, action] if (stream, action) in _ACTIONS:
                return _ACTIONS[stream, action](self._simulator, xero_id, fields, organisation)
            case [stream, xero_id, "pay"]:
                return edits.pay(stream, xero_id, fields, organisation=organisation)
            case [_, xero_id, "allocate"]:
                return edits.allocate(
                    xero_id, fields["InvoiceID"], amount=fields.get("Amount"), on=fields.get("Date"),
                    organisation=organisation,
                )  # fmt: skip
        msg = f"There is no control path {'/'.join(parts)}."
        raise LookupError(msg)


def _touch(fields: Doc) -> Doc:
    return {"ids": fields.get("ids"), "count": int(fields.get("count", 1))}


def _status(status: str) -> Callable[["Simulator", str, Doc, Any], Row]:
    return lambda sim, xero_id, _fields, organisation: sim.edits.update(
        "invoices", xero_id, {"Status": status}, organisation=organisation
    )


_ACTIONS: dict[tuple[str, str], Callable[["Simulator", str, Doc, Any], Row]] = {
    ("invoices", "approve"): _status("AUTHORISED"),
    ("invoices", "void"): _status("VOIDED"),
    ("invoices", "delete"): _status("DELETED"),
    ("payments", "delete"): lambda sim, xero_id, _fields, organisation: sim.edits.delete_payment(
        xero_id, organisation=organisation
    ),
    ("contacts", "archive"): lambda sim, xero_id, _fields, organisation: sim.edits.archive_contact(
        xero_id, organisation=organisation
    ),
    ("contacts", "merge"): lambda sim, xero_id, fields, organisation: sim.edits.merge_contact(
        xero_id, into=fields["into"], organisation=organisation
    ),
}


def _holdings(sim: "Simulator", fields: Doc) -> Any:
    streams = [part for part in str(fields.get("streams", "")).split(",") if part]
    return sim.holdings(organisation=fields["organisation"], streams=streams or None)


def _organisations(sim: "Simulator", _fields: Doc) -> Any:
    return [
        {"tenant_id": books.tenant_id, "name": books.name, "country": books.country.code,
         "base_currency": books.base_currency, "counts": {name: len(rows) for name, rows in books.streams.items()}}
        for books in sim.organisations
    ]  # fmt: skip


def _configure(sim: "Simulator", fields: Doc) -> Any:
    fields.pop("organisation")
    sim.configure(**{name: float(value) if _is_decimal(value) else value for name, value in fields.items()})
    return _config(sim, fields)


def _is_decimal(value: Any) -> bool:
    return type(value).__name__ == "Decimal"


def _config(sim: "Simulator", _fields: Doc) -> Any:
    return {name: value for name, value in asdict(sim.config).items() if name not in FIXED}


def _add_fault(sim: "Simulator", fields: Doc) -> Any:
    fields.pop("organisation")
    sim.faults.add(
        Fault(**{name: float(value) if _is_decimal(value) else value for name, value in fields.items()})
    )
    return sim.faults.listed()


def _clear_faults(sim: "Simulator", _fields: Doc) -> Any:
    sim.faults.clear()
    return []


def _clock(sim: "Simulator", fields: Doc) -> Any:
    if "seconds" in fields:
        sim.advance(seconds=float(fields["seconds"]))
    return {"now": sim.clock.now().isoformat()}


def _grant(sim: "Simulator", fields: Doc) -> Any:
    return sim.grant(**{name: str(fields[name]) for name in ("client_id", "scopes") if name in fields})


def _disconnect(sim: "Simulator", fields: Doc) -> Any:
    sim.disconnect(organisation=fields["organisation"])
    return _connections(sim, fields)


def _connections(sim: "Simulator", _fields: Doc) -> Any:
    return [
        {"id": one.id, "client_id": one.client_id, "tenant_id": one.tenant_id, "tenant_name": one.tenant_name}
        for one in sim.desk.connections
    ]


def _offline(sim: "Simulator", fields: Doc) -> Any:
    books = sim.edits.ledger(fields["organisation"]).books
    books.offline = str(fields.get("offline", True)).lower() == "true"
    return {"offline": books.offline}


def _reset_stats(sim: "Simulator", _fields: Doc) -> Any:
    sim.counters.reset()
    return sim.stats


def _use_up(sim: "Simulator", fields: Doc) -> Any:
    sim.use_up_limit(
        limit=str(fields.get("limit", "minute")), client_id=str(fields.get("client_id", "")),
        organisation=fields["organisation"],
    )  # fmt: skip
    return sim.stats


_PLAIN: dict[tuple[str, str], Act] = {
    ("GET", "holdings"): _holdings,
    ("GET", "stats"): lambda sim, _fields: sim.stats,
    ("GET", "violations"): lambda sim, _fields: sim.violations,
    ("GET", "organisations"): _organisations,
    ("GET", "config"): _config,
    ("POST", "config"): _configure,
    ("GET", "faults"): lambda sim, _fields: sim.faults.listed(),
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("GET", "clock"): _clock,
    ("POST", "clock"): _clock,
    ("GET", "connections"): _connections,
    ("POST", "grants"): _grant,
    ("POST", "disconnect"): _disconnect,
    ("POST", "offline"): _offline,
    ("POST", "reset-stats"): _reset_stats,
    ("POST", "use-up"): _use_up,
}
