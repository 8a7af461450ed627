"""Fuzz one parser with atheris: `python -m tests.fuzzing x12|edifact FOLDER SECONDS`.

Each input goes the whole way: read, judged, answered, the answer read back and judged. Whatever leaves it but the
declared errors, takes more than ten seconds or a gigabyte, is written to FOLDER and fails the run. The folder's corpus
is kept, so that the next run goes on where this one ended.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["edi_app"]):
    from edi_app.edifact import EdifactUnreadable, Rules, Unknown
    from tests.edi_app.edifact import test_fuzz as edifact
    from tests.edi_app.x12 import test_reader_fuzz as x12

LONGEST = 8_192


def fuzz_x12(data: bytes) -> None:
    """Take bytes as X12."""
    x12.read_everything(data)


def fuzz_edifact(data: bytes) -> None:
    """Take bytes as EDIFACT, under the rules that the last byte chooses."""
    unknown = Unknown.ACCEPT if data[-1:] > b"m" else Unknown.REJECT
    try:
        edifact.follow_up(data, Rules(unknown=unknown))
    except EdifactUnreadable:
        return


TARGETS = {
    "x12": (fuzz_x12, list(x12.WHOLE.values()), x12.BITS),
    "edifact": (fuzz_edifact, edifact.SEEDS, edifact.TOKENS),
}


def main(name: str, folder: str, seconds: str) -> None:
    """Run one target from its seeds and words for so many seconds."""
    target, seeds, words = TARGETS[name]
    home = Path(folder) / name
    corpus = home / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    escaped = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    (home / "words").write_text("".join(f'"{word}"\n' for word in escaped))
    limits = [f"-max_len={LONGEST}", "-timeout=10", "-rss_limit_mb=1024", f"-max_total_time={seconds}"]
    paths = [f"-dict={home / 'words'}", f"-artifact_prefix={home}/", str(corpus)]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", *paths], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:4])
