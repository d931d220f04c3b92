"""The wired product on a small real world: ingest, search, ask, draft, compare."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.errors import LoadError, NotFound
from assistant.ingesting import expand
from assistant.models import Answerable, IngestState, SearchResult, UnitProfile
from assistant.retrieval import Retriever
from assistant.review import Reviewer
from tests.world import NOTICES, open_reviewer


@pytest.fixture(scope="module")
def reviewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reviewer]:
    opened = open_reviewer(tmp_path_factory.mktemp("home"))
    yield opened
    opened.library.close()


def test_colloquial_words_find_the_official_case(reviewer: Reviewer) -> None:
    result = reviewer.search("我们镇有几个村党费是年底一次性补收的")
    assert "党费" in result.hits[0].case.problem
    assert result.hits[0].reasons


def test_every_citation_stands_at_its_place(reviewer: Reviewer) -> None:
    answer = reviewer.ask("党费收缴不及时一般怎么整改？")
    assert answer.citations
    assert answer.answerable is Answerable.YES
    for citation in answer.citations:
        lines = reviewer.lines(citation.notice_id)
        joined = "\n".join(lines[citation.line - 1 : citation.end_line])
        tail = len(lines[citation.end_line - 1]) - citation.end
        assert joined[citation.start : len(joined) - tail] == citation.quote


def test_a_question_the_library_cannot_answer_is_told_so(reviewer: Reviewer) -> None:
    answer = reviewer.ask("量子纠缠实验室的液氦泄漏怎么处理？")
    assert answer.answerable is not Answerable.YES
    assert "没有找到" in answer.text or "不充分" in answer.text


def test_counting_is_exact_and_lists_its_cases(reviewer: Reviewer) -> None:
    answer = reviewer.ask("有几个单位查出了党费方面的问题？")
    assert "2" in answer.text
    assert {e.notice.id for e in answer.evidence} == {n.id for n in reviewer.notices()}


def test_a_draft_holds_no_figure_or_name_of_another_unit(reviewer: Reviewer) -> None:
    problem = "镇里多个村党费年底一次性补收、基数多年未核"
    draft = reviewer.draft(
        problem, profile=UnitProfile(name="青田镇党委", deadline="2026年9月30日")
    )
    assert draft.problem == problem
    assert any(measure.evidence for measure in draft.measures)
    whole = "".join(measure.text for measure in draft.measures)
    for foreign in ("石门", "云禾", "8.6", "23份", "3名"):
        assert foreign not in whole
    assert not [f for f in draft.findings if f.rule in ("R15", "R16", "R17", "R22")]


def test_a_follow_up_keeps_the_thread(reviewer: Reviewer) -> None:
    first = reviewer.ask("党费收缴不及时怎么整改？")
    second = reviewer.ask("那追责了吗？", history=(first,))
    assert "党费" in second.rewritten
    assert "党费" in second.evidence[0].case.problem


def test_stopping_keeps_what_had_arrived(reviewer: Reviewer) -> None:
    stream = reviewer.stream_answer("党费收缴不及时怎么整改？")
    pieces = iter(stream)
    first = next(pieces)
    stream.stop()
    assert list(pieces) == []
    assert stream.answer.text.startswith(first.strip()[:5])
    assert "已停止" in stream.answer.notice


def test_units_of_different_type_compare_only_when_chosen(reviewer: Reviewer) -> None:
    street, town = sorted(reviewer.notices(), key=lambda n: n.unit_type)
    assert reviewer.compare(street.id).peers == ()
    comparison = reviewer.compare(street.id, peer_ids=(town.id,))
    assert comparison.peers[0].notice.id == town.id
    assert any("样本不足" in note for note in comparison.notes)
    with pytest.raises(NotFound, match="没有这份通报"):
        reviewer.compare(street.id, peer_ids=(town.id, "ffffffff"))


def test_ingesting_again_changes_nothing_and_bad_files_do_not_stop_the_rest(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "in"
    folder.mkdir()
    opened = open_reviewer(home, filled=False)
    (folder / "空.txt").write_bytes(b"")
    (folder / "乱.docx").write_bytes(b"\x00\x01\x02 not a document")
    for notice in NOTICES:
        (folder / notice.name).write_bytes(notice.read_bytes())
    results = {r.source: r for r in opened.ingest([folder])}
    assert results["空.txt"].state is IngestState.FAILED
    assert results["乱.docx"].state is IngestState.FAILED
    assert "空.txt" in results["空.txt"].message
    assert len(opened.notices()) == 2
    revision = opened.overview().revision
    again = {r.source: r.state for r in opened.ingest([folder])}
    assert again["yunhe_street.txt"] is IngestState.UNCHANGED
    assert opened.overview().revision == revision
    opened.library.close()


def test_many_files_are_read_in_parallel_with_progress(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    text = NOTICES[0].read_text(encoding="utf-8")
    for number in range(9):
        (folder / f"{number}.txt").write_text(
            text.replace("云禾", f"云{number}禾"), encoding="utf-8"
        )
    opened = open_reviewer(tmp_path / "home", filled=False)
    seen: list[tuple[int, int]] = []
    results = opened.ingest(
        [folder], on_progress=lambda done, total, _r: seen.append((done, total))
    )
    assert [r.state for r in results] == [IngestState.ADDED] * 9
    assert seen == [(n, 9) for n in range(1, 10)]
    opened.library.close()


def test_ingest_stops_between_files_and_goes_on_later(tmp_path: Path) -> None:
    opened = open_reviewer(tmp_path / "home", filled=False)
    done: list[str] = []
    opened.ingest(
        list(NOTICES),
        on_progress=lambda _d, _t, r: done.append(r.source),
        should_stop=lambda: len(done) == 1,
    )
    assert len(opened.notices()) == 1
    opened.ingest(list(NOTICES))
    assert len(opened.notices()) == 2
    opened.library.close()


def test_a_removed_notice_is_found_no_more(tmp_path: Path) -> None:
    opened = open_reviewer(tmp_path / "home")
    town = next(n for n in opened.notices() if n.unit_type == "乡镇")
    opened.remove(town.id)
    assert {h.notice.id for h in opened.search("党费", limit=20).hits} == {
        n.id for n in opened.notices()
    }
    opened.library.close()


def test_a_notice_replaced_while_a_question_is_looked_up_fails_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reviewer = open_reviewer(tmp_path)
    search, question = Retriever.search, "党费收缴不及时一般怎么整改？"
    cited = reviewer.ask(question).evidence[0].notice.id

    def replaced_meanwhile(retriever: Retriever, query: str, **more: Any) -> SearchResult:
        found = search(retriever, query, **more)
        if any(hit.notice.id == cited for hit in found.hits):
            reviewer.library.remove(cited)
        return found

    monkeypatch.setattr(Retriever, "search", replaced_meanwhile)
    answer = reviewer.ask(question)
    assert answer.text
    assert cited not in {item.notice.id for item in answer.evidence}
    reviewer.library.close()


def test_a_notice_replaced_while_an_answer_is_written_is_still_quoted(tmp_path: Path) -> None:
    reviewer = open_reviewer(tmp_path)
    stream = reviewer.stream_answer("党费收缴不及时一般怎么整改？")
    pieces = iter(stream)
    next(pieces)
    for notice in reviewer.notices():
        reviewer.library.remove(notice.id)
    list(pieces)
    assert stream.answer.citations
    reviewer.library.close()


def test_an_empty_library_answers_honestly(tmp_path: Path) -> None:
    opened = open_reviewer(tmp_path / "home", filled=False)
    answer = opened.ask("党费少缴怎么改？")
    assert answer.answerable is Answerable.NO
    draft = opened.draft("党费少缴")
    assert draft.measures
    assert all(measure.evidence == () for measure in draft.measures)
    opened.library.close()


def test_a_missing_path_and_an_empty_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="找不到"):
        expand([tmp_path / "不存在"])
    with pytest.raises(LoadError, match="没有可读的文件"):
        expand([tmp_path])
