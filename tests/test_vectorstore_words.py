"""Full text: figures, codes and titles are found as they are written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vectorstore import lexical
from vectorstore.lexical import FullText


def test_words_are_ranked_and_unknown_ones_find_nothing(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite"
    lexical.build(path, ["党费收缴", "党费补缴补缴", "合同", ""])
    words = FullText(path)
    rows, scores = words.query(["补缴", "党费"], 10)
    assert rows.tolist()[0] == 1
    assert (np.diff(scores) <= 0).all()
    assert words.query(["饕餮"], 10)[0].tolist() == []
    assert words.query(['"; DROP', "NEAR("], 10)[0].tolist() == []
    assert words.texts(np.array([2, 0])) == ["合同", "党费收缴"]


def test_only_what_is_meant_literally_is_asked_for_word_by_word() -> None:
    assert lexical.exact_words("清退9480元，利率9.2%，2023年，41个党员") == ["9480", "9.2"]
    assert lexical.exact_words("XX镇的APP") == ["app"]
    assert "管理" in lexical.exact_words("《村干部管理办法》怎么改的")
    assert lexical.exact_words("党费没按时交怎么办") == []


def test_figures_with_a_point_stay_one_word(tmp_path: Path) -> None:
    path = tmp_path / "words.sqlite"
    lexical.build(path, ["利率9.2%偏高", "利率9偏高", "第2季度"])
    assert FullText(path).query(["9.2"], 10)[0].tolist() == [0]


def test_common_words_are_left_out_of_large_collections(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexical, "LARGE", 10)
    path = tmp_path / "words.sqlite"
    lexical.build(path, [*["整改 制度"] * 19, "整改 低保"])
    words = FullText(path)
    assert words.query(["整改", "低保"], 10)[0].tolist() == [19]
    assert len(words.query(["整改"], 10)[0]) == 10
