"""The control API under /_sim/: everything that Python callers can do, for a simulator in another process.

Bodies are JSON objects (money as text or numbers, both exact) or forms; `organisation` (index or tenant id) may be
in the body or the query. Answers are JSON; a refused edit is 400 or 404 with `{"error": sentence}`.

GET  /_sim/                               the page for people
GET  /_sim/holdings[?streams=a,b]         ids, numbers, totals and statuses of all objects as exact text
GET  /_sim/stats                          calls, statuses, peak concurrency, refreshes, 429s
GET  /_sim/violations                     calls that a read-only client must never make
GET  /_sim/organisations                  tenant ids, names, currencies, counts
GET  /_sim/config                         the knobs;  POST changes them: {"ims_mode": "ge"}
GET  /_sim/faults                         faults that wait;  POST queues one (see `faults`);  DELETE forgets all
GET  /_sim/clock                          virtual time;  POST {"seconds": 900} moves it ahead
GET  /_sim/connections                    all connections of all apps
POST /_sim/grants                         {"client_id", "scopes"}: tokens without the browser's round trip
POST /_sim/disconnect                     the user disconnects an organisation in Xero
POST /_sim/connect                        custom connections are connected again
POST /_sim/offline                        {"offline": true}: the organisation answers 503
POST /_sim/reset-stats                    figures and violations begin again
POST /_sim/use-up                         {"client_id", "limit": "minute"}: a window counts as used up
GET  /_sim/webhooks                       subscriptions with their state and log
POST /_sim/webhooks/subscribe             {"client_id", "url", "key", "categories"}: checks intent to receive
POST /_sim/webhooks/enable                {"client_id"}: checks again, then replays what waits
POST /_sim/webhooks/send                  sends what waits and is due
POST /_sim/webhooks/event                 {"stream", "id", "kind"}: an event of an unchanged object, sent at once

POST /_sim/{stream}                       creates: invoices, credit_notes, prepayments, overpayments,
                                          manual_journals, contacts
GET  /_sim/{stream}/{id}                  one object as a single read shows it
POST /_sim/{stream}/{id}                  changes fields, Status included
POST /_sim/{stream}/{id}/pay              {"Amount", "Date", "Reference", "CurrencyRate"}: gives the payment
POST /_sim/{stream}/{id}/approve | /void | /delete
POST /_sim/{credit stream}/{id}/allocate  {"InvoiceID", "Amount", "Date"}
POST /_sim/payments/{id}/delete           reverses a payment
POST /_sim/batch_payments                 {"InvoiceIDs": [...], "Date"}
POST /_sim/contacts/{id}/archive          POST /_sim/contacts/{id}/merge {"into"}
POST /_sim/{stream}/touch                 {"count"} or {"ids"}: bumps them all to one millisecond
"""

from typing import Any
from urllib.parse import urlencode

from xero_app.simulator.controls import CONTROLS
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.exchange import HTML, Request, Response, json_answer
from xero_app.simulator.page import page
from xero_app.simulator.world import World


class Control:
    """Answers /_sim/ for one world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def answer(self, request: Request) -> Response:
        """The answer, with a sentence for whatever is refused; forms of the page go back to the page."""
        fields: Doc = {}
        try:
            fields = {**request.query, **request.fields()}
            response = self._answer(request, fields)
            said = "Done."
        except LookupError as error:
            said = str(error.args[0]) if error.args else "Not found."
            response = json_answer({"error": said}, status=404)
        except (ValueError, TypeError) as error:
            said = str(error)
            response = json_answer({"error": said}, status=400)
        return _back_to_page(fields, said) if request.method == "POST" and "_page" in fields else response

    def _answer(self, request: Request, fields: Doc) -> Response:
        parts = [part for part in request.path.split("/") if part][1:]
        if not parts:
            return Response(body=page(self._world, fields).encode(), content_type=HTML)
        fields = {name: value for name, value in fields.items() if name != "_page"}
        organisation = fields.pop("organisation", 0)
        control = CONTROLS.get((request.method, "/".join(parts)))
        if control is not None:
            return json_answer(control(self._world, {**fields, "organisation": organisation}))
        edited = self._edit(parts, fields, organisation) if request.method == "POST" else None
        row = edited or self._row(parts, organisation)
        return Response(body=self._world.shown_json(row, organisation))

    def _row(self, parts: list[str], organisation: Any) -> Row:
        books = self._world.books(organisation)
        if len(parts) != 2 or parts[0] not in books.streams:
            msg = f"There is no control path /_sim/{'/'.join(parts)}; the control module lists them."
            raise LookupError(msg)
        return books.find(*parts)

    def _edit(self, parts: list[str], fields: Doc, organisation: Any) -> Row | None:
        edits = self._world.edits
        match parts:
            case ["batch_payments"]:
                return edits.pay_batch(list(fields.pop("InvoiceIDs", ())), fields, organisation=organisation)
            case [stream]:
                return edits.create(stream, fields, organisation=organisation)
            case [stream, "touch"]:
                count = int(fields.get("count", 1))
                return edits.touch(stream, ids=fields.get("ids"), count=count, organisation=organisation)[0]
            case [stream, xero_id]:
                return edits.update(stream, xero_id, fields, organisation=organisation)
            case [stream, xero_id, action]:
                return self._act(stream, xero_id, action, fields, organisation)
        return None

    def _act(self, stream: str, xero_id: str, action: str, fields: Doc, organisation: Any) -> Row | None:
        edits = self._world.edits
        match stream, action:
            case "payments", "delete":
                return edits.delete_payment(xero_id, organisation=organisation)
            case "contacts", "archive":
                return edits.archive_contact(xero_id, organisation=organisation)
            case "contacts", "merge":
                return edits.merge_contact(xero_id, into=str(fields.get("into", "")), organisation=organisation)
            case _, "pay":
                return edits.pay(stream, xero_id, fields, organisation=organisation)
            case _, "allocate":
                return edits.allocate(
                    xero_id, str(fields.get("InvoiceID", "")), amount=fields.get("Amount"), on=fields.get("Date"),
                    organisation=organisation,
                )  # fmt: skip
            case _, ("approve" | "void" | "delete") as step:
                return edits.update(stream, xero_id, {"Status": _STATUSES[step]}, organisation=organisation)
        return None


_STATUSES = {"approve": "AUTHORISED", "void": "VOIDED", "delete": "DELETED"}


def _back_to_page(fields: Doc, said: str) -> Response:
    query = urlencode({"organisation": fields.get("organisation", 0), "said": said})
    return Response(status=303, headers={"Location": f"/_sim/?{query}"}, content_type=HTML)
