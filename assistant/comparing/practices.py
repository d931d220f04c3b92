"""What peers do about the same topic or the same problem, counted with its places. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from assistant.comparing.counts import distinct_cases, kinds_by_topic, telling_kinds
from assistant.comparing.wording import pair_share
from assistant.models import Case, Example, Notice, Practice, ProblemMatch

EXAMPLES_AT_MOST = 3
MATCHES_AT_MOST = 5
ALIKE = 0.25
"""Share of common character pairs from which two problems are about one matter."""
SAME_TOPIC_BONUS = 0.1


def peer_practices(
    unit: Notice, peers: Sequence[Notice], extra_topics: Sequence[str]
) -> tuple[Practice, ...]:
    """Give, for each topic of the unit and of `extra_topics`, the kinds of measure peers use.

    A peer counts once however many of its cases use the kind; the denominator is the peers with
    a measured case under the topic.
    """
    mine = kinds_by_topic(unit)
    theirs = [kinds_by_topic(peer) for peer in peers]
    by_id = {case.id: case for peer in peers for case in peer.cases}
    own = {topic for case in unit.cases for topic in case.topics}
    found = []
    for topic in sorted({*own, *extra_topics}):
        having = [kinds[topic] for kinds in theirs if topic in kinds]
        for kind in sorted({kind for kinds in having for kind in kinds}):
            used = [kinds[kind] for kinds in having if kind in kinds]
            case_ids = tuple(case_id for ids in used for case_id in ids)
            examples = _examples(kind, [ids[0] for ids in used], by_id)
            uses = kind in mine.get(topic, {})
            found.append(Practice(topic, kind, len(used), len(having), case_ids, examples, uses))
    return tuple(sorted(found, key=lambda p: (p.topic, -p.peer_count, p.kind)))


def _examples(kind: str, case_ids: Sequence[str], by_id: Mapping[str, Case]) -> tuple[Example, ...]:
    """Give one measure of each of the first peers, the most specific there is."""
    examples = []
    for case_id in case_ids[:EXAMPLES_AT_MOST]:
        fitting = [measure for measure in by_id[case_id].measures if kind in measure.kinds]
        best = min(fitting, key=lambda measure: measure.kinds.index(kind))
        examples.append(Example(case_id, best.text, best.span.line))
    return tuple(examples)


def match_problems(unit: Notice, peers: Sequence[Notice]) -> tuple[ProblemMatch, ...]:
    """Give, for each problem of the unit, the peers' measured cases most like it.

    Likeness is of wording, with a bonus for a common topic; what shares neither is no match.
    """
    offered = [case for peer in peers for case in distinct_cases(peer) if case.measures]
    return tuple(_match(case, offered) for case in distinct_cases(unit))


def _match(case: Case, offered: Sequence[Case]) -> ProblemMatch:
    rated = []
    for other in offered:
        common = bool(set(case.topics) & set(other.topics))
        likeness = pair_share(case.problem, other.problem) + SAME_TOPIC_BONUS * common
        if likeness >= ALIKE:
            rated.append((-likeness, other.id, other))
    best = [other for _, _, other in sorted(rated, key=lambda r: r[:2])[:MATCHES_AT_MOST]]
    kinds = Counter(kind for other in best for kind in telling_kinds(other))
    ordered = tuple(sorted(kinds.items(), key=lambda item: (-item[1], item[0])))
    return ProblemMatch(case.id, tuple(other.id for other in best), ordered)
