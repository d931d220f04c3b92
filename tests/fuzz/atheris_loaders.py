"""Coverage-guided fuzzing of one reader or of the parser, by atheris.

    python -m tests.fuzz.atheris_loaders docx -max_total_time=600

Runs in this process, without the guard of the reading processes, so that an exception nobody
named is a find even where a user would only see “文件可能已损坏”. Options after the target are
libFuzzer's. A find is written to `crash-…` in the current folder and, once mended, belongs into
`tests/fuzz/regressions.py`.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["assistant", "openpyxl", "olefile"]):
    from assistant.cleaning import normalise
    from assistant.errors import AssistantError, LoadError
    from assistant.facts import find_facts
    from assistant.loading import docx, html, ofd, pdf, rich_text, sheet, text, word_binary
    from assistant.loading.limits import Limits
    from assistant.loading.sniff import sniff
    from assistant.models import Document
    from assistant.outgoing.masking import MaskTable
    from assistant.parsing.feedback import find_problems
    from assistant.parsing.parse import parse_document

from tests.fuzz.seeds import binary_seeds, mangle, seeds

LIMITS = Limits(seconds=5, unzipped=20 << 20)
NAMED = (LoadError, MemoryError, RecursionError)
"""What the reading process turns into a sentence."""
ZIPS = frozenset({"docx", "xlsx", "ods", "ofd"})


def _reads(kind: str, read: Callable[..., object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            read(data, kind, LIMITS)
        except NAMED:
            return

    return run


def _sniffs(data: bytes) -> None:
    for name in ("a.txt", "a.html", "a"):
        try:
            sniff(name, data)
        except LoadError:
            continue


def _parses(data: bytes) -> None:
    lines = tuple(line for line in data.decode("utf-8", "replace").split("\n") if line.strip())
    document = Document("a.txt", "0" * 64, "txt", lines, (), ())
    for work in (parse_document, find_problems):
        try:
            work(document)
        except AssistantError:
            continue


def _masks(data: bytes) -> None:
    words = data.decode("utf-8", "replace")
    table = MaskTable(avoid=words)
    if table.restore(table.mask(words)) != words:
        raise AssertionError("not restored")
    if any(words[fact.start : fact.end] != fact.text for fact in find_facts(words)):
        raise AssertionError("a fact elsewhere")
    normalise(words)


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "sniff": _sniffs,
    "parser": _parses,
    "masking": _masks,
    "txt": _reads("txt", text.read),
    "csv": _reads("csv", sheet.read),
    "docx": _reads("docx", docx.read),
    "xlsx": _reads("xlsx", sheet.read),
    "xls": _reads("xls", sheet.read),
    "ods": _reads("ods", sheet.read),
    "ofd": _reads("ofd", ofd.read),
    "pdf": _reads("pdf", pdf.read),
    "html": _reads("html", html.read),
    "mht": _reads("mht", html.read),
    "rtf": _reads("rtf", rich_text.read),
    "doc": _reads("doc", word_binary.read),
}


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    chance = random.Random(seed)
    if chance.random() < 0.3:
        return mangle(data, chance, times=chance.randrange(1, 8))[:max_size]
    return bytes(atheris.Mutate(data, max_size))


def _mutate_zip(data: bytes, max_size: int, seed: int) -> bytes:
    """Change one file inside the container; a broken container is seen soon enough by itself."""
    chance = random.Random(seed)
    stream = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(data)) as old,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
        ):
            names = old.namelist()
            chosen = chance.choice(names)
            for name in names:
                part = old.read(name)
                new.writestr(name, _mutate(part, 1 << 16, seed) if name == chosen else part)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, IndexError, EOFError):
        return _mutate(data, max_size, seed)
    changed = stream.getvalue()
    return changed if len(changed) <= max_size else data


def main() -> None:
    """Fuzz the target named first."""
    target = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if target not in TARGETS:
        sys.exit(f"usage: python -m tests.fuzz.atheris_loaders {'|'.join(TARGETS)} [options]")
    first = seeds() if target not in ("doc", "xls") else {**seeds(), **binary_seeds()}
    start = first.get(target, seeds()["txt"])
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (first if target == "sniff" else {target: start}).items():
            Path(folder, name).write_bytes(content)
        longest = 4_000 if target in ("parser", "masking") else 65_536
        options = [*sys.argv, f"-max_len={longest}", "-timeout=10", "-rss_limit_mb=2000", folder]
        mutator = _mutate_zip if target in ZIPS else _mutate
        atheris.Setup(options, TARGETS[target], custom_mutator=mutator)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
