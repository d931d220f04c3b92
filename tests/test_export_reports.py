"""Reports tell what the office reported and no more; the public notice is filtered."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pytest

from assistant.export.bundle import export, export_noted
from assistant.export.publication import doubts_of, publishable
from assistant.models import Draft, DraftRecord, LedgerRow
from tests.fakes_export import PROFILE, make_records, open_docx, open_xlsx, texts_of

DONE_WORDS = re.compile(r"已(?:经)?(?:全部|全面)?(?:完成|整改|核查|制定|补缴|收回)")


def reported() -> list[DraftRecord]:
    one, two, three = make_records(3)
    done = LedgerRow(
        one.problem,
        state="已完成",
        progress="已核查2024年采购，王某补交说明，联系电话：0511-86543210。",
        systems="2",
        recovered="1.5",
    )
    held = LedgerRow(two.problem, state="基本完成", withheld="涉及正在核查的线索", systems="1")
    return [replace(one, ledger=done), replace(two, ledger=held), three]


def test_only_what_the_office_reported_is_told_as_done() -> None:
    texts = texts_of(export("progress", reported(), "docx", profile=PROFILE)[1])
    joined = "\n".join(texts)
    assert "整改情况：已核查2024年采购" in joined
    assert "已完成1个，基本完成1个，未完成0个。其中1个问题尚未填报完成情况" in joined
    assert "建立完善制度3项，挽回损失1.5万元，追责问责【　】人" in joined
    silent = texts[texts.index("（三）第3类事项台账不全") :]
    until = next(n for n, text in enumerate(silent) if text.startswith("三、"))
    assert not any(DONE_WORDS.search(text) for text in silent[:until])
    assert "拟采取的措施：" in silent


def test_a_closed_item_without_words_is_left_for_the_office_to_write() -> None:
    texts = texts_of(export("progress", reported(), "docx", profile=PROFILE)[1])
    assert "整改情况：【请填写已完成的具体做法、数据和佐证】" in texts


def test_the_public_notice_leaves_out_contacts_persons_and_what_is_withheld() -> None:
    made = export_noted("public", reported(), "docx", profile=PROFILE)
    joined = "\n".join(texts_of(made.content))
    assert "86543210" not in joined
    assert "第2类事项" not in joined
    assert "第1类事项" in joined
    assert any("第2个问题" in note and "线索" in note for note in made.notes)
    table = open_docx(export("withheld", reported(), "docx", profile=PROFILE)[1]).tables[0]
    assert table.rows[1].cells[2].text == "涉及正在核查的线索"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("联系电话：0511-8654 3210。", "8654"),
        ("手机13812345678", "13812345678"),
        ("邮箱：qx_dw@example.gov.cn", "example"),
        ("证号32010119800101123X", "1980"),
        ("村民李大山同志已退款", "李大山"),
    ],
)
def test_contacts_and_private_names_are_not_published(text: str, gone: str) -> None:
    assert gone not in publishable(text)


@pytest.mark.parametrize("text", ["追缴资金13.8万元", "2024年5月20日反馈", "共整改1234567元"])
def test_figures_that_are_no_contact_stay(text: str) -> None:
    assert publishable(text) == text


def test_what_needs_a_decision_before_publication_is_named() -> None:
    assert doubts_of("相关线索已移送") == ("涉及问题线索或案件",)
    assert doubts_of("修订采购办法") == ()


def test_the_package_holds_everything_a_reviewer_asks_for() -> None:
    name, content = export("package", reported(), "zip", profile=PROFILE)
    assert name == "送审包.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        files = {member: archive.read(member) for member in names}
    assert [member.split(".")[0] for member in names] == [
        *("1整改方案", "2整改台账", "3依据表", "4待补事项", "5核查意见", "6版本记录", "说明")
    ]
    assert "第1版" in files["6版本记录.txt"].decode("utf-8-sig")
    assert open_xlsx(files["5核查意见.xlsx"]).active.cell(3, 5).value == "出现其他单位的金额"
    assert "依据对照表" not in texts_of(files["1整改方案.docx"])


def test_a_package_is_made_of_bare_drafts_too() -> None:
    drafts = [record.draft for record in make_records(2)]
    held: list[Draft] = [draft for draft in drafts if draft]
    assert export("package", held, "zip", profile=PROFILE)[1][:2] == b"PK"


def test_a_record_not_yet_drafted_is_a_row_with_blanks() -> None:
    record = DraftRecord("", "档案不全", "待拟", None, PROFILE)
    sheet = open_xlsx(export("plan", [record], "xlsx", profile=PROFILE)[1])["整改台账"]
    assert sheet.cell(3, 3).value == "档案不全"
    assert "整改措施：【　】" in texts_of(export("plan", [record], "docx", profile=PROFILE)[1])
