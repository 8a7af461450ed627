"""How fast EDIFACT is read, checked and written, side by side with named peers in one run.

Reading: whole INVOIC D.96A interchanges into elements and components, against a regular expression split (which is
also wrong for a released release character) and against pydifact where that is installed. Run with
`python -m bench.edifact [documents] [rounds]`; CPU seconds are counted, and only the ratios mean something on a
shared machine.
"""

import re
import sys
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from time import process_time

from edi_app.edifact import (
    Header,
    WrittenMessage,
    check_interchanges,
    read_acknowledgments,
    read_messages,
    render_acknowledgment,
    render_interchange,
)

MOMENT = datetime(2026, 11, 22, 21, 5)  # noqa: DTZ001  the envelope takes the partner's wall clock as given
HEADER = Header(sender=("HARBOR", "ZZ"), recipient=("ACME", "14"), reference="57", moment=MOMENT)
INVOIC = ("INVOIC", "D", "96A", "UN")
PEER_DOCUMENTS = 500
"""pydifact is timed on a smaller file of the same documents; it needs no more than that to tell."""


def invoice(number: int) -> WrittenMessage:
    """Write one invoice of 24 segments: three lines, two parties, tax, with names that need releasing."""
    lines = []
    for line in range(1, 4):
        cents = number * 7 % 9_000 + line * 125
        lines += [
            ("LIN", str(line), "", (f"ITEM-{(number + line) % 97}", "SA")),
            ("QTY", ("47", str(line))),
            ("MOA", ("203", f"{cents * line / 100:.2f}")),
            ("PRI", ("AAA", f"{cents / 100:.2f}")),
        ]
    owner = "Miller's" if number % 10 == 0 else "Miller"
    segments = [
        ("BGM", "380", f"INV-{number:06}", "9"),
        ("DTM", ("137", f"202611{number % 28 + 1:02}", "102")),
        ("RFF", ("ON", f"PO-{number * 3}")),
        ("NAD", "BY", (f"AC{number % 700:04}", "", "92"), "", f"{owner} Retail {number % 700}", f"{number} Main St"),
        ("NAD", "SE", ("HARBOR", "", "92"), "", "Harbor Supply Co"),
        ("CUX", ("2", "USD", "4")),
        *lines,
        ("UNS", "S"),
        ("MOA", ("77", f"{number * 7 % 90_000 / 100:.2f}")),
        ("TAX", "7", "VAT", "", "", ("", "", "", "20")),
        ("MOA", ("124", f"{number % 900 / 10:.2f}")),
    ]
    return WrittenMessage(reference=str(number), identifier=INVOIC, segments=segments)


def by_regular_expression(text: str) -> int:
    """Split as is often done: at every separator without a release character in front."""
    count = 0
    for segment in re.split(r"(?<!\?)'", text):
        [re.split(r"(?<!\?):", element) for element in re.split(r"(?<!\?)\+", segment)]
        count += 1
    return count


def by_plain_split(text: str) -> int:
    """Split without any care for release characters: the floor that nobody can use."""
    count = 0
    for segment in text.split("'"):
        [element.split(":") for element in segment.split("+")]
        count += 1
    return count


def by_pydifact(text: str) -> int:
    """Read with pydifact's own interchange, message by message."""
    from pydifact.segmentcollection import Interchange

    return sum(len(message.segments) for message in Interchange.from_str(text).get_messages())


def peers() -> dict[str, Callable[[str], int]]:
    """Give the contestants of reading that are installed."""
    found = {"regular expression split": by_regular_expression, "str.split (wrong)": by_plain_split}
    try:
        import pydifact  # noqa: F401
    except ImportError:
        return found
    return {**found, "pydifact": by_pydifact}


def fastest(work: Callable[[], object], rounds: int) -> float:
    """Give the fewest CPU seconds that some work took."""
    seconds = []
    for _ in range(rounds):
        start = process_time()
        work()
        seconds.append(process_time() - start)
    return min(seconds)


def report(name: str, documents: int, seconds: float, base: float | None = None) -> float:
    """Print one line and give the documents per second."""
    speed = documents / seconds
    ratio = f"{speed / base:8.1f} x" if base else ""
    print(f"{name:34}{speed:12,.0f} documents/s {ratio}")
    return speed


def bench_reading(messages: list[WrittenMessage], rounds: int) -> None:
    data = render_interchange(HEADER, messages)
    small = render_interchange(HEADER, messages[:PEER_DOCUMENTS]).decode("latin-1")
    text = data.decode("latin-1")
    print(f"reading {len(messages):,} INVOIC, {len(data) / 1e6:.2f} MB")
    ours = report("ours, read_messages", len(messages), fastest(lambda: list_all(data), rounds))
    for name, read in peers().items():
        sample = (small, PEER_DOCUMENTS) if name == "pydifact" else (text, len(messages))
        speed = report(name, sample[1], fastest(lambda read=read, sample=sample: read(sample[0]), rounds))
        print(f"{'':34}{ours / speed:12,.1f} times as fast are we")
    report("ours, check_interchanges", len(messages), fastest(lambda: list(check_interchanges(data)), rounds), ours)


def list_all(data: bytes) -> int:
    """Read every message and forget it, as the pipeline does."""
    return sum(len(message.segments) for message in read_messages(data))


def bench_writing(messages: list[WrittenMessage], rounds: int) -> None:
    seconds = fastest(lambda: render_interchange(HEADER, messages), rounds)
    report("ours, render_interchange", len(messages), seconds)
    (checked,) = check_interchanges(render_interchange(HEADER, messages))

    def answer() -> bytes:
        return render_acknowledgment(checked, reference="57", moment=MOMENT, list_accepted=True)

    report("ours, CONTRL listing all", len(messages), fastest(answer, rounds))
    data = answer()
    seconds = fastest(lambda: list(read_acknowledgments(data)), rounds)
    report("ours, reading that CONTRL", len(messages), seconds)


def bench_memory(message: WrittenMessage, documents: int) -> None:
    """Show that memory does not grow with the file."""
    whole = render_interchange(HEADER, [message])
    head, body, tail = whole.partition(b"UNH")[0], whole[whole.index(b"UNH") : whole.index(b"UNZ")], b"UNZ+1+57'"

    def chunks(count: int) -> Iterable[bytes]:
        yield head
        yield from repeat(body, count)
        yield tail

    for count in (documents // 10, documents):
        tracemalloc.start()
        sum(1 for _ in read_messages(chunks(count)))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(f"reading {count * len(body) / 1e6:8.1f} MB from a stream: {peak / 1e6:.2f} MB at most")


def repeat(body: bytes, count: int) -> Iterator[bytes]:
    """Yield the same bytes so often."""
    for _ in range(count):
        yield body


def main(documents: int = 10_000, rounds: int = 5) -> None:
    """Run everything."""
    messages = [invoice(number) for number in range(1, documents + 1)]
    bench_reading(messages, rounds)
    bench_writing(messages, rounds)
    bench_memory(messages[0], documents)


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:3]))
