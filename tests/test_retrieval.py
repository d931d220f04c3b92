"""Searching: spread over notices, twins folded, reasons given, filters offered but not applied."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml

from assistant import indexing
from assistant.indexing import GENERAL_SHARE, CaseIndex, domain_concepts
from assistant.models import Answerable, Filters, Notice
from assistant.query_filters import suggest_filters, without_filters
from assistant.retrieval import Retriever, told
from assistant.taxonomy.thesaurus import GENERAL, load_thesaurus
from tests.fakes_retrieval import NOTICES, FakeLibrary, make_notice
from vectorstore.errors import EmbeddingFailed

QUESTIONS = Path(__file__).with_name("data")


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    library = FakeLibrary(NOTICES)
    index = CaseIndex(tmp_path_factory.mktemp("home"), library)
    index.reconcile()
    return Retriever(library, index)


def search_in(home: Path, library: FakeLibrary) -> Retriever:
    """Build with a part of the thesaurus: these tests look at no quality."""
    groups = load_thesaurus()[:80]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "load_thesaurus", lambda: groups)
        index = CaseIndex(home, library)
        index.reconcile()
    return Retriever(library, index)


@pytest.mark.parametrize(
    ("query", "case"),
    [
        ("党费基数没核准", "a1a1a1a1-01"),
        ("村里的承包合同乱", "a1a1a1a1-02"),
        ("物业不管事", "b2b2b2b2-01"),
        ("空着的厂房怎么用起来", "c3c3c3c3-02"),
        ("招待客人没有公函", "d4d4d4d4-01"),
        ("替民企担保要还钱", "d4d4d4d4-03"),
    ],
)
def test_the_same_problem_in_other_words_is_found(
    retriever: Retriever, query: str, case: str
) -> None:
    assert case in [hit.case.id for hit in retriever.search(query).hits[:3]]


def test_hits_come_best_first_and_no_more_than_asked(retriever: Retriever) -> None:
    hits = retriever.search("党费收缴", limit=5).hits
    assert len(hits) == 5
    assert hits[0].case.id == "a1a1a1a1-01"
    assert hits[0].notice.id == "a1a1a1a1"


def test_a_hit_says_which_words_matched(retriever: Retriever) -> None:
    hit = retriever.search("党费收缴").hits[0]
    assert any("党费" in reason for reason in hit.reasons)
    assert len(hit.reasons) <= 5
    assert not set(hit.reasons) & {"问题", "整改", "怎么"}


def test_an_empty_question_or_library_finds_nothing(home: Path, retriever: Retriever) -> None:
    assert retriever.search("  ").hits == ()
    assert retriever.search("  ").answerable is Answerable.NO
    assert search_in(home, FakeLibrary()).search("党费").hits == ()


@pytest.mark.parametrize(
    ("filters", "owners"),
    [
        (Filters(unit_types=("街道",)), {"b2b2b2b2"}),
        (Filters(inspections=("巡视",)), {"c3c3c3c3"}),
        (Filters(years=(2023, 2022)), {"b2b2b2b2", "c3c3c3c3"}),
        (Filters(notice_ids=("d4d4d4d4",)), {"d4d4d4d4"}),
        (Filters(unit_types=("乡镇",), statuses=("完成",)), {"a1a1a1a1"}),
        (Filters(topics=("T19",)), {"a1a1a1a1"}),
        (Filters(unit_types=("学校医院",)), set()),
    ],
)
def test_filters_hold_for_every_hit(
    retriever: Retriever, filters: Filters, owners: set[str]
) -> None:
    hits = retriever.search("管理不规范", filters=filters, limit=20).hits
    assert {hit.notice.id for hit in hits} == owners


def test_filters_read_from_the_question_are_offered_not_applied(retriever: Retriever) -> None:
    result = retriever.search("哪些街道的党费有问题", limit=10)
    assert result.suggested.unit_types == ("街道",)
    assert len({hit.notice.unit_type for hit in result.hits}) > 1


def test_one_notice_does_not_fill_the_page_while_others_have_something(home: Path) -> None:
    many = make_notice(
        "e5e5e5e5",
        "松岭乡党委",
        "乡镇",
        [(f"党费收缴第{n}支部不及时", [f"第{n}支部核定基数并补缴差额。"], None) for n in range(12)],
    )
    hits = search_in(home, FakeLibrary([*NOTICES, many])).search("党费收缴", limit=10).hits
    owners = [hit.notice.id for hit in hits]
    assert len(hits) == 10
    assert owners[:5].count("e5e5e5e5") <= 4
    assert "a1a1a1a1" in owners


def test_places_left_free_by_the_cap_are_filled(home: Path) -> None:
    only = make_notice(
        "e5e5e5e5",
        "松岭乡党委",
        "乡镇",
        [
            (f"党费收缴第{n}支部不及时", [f"整治{'甲乙丙丁戊己庚辛'[n]}事项{n * 137}"], None)
            for n in range(8)
        ],
    )
    assert len(search_in(home, FakeLibrary([only])).search("党费", limit=8).hits) == 8


def test_a_case_printed_twice_is_shown_once(home: Path) -> None:
    item = ("党费收缴基数核定不准", ["重新核定全镇党员党费基数，补缴差额并登记台账。"], None)
    twice = make_notice("e5e5e5e5", "松岭乡党委", "乡镇", [item, item])
    hits = search_in(home, FakeLibrary([*NOTICES, twice])).search("党费基数核定").hits
    shown = [hit for hit in hits if hit.case.problem == item[0]]
    assert len(shown) == 1
    assert len(shown[0].similar) == 2


def test_a_case_removed_since_the_index_was_built_is_left_out(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    retriever = search_in(home, library)
    library.remove("a1a1a1a1")
    assert all(hit.notice.id != "a1a1a1a1" for hit in retriever.search("党费收缴").hits)


def test_a_removed_case_makes_room_for_the_next(home: Path) -> None:
    library = FakeLibrary(NOTICES)
    retriever = search_in(home, library)
    before = [hit.case.id for hit in retriever.search("党费基数没核准", limit=3).hits]
    library.remove(before[0].partition("-")[0])
    after = [hit.case.id for hit in retriever.search("党费基数没核准", limit=3).hits]
    assert len(after) == 3
    assert before[0] not in after


def test_only_notices_that_are_shown_are_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = FakeLibrary(NOTICES)
    retriever = search_in(home, library)
    asked: list[str] = []
    read = library.notice

    def told(notice_id: str) -> Notice:
        asked.append(notice_id)
        return read(notice_id)

    monkeypatch.setattr(library, "notice", told)
    hits = retriever.search("党费收缴", limit=1).hits
    assert asked == [hits[0].notice.id]


def test_many_threads_get_the_same_answer(retriever: Retriever) -> None:
    expected = retriever.search("党费收缴")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: retriever.search("党费收缴"), range(40)))
    assert all(answer == expected for answer in answers)


class _Backwards:
    """Prefers the longest text, or fails."""

    fails = False

    def score(self, query: str, texts: Sequence[str]) -> list[float]:
        if self.fails:
            raise EmbeddingFailed("down")
        return [float(len(text)) for text in texts]


def test_a_reranker_orders_the_first_hits_and_may_fail(home: Path) -> None:
    library, reranker = FakeLibrary(NOTICES), _Backwards()
    plain = search_in(home, library)
    index = CaseIndex(home, library)
    ranked = Retriever(library, index, reranker=reranker)
    hits = ranked.search("党费收缴", limit=16).hits
    assert hits[0].case.id != plain.search("党费收缴").hits[0].case.id
    reranker.fails = True
    assert ranked.search("党费收缴", limit=16) == plain.search("党费收缴", limit=16)


def test_masked_text_is_found_by_the_unmasked_word(home: Path) -> None:
    masked = make_notice("e5e5e5e5", "某乡D委", "乡镇", [("D员教育管理不严", ["约谈。"], None)])
    hits = search_in(home, FakeLibrary([*NOTICES, masked])).search("党员教育管理").hits
    assert hits[0].case.id == "e5e5e5e5-01"


# ---------------------------------------------------------------------- how far it can answer


def questions(name: str, kind: str = "") -> list[str]:
    held = yaml.safe_load((QUESTIONS / f"{name}.yaml").read_text(encoding="utf-8"))
    return list(held[kind] if kind else held)


def test_there_are_enough_questions_that_nothing_answers() -> None:
    kinds = ("absent", "outside", "nonsense")
    assert sum(len(questions("unanswerable", kind)) for kind in kinds) >= 60


def test_what_is_held_is_never_called_missing(retriever: Retriever) -> None:
    for query in ("党费收缴基数", "物业服务监管", "厂房盘活", "公务接待没有公函", "信访积案"):
        assert retriever.search(query).answerable is not Answerable.NO


@pytest.mark.parametrize("kind", ["outside", "nonsense"])
def test_most_of_what_has_nothing_to_do_with_it_is_called_missing(
    retriever: Retriever, kind: str
) -> None:
    asked = questions("unanswerable", kind)
    bands = [retriever.search(query).answerable for query in asked]
    assert bands.count(Answerable.NO) >= 0.7 * len(asked)
    assert Answerable.YES not in bands


# ---------------------------------------------------------------------- filters in questions


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("哪些街道有物业问题", Filters(unit_types=("街道",))),
        ("村一级的合同怎么管", Filters(unit_types=("村社区",))),
        ("村里的合同没人管", Filters()),
        ("中央巡视反馈的债务问题", Filters(inspections=("巡视",))),
        ("债务问题，巡察的不要", Filters(inspections=("巡视",))),
        ("巡视组和巡察组都提过的", Filters()),
        ("还没完成的有哪些", Filters(statuses=("未完成", "持续推进", "阶段性完成"))),
        ("持续推进的事项", Filters(statuses=("持续推进",))),
        ("2023年通报的党费问题", Filters(years=(2023,))),
        ("党费怎么补缴", Filters()),
    ],
)
def test_constraints_are_read_only_where_they_are_stated(query: str, expected: Filters) -> None:
    assert suggest_filters(query) == expected


def test_years_since_are_those_the_library_holds() -> None:
    found = suggest_filters("2022年以来的债务问题", years=(2020, 2022, 2024))
    assert found.years == (2022, 2024)


def test_a_long_text_tells_a_problem_and_constrains_nothing() -> None:
    told = (
        "某镇2021年至2023年以下村补助名义给机关干部发钱，没有文件依据，巡视组反馈后仍未整改到位，"
        * 2
    )
    assert suggest_filters(told) == Filters()


def test_the_scope_can_be_taken_off_a_question() -> None:
    assert "街道" not in without_filters("哪些街道有物业问题")
    assert "物业" in without_filters("哪些街道有物业问题")


# ---------------------------------------------------------------------- what is compared


def test_the_figures_of_a_whole_problem_are_its_own_and_not_compared() -> None:
    problem = "石溪镇下属企业2021年借出1250.5万元给外面的老板，到期18个月没有收回，也没有打官司追讨"
    assert not any(character.isdigit() for character in told(problem))
    assert told("退回310元的是哪家") == "退回310元的是哪家"


def test_the_scope_of_a_question_is_not_compared_with_the_cases() -> None:
    assert "街道" not in told("只看街道，小区物业怎么管")
    assert "物业" in told("只看街道，小区物业怎么管")


def test_actors_count_for_less_than_matters() -> None:
    less = domain_concepts().less
    groups = load_thesaurus()
    assert {group.id for group in groups if group.topic == GENERAL} == set(less)
    assert set(less.values()) == {GENERAL_SHARE}
    assert 0 < GENERAL_SHARE < 1
