"""Same in, same bytes out: in any process, zone, locale and hash seed, in any thread, in any order."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_DOWN, getcontext, localcontext
from pathlib import Path

from core.formats import ExportFacts
from edi_app.x12.formatter import compile_x12
from tests.edi_app.x12.documents import CONTACT, credit_note, envelope, invoice, payment

ROOT = Path(__file__).resolve().parents[3]
SCRIPT = """
import sys
from tests.edi_app.x12.test_golden import CASES, file_of
for name in sorted(CASES):
    for version in ("004010", "005010"):
        sys.stdout.buffer.write(file_of(*CASES[name], version))
"""


def run(**environment):
    command = [sys.executable, "-c", SCRIPT]
    inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    done = subprocess.run(command, cwd=ROOT, env=inherited | environment, capture_output=True, check=True)
    return done.stdout


def test_every_process_writes_the_same_bytes():
    first = run(PYTHONHASHSEED="0", TZ="UTC", LC_ALL="C")
    second = run(PYTHONHASHSEED="4711", TZ="Pacific/Auckland", LC_ALL="C.UTF-8")
    assert first == second
    assert first.count(b"ISA*") == 12


def test_a_threads_own_arithmetic_changes_nothing():
    formatter = compile_x12({"base": "x12-810"}, stream="invoices", tables={})
    document = invoice()
    usual = formatter.content(document, ExportFacts(), envelope()).data
    with localcontext() as context:
        context.prec, context.rounding = 4, ROUND_DOWN
        assert formatter.content(document, ExportFacts(), envelope()).data == usual
        assert getcontext().prec == 4


def test_one_formatter_serves_many_threads_and_partners():
    formatter = compile_x12({"base": "x12-810"}, stream="invoices", tables={})
    work = [
        (invoice(Contact=CONTACT | {"Name": f"Customer {at}"}), envelope("005010" if at % 2 else "004010"))
        for at in range(60)
    ]
    alone = [formatter.content(document, ExportFacts(), given).data for document, given in work]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: formatter.content(pair[0], ExportFacts(), pair[1]).data, work * 3))
    assert together == alone * 3


def test_values_leave_out_what_is_not_the_documents():
    for document in invoice(), credit_note(), payment():
        base = "x12-820" if document.stream == "payments" else "x12-810"
        formatter = compile_x12({"base": base}, stream=document.stream, tables={})
        later = datetime(2027, 1, 1, tzinfo=UTC)
        touched = replace(document, updated_at=later, values={**document.values, "UpdatedDateUTC": later})
        assert formatter.values(touched) == formatter.values(document)


def test_values_tell_a_real_change():
    formatter = compile_x12({"base": "x12-810"}, stream="invoices", tables={})
    before = formatter.values(invoice())
    assert formatter.values(invoice(InvoiceNumber="INV-0043")) != before
    assert formatter.values(invoice(Status="VOIDED")) != before
    assert formatter.values(invoice(AmountDue=0)) == before
