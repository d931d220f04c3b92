"""Problem → draft: cases found for it, written by the model or, without one, out of the cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.errors import ModelError, Refused
from assistant.models import Draft, DraftMeasure, Evidence, SearchResult, UnitProfile
from assistant.outgoing.model import OutgoingModel
from assistant.retrieval import Retriever
from assistant.taxonomy.classify import load_taxonomy
from assistant.writing.draft import ExtractiveDraftWriter
from assistant.writing.draft_evidence import evidence_for_draft, topic_filter
from assistant.writing.model_draft import ModelDraftWriter
from assistant.writing.model_measure import ModelMeasureWriter

DRAFT_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a draft may be built on."""

    result: SearchResult
    topics: tuple[str, ...]
    evidence: tuple[Evidence, ...]


def find_grounds(problem: str, retriever: Retriever) -> Grounds:
    """Search twice: whatever is like the problem, and what is like it within its own topics."""
    result = retriever.search(problem, limit=DRAFT_EVIDENCE)
    topics = load_taxonomy().topics_of(problem)
    own = topic_filter(topics)
    on_topic = retriever.search(problem, filters=own, limit=DRAFT_EVIDENCE) if own else None
    return Grounds(result, tuple(topics), tuple(evidence_for_draft(result, on_topic, topics)))


def write_draft(
    problem: str,
    grounds: Grounds,
    *,
    profile: UnitProfile,
    cause: str,
    model: OutgoingModel | None,
    evidence_chars: int,
) -> Draft:
    """Write the draft; a failing model is told in `Draft.notice` and the cases stand in."""
    written = _written(problem, grounds, profile, cause, model=model, room=evidence_chars)
    return replace(written, answerable=grounds.result.answerable)


def _written(
    problem: str,
    grounds: Grounds,
    profile: UnitProfile,
    cause: str,
    *,
    model: OutgoingModel | None,
    room: int,
) -> Draft:
    extractive = ExtractiveDraftWriter()
    topics: Sequence[str] = grounds.topics
    if model is None:
        return extractive.write(
            problem, grounds.evidence, topics=topics, profile=profile, cause=cause
        )
    try:
        writer = ModelDraftWriter(model.to("起草"), evidence_chars=room)
        return writer.write(problem, grounds.evidence, topics=topics, profile=profile, cause=cause)
    except ModelError as error:
        draft = extractive.write(
            problem, grounds.evidence, topics=topics, profile=profile, cause=cause
        )
        return replace(draft, notice=f"{error}。以下为不经模型、直接依据案例拟出的草稿。")


def rewrite_measure(
    draft: Draft,
    place: int,
    instruction: str,
    *,
    profile: UnitProfile,
    model: OutgoingModel | None,
    evidence_chars: int,
) -> DraftMeasure:
    """Have the model write one measure anew as instructed.

    Raises `ModelError`, and `Refused` without a model or for what is not written for anybody.
    """
    if model is None:
        raise Refused("没有配置模型，不能按要求另写", todo="可从相近案例中选用，或直接修改")
    writer = ModelMeasureWriter(model.to("起草"), evidence_chars=evidence_chars)
    return writer.rewrite(draft, place, instruction, profile=profile)
