"""The JSON of the command line: keys are a contract with other programs. Pure."""

from __future__ import annotations

from dataclasses import asdict

from assistant.models import (
    Answer,
    Answerable,
    Citation,
    Comparison,
    Draft,
    DraftRecord,
    Evidence,
    Finding,
    Gap,
    Hit,
    IngestResult,
    Notice,
    SearchResult,
)

Json = dict[str, object]


def search_json(result: SearchResult) -> Json:
    """Give a search result; `answerable` is false only where nothing in the library answers."""
    return {
        "query": result.query,
        "answerable": result.answerable is not Answerable.NO,
        "band": str(result.answerable),
        "confidence": round(result.confidence, 4),
        "results": [hit_json(hit) for hit in result.hits],
    }


def hit_json(hit: Hit) -> Json:
    """Give one case found."""
    case, notice = hit.case, hit.notice
    return {
        "case_id": case.id,
        "notice_id": notice.id,
        "source": notice.source,
        "line": case.line,
        "end_line": case.end_line,
        "unit": notice.unit,
        "unit_type": notice.unit_type,
        "inspection": notice.inspection,
        "problem": case.problem,
        "category": list(case.category),
        "topics": list(case.topics),
        "status_class": case.status_class,
        "score": round(hit.score, 4),
        "reasons": list(hit.reasons),
        "similar": list(hit.similar),
    }


def citation_json(citation: Citation) -> Json:
    """Give one citation."""
    return {
        "number": citation.number,
        "case_id": citation.case_id,
        "source": citation.source,
        "line": citation.line,
        "end_line": citation.end_line,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def evidence_json(evidence: Evidence) -> Json:
    """Give one case shown to a writer, with its measures."""
    case, notice = evidence.case, evidence.notice
    return {
        "number": evidence.number,
        "case_id": case.id,
        "source": notice.source,
        "line": case.line,
        "end_line": case.end_line,
        "unit": notice.unit,
        "problem": case.problem,
        "measures": [measure.text for measure in case.measures],
        "status_class": case.status_class,
        "score": round(evidence.score, 4),
    }


def finding_json(finding: Finding) -> Json:
    """Give one finding; `span` is where it stands in the part named by `where`."""
    return {
        "rule": finding.rule,
        "level": finding.level,
        "message": finding.message,
        "where": finding.where,
        "span": [finding.start, finding.end],
        "fix": finding.fix,
    }


def answer_json(answer: Answer) -> Json:
    """Give an answer with its citations."""
    return {
        "question": answer.question,
        "rewritten": answer.rewritten,
        "answer": answer.text,
        "citations": [citation_json(citation) for citation in answer.citations],
        "unsupported": list(answer.unsupported),
        "answerable": answer.answerable is not Answerable.NO,
        "band": str(answer.answerable),
        "evidence": [evidence_json(evidence) for evidence in answer.evidence],
        "findings": [finding_json(finding) for finding in answer.findings],
        "followups": list(answer.followups),
        "model": answer.model,
        "notice": answer.notice,
    }


def record_json(record: DraftRecord) -> Json:
    """A stored draft: its place in the office's work, then what is written."""
    return {
        "id": record.id,
        "problem": record.problem,
        "state": record.state,
        "owner": record.owner,
        "version": record.version,
        "updated": record.updated,
        "draft": draft_json(record.draft) if record.draft is not None else None,
    }


def draft_json(draft: Draft) -> Json:
    """Give a draft with its findings and what only the user can fill in."""
    return {
        "problem": draft.problem,
        "topics": list(draft.topics),
        "cause": draft.cause,
        "goal": draft.goal,
        "measures": [
            {
                "text": measure.text,
                "kind": measure.kind,
                "step": measure.step,
                "evidence": list(measure.evidence),
                "responsible": measure.responsible,
                "deadline": measure.deadline,
                "deliverable": measure.deliverable,
                "used_by": measure.used_by,
            }
            for measure in draft.measures
        ],
        "findings": [finding_json(finding) for finding in draft.findings],
        "evidence": [evidence_json(evidence) for evidence in draft.evidence],
        "placeholders": list(draft.placeholders),
        "answerable": draft.answerable is not Answerable.NO,
        "band": str(draft.answerable),
        "model": draft.model,
        "notice": draft.notice,
    }


def notice_head_json(notice: Notice) -> Json:
    """Give a notice without its cases, for lists."""
    return {
        "id": notice.id,
        "source": notice.source,
        "title": notice.title,
        "unit": notice.unit,
        "unit_type": notice.unit_type,
        "unit_level": notice.unit_level,
        "inspection": notice.inspection,
        "team": notice.team,
        "feedback_date": notice.feedback_date.raw if notice.feedback_date else None,
        "start_line": notice.start_line,
        "end_line": notice.end_line,
        "cases": len(notice.cases),
    }


def comparison_json(comparison: Comparison) -> Json:
    """Give a comparison; cells list the ids of their cases."""
    return {
        "unit": notice_head_json(comparison.unit),
        "peers": [
            {
                **notice_head_json(peer.notice),
                "similarity": peer.similarity,
                "reason": peer.reason,
            }
            for peer in comparison.peers
        ],
        "basis": comparison.basis,
        "matrix": [
            {
                "topic": row.topic,
                "unit": {"count": row.unit.count, "cases": list(row.unit.case_ids)},
                "peers": {
                    notice_id: {"count": cell.count, "cases": list(cell.case_ids)}
                    for notice_id, cell in row.peers
                },
            }
            for row in comparison.matrix
        ],
        "gaps": [_gap_json(gap) for gap in comparison.gaps],
        "measure_gaps": [_gap_json(gap) for gap in comparison.measure_gaps],
        "self_check": [
            {"topic": item.topic, "question": item.question, "cases": list(item.case_ids)}
            for item in comparison.self_check
        ],
        "progress": [
            {
                "notice_id": row.notice_id,
                "cases": row.cases,
                "statuses": dict(row.statuses),
                "stated": [asdict(count) for count in row.stated],
            }
            for row in comparison.progress
        ],
        "practices": [asdict(practice) for practice in comparison.practices],
        "problem_matches": [
            {
                "case_id": match.case_id,
                "matches": list(match.matches),
                "kinds": dict(match.kinds),
            }
            for match in comparison.problem_matches
        ],
        "repeats": [asdict(repeat) for repeat in comparison.repeats],
        "overlaps": [
            {
                "notice_id": overlap.notice_id,
                "share": overlap.share,
                "grams": overlap.grams,
                "samples": [
                    {"text": text, "unit_case": mine, "peer_case": theirs}
                    for text, mine, theirs in overlap.samples
                ],
            }
            for overlap in comparison.overlaps
        ],
        "completion": [asdict(row) for row in comparison.completion],
        "notes": list(comparison.notes),
    }


def _gap_json(gap: Gap) -> Json:
    return {
        "topic": gap.topic,
        "kind": gap.kind,
        "peer_count": gap.peer_count,
        "peer_total": gap.peer_total,
        "cases": list(gap.case_ids),
        "message": gap.message,
    }


def ingest_json(result: IngestResult) -> Json:
    """Give what became of one file."""
    return {
        "source": result.source,
        "state": str(result.state),
        "notices": result.notices,
        "cases": result.cases,
        "message": result.message,
    }
