"""Plain text: encodings, line numbers, hard-wrapped text, binary junk."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import EmptyFile, LoadError, TooLarge, UnsupportedFormat
from assistant.loading.limits import Limits
from assistant.loading.load import load_bytes
from tests.fakes_loading import PARAGRAPHS

TEXT = "\n\n".join(f"　　{line}" for line in PARAGRAPHS) + "\n"
ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_text_reads_the_same_in_every_encoding(encoding: str) -> None:
    document = load_bytes("通报.txt", TEXT.encode(encoding))
    assert document.lines == tuple(TEXT.split("\n")[:-1])
    assert document.format == "txt"
    assert document.warnings == ()


@pytest.mark.parametrize("word", ["联通", "巡察整改", "党建", "移动", "整改"])
@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_a_few_characters_are_enough_to_tell_the_encoding(word: str, encoding: str) -> None:
    assert load_bytes("词.txt", word.encode(encoding)).lines == (word,)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_numbers_are_those_of_the_file(newline: str) -> None:
    text = newline.join(["第一行", "", "  第三行  ", "\t", "第五行"])
    assert load_bytes("a.txt", text.encode()).lines == ("第一行", "", "  第三行  ", "\t", "第五行")


def test_unusual_separators_do_not_make_new_lines() -> None:
    lines = load_bytes("a.txt", "甲\u2028乙\x0b丙\x0c丁\x85戊\n己".encode()).lines
    assert lines == ("甲\u2028乙\x0b丙\x0c丁\x85戊", "己")


def test_one_bad_byte_does_not_turn_utf8_into_gibberish() -> None:
    content = TEXT.encode().replace("部署".encode(), b"\xe9\x83", 1)
    document = load_bytes("a.txt", content)
    assert TEXT.split("\n")[0] == document.lines[0]
    assert "个别字节" in document.warnings[0]


def test_one_bad_byte_does_not_stop_gb18030() -> None:
    document = load_bytes("a.txt", TEXT.encode("gb18030") + b"\xff\xff\xff")
    assert document.lines[0] == "　　" + PARAGRAPHS[0]
    assert document.warnings


def _wrapped(width: int) -> str:
    lines = []
    for text in PARAGRAPHS * 2:
        text = "　　" + text
        lines += [text[i : i + width] for i in range(0, len(text), width)]
    return "\n".join(lines)


@pytest.mark.parametrize("width", [24, 32, 40])
def test_hard_wrapped_text_is_joined_and_says_so(width: int) -> None:
    document = load_bytes("a.txt", _wrapped(width).encode("gb18030"))
    assert [line.strip() for line in document.lines] == list(PARAGRAPHS * 2)
    assert "折行" in document.warnings[0]


def test_lines_an_author_ended_are_never_joined() -> None:
    lines = [f"{n:02d}号村已经完成公开栏核对并补齐账目共{n:02d}笔。" for n in range(10, 60)]
    document = load_bytes("a.txt", "\n".join(lines).encode())
    assert document.lines == tuple(lines)


def test_a_list_of_equally_long_names_stays_a_list() -> None:
    lines = ["青禾镇", "白石乡", "红岭乡", "大河镇"] * 10
    assert load_bytes("a.txt", "\n".join(lines).encode()).lines == tuple(lines)


@pytest.mark.parametrize("content", [b"", b"\n\n  \n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 50])
def test_a_file_without_text_is_empty(content: bytes) -> None:
    with pytest.raises(EmptyFile, match=r"空白\.txt"):
        load_bytes("空白.txt", content)


def test_binary_junk_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedFormat, match=r"杂\.txt"):
        load_bytes("杂.txt", bytes(range(256)) * 40)


def test_too_many_characters_are_refused() -> None:
    with pytest.raises(TooLarge, match="万字"):
        load_bytes("a.txt", ("整改" * 20_000).encode(), limits=Limits(characters=30_000))


def test_too_many_bytes_are_refused() -> None:
    with pytest.raises(TooLarge, match="MB"):
        load_bytes("a.txt", b"x" * (2 << 20), limits=Limits(bytes=1 << 20))


def test_a_single_huge_line_loads() -> None:
    assert len(load_bytes("a.txt", ("整改" * 200_000).encode()).lines) == 1


def test_lines_can_always_be_encoded() -> None:
    document = load_bytes("a.txt", "甲".encode("utf-16") + b"\x00\xd8" + "乙".encode("utf-16-le"))
    assert "".join(document.lines).encode()


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_lines_or_a_named_error(content: bytes) -> None:
    try:
        document = load_bytes("随机.txt", content.lstrip(b"%P{<\xd0"))
    except LoadError as error:
        message = str(error)
    else:
        message = "随机.txt" if "".join(document.lines).encode() else ""
    assert "随机.txt" in message


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).filter(str.strip))
def test_utf8_text_survives_unchanged(text: str) -> None:
    if text.lstrip("\ufeff").strip() and not text.startswith(("<", "{\\rt", "\ufeff")):
        try:
            document = load_bytes("a.txt", text.encode())
        except LoadError:
            return
        assert document.lines == tuple(text.split("\n"))


def test_random_files_never_crash() -> None:
    for seed in range(20):
        try:
            load_bytes("a", os.urandom(50 + seed * 37))
        except LoadError:
            continue
