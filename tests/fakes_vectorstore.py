"""Invented entries and stores of them for the tests of the vector store."""

from __future__ import annotations

from collections.abc import Iterable

from vectorstore.dense import ChromaVectors
from vectorstore.entries import Concepts, Entry
from vectorstore.generation import Generation
from vectorstore.late_vectors import LateVectors
from vectorstore.segment import Segment
from vectorstore.store import Store

SUBJECTS = [
    "党费收缴",
    "合同管理",
    "信访积案",
    "河道保洁",
    "厂房盘活",
    "债务化解",
    "会议记录",
    "接待公函",
]
FAULTS = ["基数不准", "程序缺失", "台账混乱", "进展缓慢", "无人负责"]


def find(text: str) -> Iterable[str]:
    return [subject for subject in SUBJECTS if subject in text]


CONCEPTS = Concepts(find, (("党费收缴", "会费"), ("厂房盘活", "空厂房")))


def make_entries(count: int = 40, *, first: int = 0) -> list[Entry]:
    entries = []
    for number in range(first, first + count):
        subject = SUBJECTS[number % len(SUBJECTS)]
        fault = FAULTS[number // len(SUBJECTS) % len(FAULTS)]
        parts = (f"{subject}{fault}", f"第{number}单位对{subject}逐项核实并建立制度{number}")
        kind = "街道" if number % 2 else "乡镇"
        entries.append(
            Entry(f"n{number % 5}-{number:03d}", "\n".join(parts), parts, {"kind": (kind,)})
        )
    return entries


def digests(entries: Iterable[Entry]) -> dict[str, str]:
    return {entry.id: str(hash((entry.text, entry.parts))) for entry in entries}


def publish(held: Store, entries: list[Entry], *, stamp: str = "1") -> None:
    held.publish(entries, digests(entries), stamp={"revision": stamp})


def opened(held: Store) -> Generation:
    generation = held.current()
    assert generation is not None
    return generation


def late_vectors_of(segment: Segment) -> LateVectors:
    """Give the collection of a segment that has one, opened or not."""
    assert segment._vectors is not None
    return segment._vectors


def vectors_of(segment: Segment) -> ChromaVectors:
    """Give the open collection of a segment."""
    return late_vectors_of(segment).opened()
