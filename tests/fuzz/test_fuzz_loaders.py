"""Whatever is done to a file: a document or a named refusal, soon, and nothing else."""

from __future__ import annotations

import random
import time
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import LoadError
from assistant.loading import rich_text, word_binary
from assistant.loading.content import Reader
from assistant.loading.limits import Limits
from assistant.loading.load import load_bytes
from tests.fuzz.seeds import binary_seeds, mangle, mangle_member, seeds

pytestmark = pytest.mark.slow

EXAMPLES = 25
LIMITS = Limits(seconds=5)
LONGEST_S = LIMITS.seconds + 60
"""Of the clock, for a reader that was ended is started anew on a machine with other work."""
OLD: dict[str, Reader] = {"rtf": rich_text.read, "doc": word_binary.read}
ZIPS = ("docx", "xlsx", "ods", "ofd")


def _load(name: str, content: bytes) -> None:
    start = time.monotonic()
    document = None
    with suppress(LoadError):
        document = load_bytes(name, content, limits=LIMITS)
    if document is not None:
        assert document.lines
        assert all("\n" not in line for line in document.lines)
        for table in document.tables:
            assert 1 <= table.first_line <= len(document.lines)
    assert time.monotonic() - start < LONGEST_S


@pytest.mark.parametrize("kind", sorted(seeds().keys() - {"rtf"}))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), times=st.integers(1, 40))
def test_mangled_bytes_give_a_document_or_a_named_refusal(kind: str, seed: int, times: int) -> None:
    _load(f"来件.{kind}", mangle(seeds()[kind], random.Random(seed), times=times))


@pytest.mark.parametrize("kind", ZIPS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), times=st.integers(1, 20))
def test_a_mangled_part_of_a_sound_container_gives_a_document_or_a_named_refusal(
    kind: str, seed: int, times: int
) -> None:
    _load(f"来件.{kind}", mangle_member(seeds()[kind], random.Random(seed), times=times))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), times=st.integers(1, 40))
def test_a_mangled_xls_costs_the_reading_process_at_most(seed: int, times: int) -> None:
    """Its reader is not ours and panics: the process goes, the user is told of a broken file."""
    start = binary_seeds().get("xls")
    if start is None:
        pytest.skip("LibreOffice makes the first file, and is not installed")
    _load("来件.xls", mangle(start, random.Random(seed), times=times))


@pytest.mark.parametrize("kind", ["rtf", "doc"])
@settings(max_examples=5 * EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), times=st.integers(1, 40))
def test_mangled_old_formats_end_in_what_the_reading_process_can_name(
    kind: str, seed: int, times: int
) -> None:
    """Our own readers, here without the converter that stands before them where installed."""
    start = {**seeds(), **binary_seeds()}.get(kind)
    if start is None:
        pytest.skip("LibreOffice makes the first file, and is not installed")
    began = time.thread_time()
    with suppress(LoadError):
        OLD[kind](mangle(start, random.Random(seed), times=times), kind, LIMITS)
    assert time.thread_time() - began < LIMITS.seconds + 6


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    head=st.sampled_from([content[:64] for kind, content in seeds().items() if kind != "rtf"]),
    rest=st.binary(max_size=400),
    suffix=st.sampled_from(["txt", "docx", "html", "csv", "pdf", ""]),
)
def test_a_beginning_alone_is_never_believed(head: bytes, rest: bytes, suffix: str) -> None:
    _load(f"来件.{suffix}", head + rest)
