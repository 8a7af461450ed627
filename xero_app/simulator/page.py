"""The page for people at /_sim/: what the simulator holds, and buttons to change it and to send webhooks."""

from collections.abc import Iterable
from html import escape
from itertools import islice
from typing import Any

from xero_app.simulator.books import Books
from xero_app.simulator.documents import Doc, Row
from xero_app.simulator.settle import amount_open
from xero_app.simulator.wire import iso_second, text
from xero_app.simulator.world import World

SHOWN = 100
"""Invoices listed on the page, the latest changed first; `number` narrows them down."""
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:90rem;padding:0 1rem;color:#1c2430}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #dde3ea}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}form{display:inline}h2{margin-top:2rem}
button{font:inherit;padding:.15rem .7rem}input,select{font:inherit;padding:.1rem .3rem}
.said{background:#fff6d6;padding:.5rem}
label{margin-right:1rem}form,code,td:nth-child(4):not(:last-child),td:nth-child(9){white-space:nowrap}
"""


def page(world: World, fields: Doc) -> str:
    """The whole page for one organisation (`organisation`), with what the last action said (`said`)."""
    organisation = str(fields.get("organisation", 0))
    with world.lock:
        books = world.books(organisation)
        parts = [
            _said(str(fields.get("said", ""))),
            _organisations(world, books),
            _create(books, organisation),
            _invoices(books, organisation, str(fields.get("number", "")).strip().lower()),
            _webhooks(world, organisation),
            _figures(world, organisation),
        ]
    title = "Xero simulator"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>{''.join(parts)}</body></html>"
    )


def _said(sentence: str) -> str:
    return f'<p class="said" role="status">{escape(sentence)}</p>' if sentence else ""


def _organisations(world: World, chosen: Books) -> str:
    rows = []
    for number, books in enumerate(world.organisations):
        name = escape(books.name) if books is chosen else f'<a href="?organisation={number}">{escape(books.name)}</a>'
        counts = ", ".join(f"{len(found)} {stream.replace('_', ' ')}" for stream, found in books.streams.items())
        rows.append([name, f"<code>{books.tenant_id}</code>", books.base_currency, counts])
    return "<h2>Organisations</h2>" + _table(("Name", "Tenant id", "Currency", "Holds"), rows)


def _create(books: Books, organisation: str) -> str:
    contacts = "".join(
        f'<option value="{row.id}">{escape(str(books.doc(row)["Name"])[:60])}</option>'
        for row in books.streams["contacts"]
        if row.status == "ACTIVE"
    )
    inside = (
        '<label>Type <select name="Type"><option>ACCREC</option><option>ACCPAY</option></select></label>'
        f'<label>Contact <select name="ContactID">{contacts}</select></label>'
        '<label>Amount <input name="Amount" value="100.00" size="10"></label>'
        '<label>Status <select name="Status"><option>AUTHORISED</option><option>DRAFT</option></select></label>'
    )
    return "<h2>Create an invoice</h2>" + _form("invoices", organisation, "Create", inside)


def _invoices(books: Books, organisation: str, number: str) -> str:
    found: Iterable[Row] = reversed(books.streams["invoices"].in_update_order())
    chosen = (row for row in found if not number or number in row.number.lower() or number == row.id)
    rows = [_invoice(books, row, organisation) for row in islice(chosen, SHOWN)]
    search = (
        f'<form><input type="hidden" name="organisation" value="{escape(organisation)}"><label>Number or id '
        f'<input name="number" value="{escape(number)}"></label><button>Find</button></form>'
    )
    heads = ("Number", "Type", "Contact", "Date", "Currency", "Total", "Due", "Status", "Updated", "")
    return f"<h2>Invoices</h2><p>{search}</p>" + _table(heads, rows, numbers=(5, 6))


def _invoice(books: Books, row: Row, organisation: str) -> list[str]:
    doc = books.doc(row)
    path = f"invoices/{row.id}"
    actions = []
    if row.status == "AUTHORISED":
        amount = f'<input name="Amount" value="{text(amount_open(doc))}" size="8" aria-label="Amount to pay">'
        actions += [_form(f"{path}/pay", organisation, "Pay", amount), _form(f"{path}/void", organisation, "Void")]
    if row.status in ("DRAFT", "SUBMITTED"):
        actions += [
            _form(f"{path}/approve", organisation, "Approve"),
            _form(f"{path}/delete", organisation, "Delete"),
        ]
    hidden = f'<input type="hidden" name="stream" value="invoices"><input type="hidden" name="id" value="{row.id}">'
    actions.append(_form("webhooks/event", organisation, "Send webhook", hidden))
    return [
        f'<a href="/_sim/{path}?organisation={escape(organisation)}">{escape(row.number) or "(none)"}</a>',
        row.kind,
        escape(str(books.contact(row.contact_id)["Name"])[:40]),
        text(doc["Date"]),
        str(doc["CurrencyCode"]),
        text(doc["Total"]),
        text(amount_open(doc)),
        row.status,
        iso_second(row.updated_ms),
        " ".join(actions),
    ]


def _webhooks(world: World, organisation: str) -> str:
    rows = [
        [
            one.client_id,
            escape(one.url),
            one.state,
            str(len(one.waiting)),
            escape(str(one.log[-1]) if one.log else ""),
        ]
        for one in world.webhooks.subscriptions
    ]
    apps = "".join(f"<option>{escape(app.client_id)}</option>" for app in world.config.apps)
    inside = (
        f'<label>App <select name="client_id">{apps}</select></label><label>Address <input name="url" size="40" '
        'value="http://127.0.0.1:8000/webhooks/xero"></label><label>Key <input name="key" size="30"></label>'
    )
    return (
        "<h2>Webhooks</h2>"
        + _table(("App", "Address", "State", "Waiting", "Last answer"), rows)
        + f"<p>{_form('webhooks/subscribe', organisation, 'Subscribe', inside)}</p>"
        + _form("webhooks/send", organisation, "Send what waits")
    )


def _figures(world: World, organisation: str) -> str:
    figures: dict[str, Any] = {"virtual time": world.clock.now().isoformat(timespec="seconds"), **world.stats}
    rows = [[escape(name), escape(str(value))] for name, value in figures.items()]
    quarter = '<input type="hidden" name="seconds" value="900">'
    links = " ".join(f'<a href="/_sim/{name}">{name}</a>' for name in ("holdings", "stats", "config", "webhooks"))
    return (
        f"<h2>Figures</h2><p>As data: {links}</p>"
        + _table(("What", "Value"), rows)
        + f"<p>{_form('clock', organisation, '15 minutes on', quarter)} "
        + f"{_form('reset-stats', organisation, 'Count from 0')}</p>"
    )


def _form(path: str, organisation: str, button: str, inside: str = "") -> str:
    return (
        f'<form method="post" action="/_sim/{escape(path)}"><input type="hidden" name="_page" value="1">'
        f'<input type="hidden" name="organisation" value="{escape(organisation)}">{inside}'
        f"<button>{button}</button></form>"
    )


def _table(heads: Iterable[str], rows: list[list[str]], *, numbers: tuple[int, ...] = ()) -> str:
    def cells(tag: str, values: Iterable[str]) -> str:
        return "".join(
            f'<{tag} class="n">{value}</{tag}>' if place in numbers else f"<{tag}>{value}</{tag}>"
            for place, value in enumerate(values)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', heads)}</tr></thead><tbody>{body}</tbody></table>"
