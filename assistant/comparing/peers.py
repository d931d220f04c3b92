"""Which notices a unit is compared with, and why. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from assistant.comparing.counts import topic_counts
from assistant.models import Notice, Peer

PEERS_AT_MOST = 6
LEVELS = ("村社区", "乡镇街道", "县区", "市", "省", "中央")
COMPARABLE_YEARS = 3


def similarity(unit: Notice, other: Notice) -> tuple[float, str]:
    """Give how comparable two notices are, 0…1, and why in words.

    Same type weighs most; then level (one step apart still counts half), 巡察 or 巡视, feedback
    within three years, and the likeness of their topics (cosine).
    """
    return rated(unit, other, topic_counts(unit), topic_counts(other))


def rated(
    unit: Notice, other: Notice, mine: Counter[str], theirs: Counter[str]
) -> tuple[float, str]:
    """Give the similarity of two notices whose topics were counted already."""
    score, reasons = 0.0, []
    if unit.unit_type == other.unit_type:
        score += 0.5
        reasons.append(f"同为{unit.unit_type}")
    else:
        reasons.append(f"类型不同（{other.unit_type}），仅供参考")
    apart = _levels_apart(unit, other)
    if apart is not None and apart <= 1:
        score += 0.15 if apart == 0 else 0.075
        reasons.append("层级相同" if apart == 0 else "层级相邻")
    if unit.inspection and unit.inspection == other.inspection:
        score += 0.1
        reasons.append(f"同为{unit.inspection}")
    years = _years_apart(unit, other)
    if years is not None and years <= COMPARABLE_YEARS:
        score += 0.1
        reasons.append(f"反馈时间相差{years}年" if years else "同年反馈")
    alike = _cosine(mine, theirs)
    score += 0.15 * alike
    reasons.append(f"主题相近度{alike:.0%}")
    return round(min(score, 1.0), 3), "，".join(reasons)


def choose_peers(
    unit: Notice, others: Sequence[Notice], peer_ids: Sequence[str]
) -> tuple[Peer, ...]:
    """Give the notices `peer_ids` names, else the most comparable of the same unit type."""
    offered = [other for other in others if other.id != unit.id and other.cases]
    if peer_ids:
        mine = topic_counts(unit)
        by_id = {other.id: other for other in offered}
        chosen = [by_id[i] for i in dict.fromkeys(peer_ids) if i in by_id]
        return tuple(
            Peer(other, *rated(unit, other, mine, topic_counts(other))) for other in chosen
        )
    alike = [other for other in offered if other.unit_type == unit.unit_type]
    return best_of(unit, ((other, topic_counts(other)) for other in alike))


def best_of(unit: Notice, offered: Iterable[tuple[Notice, Counter[str]]]) -> tuple[Peer, ...]:
    """Give the most comparable of some notices, offered with their topics counted."""
    mine = topic_counts(unit)
    peers = [Peer(other, *rated(unit, other, mine, theirs)) for other, theirs in offered]
    return tuple(sorted(peers, key=lambda p: (-p.similarity, p.notice.id))[:PEERS_AT_MOST])


def _levels_apart(unit: Notice, other: Notice) -> int | None:
    if unit.unit_level not in LEVELS or other.unit_level not in LEVELS:
        return None
    return abs(LEVELS.index(unit.unit_level) - LEVELS.index(other.unit_level))


def feedback_year(notice: Notice) -> int | None:
    """Give the year of feedback, else of publication; `None` where both are masked."""
    for date in (notice.feedback_date, notice.published_date):
        if date and date.iso:
            return int(date.iso[:4])
    return None


def _years_apart(unit: Notice, other: Notice) -> int | None:
    mine, theirs = feedback_year(unit), feedback_year(other)
    return None if mine is None or theirs is None else abs(mine - theirs)


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    dot = sum(a[key] * b[key] for key in a.keys() & b.keys())
    norm = math.sqrt(sum(v * v for v in a.values()) * sum(v * v for v in b.values()))
    return dot / norm if norm else 0.0
