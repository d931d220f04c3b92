"""Grams, concepts and the fitted encoder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest

from vectorstore.directions import principal_basis
from vectorstore.encoders import LsaEncoder
from vectorstore.entries import Concepts, Matrix
from vectorstore.errors import EmbeddingFailed
from vectorstore.grams import GramWeights, gram_counts
from vectorstore.query_encoder import QueryEncoder

TEXTS = [
    "党费收缴不及时，补缴并登记",
    "合同管理混乱，重新签订",
    "党员会费长期漏收，年底一次补齐",
    "河道垃圾无人清理",
    "企业闲置厂房盘活缓慢",
    "厂房长期空置无人租用",
]


def find(text: str) -> Iterable[str]:
    if "党费" in text or "会费" in text:
        yield "fee"
    if "闲置" in text or "空置" in text or "空着" in text:
        yield "idle"


def no_concepts(_text: str) -> Iterable[str]:
    return ()


def test_gram_counts_keep_texts_apart() -> None:
    rows, codes, counts = gram_counts(["甲乙甲乙", "", "乙"])
    assert rows.tolist() == [0, 0, 0, 0, 2]
    assert sorted(counts.tolist()) == [1, 1, 2, 2, 2]
    assert len(set(codes.tolist())) == 4


def test_width_case_and_spaces_do_not_matter() -> None:
    weights = GramWeights.fit(["ＡＢ 公司１２"])
    rows, known = weights.encode(["ab公司12"])
    assert known[0] == pytest.approx(1.0)
    assert rows.shape[0] == 1


def test_unknown_grams_lower_the_known_share() -> None:
    weights = GramWeights.fit(TEXTS)
    _, known = weights.encode(["党费收缴", "党费收缴饕餮魑魅", "饕餮魑魅"])
    assert known[0] == pytest.approx(1.0)
    assert 0.0 < known[1] < 1.0
    assert known[2] == 0.0


def test_rows_have_length_one_and_empty_texts_stay_zero() -> None:
    encoder = LsaEncoder.fit(TEXTS, Concepts(find))
    rows = encoder.encode([*TEXTS, "", "饕餮"])
    lengths = np.linalg.norm(rows, axis=1)
    assert np.allclose(lengths[: len(TEXTS)], 1.0, atol=1e-5)
    assert np.allclose(lengths[len(TEXTS) :], 0.0)


def test_each_text_is_its_own_nearest() -> None:
    rows = LsaEncoder.fit(TEXTS, Concepts(find)).encode(TEXTS)
    assert (rows @ rows.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))


def test_a_shared_concept_brings_texts_without_common_words_together() -> None:
    query = ["空着"]
    with_concepts = LsaEncoder.fit(TEXTS, Concepts(find), concept_weight=1.0)
    without = LsaEncoder.fit(TEXTS, Concepts(no_concepts))
    near = with_concepts.encode(query) @ with_concepts.encode(TEXTS[4:5]).T
    far = without.encode(query) @ without.encode(TEXTS[4:5]).T
    assert near[0, 0] > far[0, 0] + 0.2


def test_the_encoder_is_the_same_after_saving(tmp_path: Path) -> None:
    encoder = LsaEncoder.fit(TEXTS, Concepts(find))
    encoder.save(tmp_path)
    again = LsaEncoder.load(tmp_path, find)
    assert again.dimension == encoder.dimension
    assert np.allclose(again.encode(TEXTS), encoder.encode(TEXTS), atol=2e-3)


def test_nothing_that_runs_is_saved(tmp_path: Path) -> None:
    LsaEncoder.fit(TEXTS, Concepts(find)).save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".npy", ".json"}
    for path in tmp_path.glob("*.npy"):
        np.load(path, allow_pickle=False)


def test_directions_are_orthonormal_and_never_more_than_the_texts_have() -> None:
    rows, _ = LsaEncoder.fit(TEXTS, Concepts(find)).features.encode([*TEXTS, TEXTS[0], TEXTS[0]])
    basis = principal_basis([rows], 200).dense(200)
    assert basis.shape[1] == len(TEXTS)
    assert np.allclose(basis.T @ basis, np.eye(len(TEXTS)), atol=1e-4)


def test_texts_outside_the_fit_keep_their_length_once_folded_in() -> None:
    new = ["低保金误发给去世人员，已追回", "公务接待没有公函"]
    fitted = LsaEncoder.fit(TEXTS, Concepts(find), dimensions=4)
    _, before = fitted.encode_known(new)
    grown = fitted.extended(new)
    _, after = grown.encode_known(new)
    assert (before < 0.6).all()
    assert (after > 0.95).all()


def test_folding_in_leaves_old_rows_as_they_were() -> None:
    fitted = LsaEncoder.fit(TEXTS, Concepts(find), dimensions=4)
    grown = fitted.extended(["低保金误发给去世人员，已追回"])
    query = grown.encode(["党费补缴"])[0]
    old = fitted.encode(TEXTS)
    ranked = np.argsort(-(old @ query[: fitted.dimension]))
    again = np.argsort(-(old @ fitted.encode(["党费补缴"])[0]))
    assert ranked.tolist() == again.tolist()


class _Remote:
    name = "fake"

    def __init__(self) -> None:
        self.fails = False
        self.columns = 3

    def encode(self, texts: Sequence[str]) -> Matrix:
        if self.fails:
            raise EmbeddingFailed("down")
        return np.tile(np.eye(1, self.columns, dtype=np.float32), (len(texts), 1))


def test_endpoint_columns_stand_before_the_fitted_ones() -> None:
    encoder = QueryEncoder(LsaEncoder.fit(TEXTS, Concepts(find)), _Remote(), 0)
    rows = encoder.encode(TEXTS)
    assert encoder.dimension == rows.shape[1] == 3 + len(TEXTS)
    assert np.allclose(rows[:, 0], np.sqrt(0.5), atol=1e-4)


def test_a_failing_endpoint_leaves_the_fitted_columns() -> None:
    remote = _Remote()
    encoder = QueryEncoder(LsaEncoder.fit(TEXTS, Concepts(find)), remote, 3)
    remote.fails = True
    row, known = encoder.encode_query("党费收缴")
    assert np.allclose(row[:3], 0.0)
    assert np.linalg.norm(row) == pytest.approx(1.0, abs=1e-4)
    assert known > 0.5
    with pytest.raises(EmbeddingFailed):
        encoder.encode(["党费", "合同"])


def test_another_number_of_columns_is_refused_when_writing() -> None:
    remote = _Remote()
    encoder = QueryEncoder(LsaEncoder.fit(TEXTS, Concepts(find)), remote, 3)
    remote.columns = 5
    with pytest.raises(EmbeddingFailed):
        encoder.encode(["党费", "合同"])
    assert np.allclose(encoder.encode_query("党费")[0][:3], 0.0)


def test_ways_of_saying_bridge_words_that_no_text_holds() -> None:
    groups = (("党费", "会费", "组织生活缴的钱"), ("闲置", "空着", "晒太阳"))
    fitted = LsaEncoder.fit(TEXTS, Concepts(no_concepts, groups))
    scores = fitted.encode(["厂子晒太阳"]) @ fitted.encode(TEXTS).T
    assert scores[0].argmax() in (4, 5)
    _, known = fitted.encode_known(["晒太阳"])
    _, unknown = LsaEncoder.fit(TEXTS, Concepts(no_concepts)).encode_known(["晒太阳"])
    assert known[0] > unknown[0]


def test_a_concept_that_counts_for_less_pulls_texts_less_together() -> None:
    full = LsaEncoder.fit(TEXTS, Concepts(find), concept_weight=1.0)
    less = LsaEncoder.fit(TEXTS, Concepts(find, less={"fee": 0.1}), concept_weight=1.0)
    both = [(row[0] @ row[2]) for row in (full.encode(TEXTS), less.encode(TEXTS))]
    idle = [(row[4] @ row[5]) for row in (full.encode(TEXTS), less.encode(TEXTS))]
    share = [
        dict(zip(one.features.concepts, one.features.concept_idf, strict=True))
        for one in (full, less)
    ]
    assert share[1]["fee"] == pytest.approx(0.1 * share[0]["fee"])
    assert share[1]["idle"] == pytest.approx(share[0]["idle"])
    assert both == pytest.approx(sorted(both, reverse=True), abs=1e-5)
    assert idle[0] == pytest.approx(idle[1], abs=0.05)
