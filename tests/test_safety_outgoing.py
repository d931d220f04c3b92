"""What leaves for an endpoint: exactly what the record shows, masked where that was asked for."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.models import UnitProfile
from assistant.outgoing.masking import TOKEN
from assistant.outgoing.sent import KEPT, Sent, SentLog
from assistant.review import Reviewer
from tests.fakes_model_server import JSON, ModelServer, Reply, Request, says
from tests.world import open_reviewer

NOTICE = """青岚镇党委关于巡察整改进展情况的通报
县委第二巡察组于2021年3月1日至4月30日对青岚镇党委开展了巡察，6月18日反馈了意见。现将整改进展情况通报如下。
一、巡察反馈意见整改情况
（一）关于党费收缴不规范的问题
整改情况：一是由青岚镇党委副书记何大勇牵头，逐人核定党费缴费基数，补缴党费18.6万元，涉及37个支部。
二是印发《青岚镇党费收缴管理暂行规定》（青委发〔2021〕7号），每季度公示一次，联系电话13911112222。
（二）关于村级账目公开不及时的问题
整改情况：柳塘村党支部书记赵铁柱已退回垫付款26854元，身份证号51012319800101123X。
联系地址：青岚镇柳塘村；邮箱ho@qinglan.example。
青岚镇党委
2021年9月30日
"""
DOUBTED = """青岚镇党委巡察整改情况
何大勇同志说党费收缴不规范，后来补缴党费18.6万元
赵铁柱同志说账目公开不及时，后来张榜公布
"""
PLANTED = (
    "青岚",
    "柳塘",
    "何大勇",
    "赵铁柱",
    "18.6万",
    "26854",
    "13911112222",
    "51012319800101123X",
    "ho@qinglan.example",
    "2021年",
    "6月18日",
    "37个支部",
    "青委发",
    "白鹭乡",
    "孙小梅",
    "9.9万",
    "2022年5月",
    "13800001111",
    "云岭乡",
)
QUESTION = "白鹭乡孙小梅2022年5月少缴党费9.9万元，电话13800001111，党费收缴不规范怎么整改？"
PROFILE = UnitProfile(name="云岭乡", leaders=(("责任人", "孙小梅"),), facts="补缴9.9万元")
DRAFT = {
    "cause": "制度执行不严",
    "goal": "规范收缴",
    "placeholders": [],
    "measures": [
        {
            "step": "纠正处置",
            "text": "将对{人}少缴的{金额}逐笔核算补缴",
            "deliverable": "清单",
            "evidence": [1],
        }
    ],
}


def _tokens(text: str, word: str) -> str:
    """The first placeholder of a kind in what was sent."""
    found = re.search(rf"〔{word}\d+〕", text)
    return found.group() if found else "（没有）"


def _reply(request: Request) -> Reply:
    """Answer as an obedient model would: every placeholder as it was given."""
    if request.path.endswith("/embeddings"):
        rows = [
            {"object": "embedding", "index": n, "embedding": [1.0, float(len(text)), 2.0]}
            for n, text in enumerate(request.body["input"])
        ]
        return Reply(
            (json.dumps({"object": "list", "model": "m", "data": rows}).encode(),),
            content_type=JSON,
        )
    if request.path.endswith("/rerank"):
        scores = [
            {"index": n, "relevance_score": 1 / (n + 1)}
            for n in range(len(request.body["documents"]))
        ]
        return Reply((json.dumps({"results": scores}).encode(),), content_type=JSON)
    asked = str(request.body["messages"][-1]["content"])
    if "起草整改措施" in asked:
        text = json.dumps(DRAFT, ensure_ascii=False)
        problem = asked.split("反馈问题原文")[1]
        text = text.replace("{人}", _tokens(problem, "人"))
        text = text.replace("{金额}", _tokens(problem, "金额"))
        return says(text)
    if "摘录" in asked:
        lines = re.findall(r"^(\d+)｜(.*?说(.*?)，后来(.*))$", asked, re.MULTILINE)
        items = [
            {"line": int(n), "problem": p, "measures": [{"line": int(n), "text": m}], "status": ""}
            for n, _, p, m in lines
        ]
        return says(json.dumps({"items": items}, ensure_ascii=True))
    if "改写" in asked:
        return says(f"{_tokens(asked, '单位')}的党费收缴不规范怎么整改？")
    shown = re.search(r"补缴党费(〔金额\d+〕)，涉及(〔数\d+〕)", asked)
    told = f"补缴党费{shown[1]}，涉及{shown[2]}" if shown else "逐人核定党费缴费基数"
    return says(list(f"有的单位逐人核定党费缴费基数，{told}[1]。"))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as server:
        server.answer = _reply
        yield server


def _open(home: Path, server: ModelServer, **changes: object) -> Reviewer:
    reviewer = open_reviewer(home, filled=False)
    chosen: dict[str, object] = {"base_url": server.url, "model": "m", "retries": 0}
    reviewer.save_settings(chosen | changes)
    return reviewer


def _use_everything(reviewer: Reviewer) -> None:
    """Let every kind of request be made."""
    reviewer.ingest([("通报.txt", NOTICE.encode()), ("疑.txt", DOUBTED.encode())])
    first = reviewer.ask(QUESTION)
    reviewer.ask("那里还有什么做法？", history=[first])
    reviewer.draft(QUESTION, profile=PROFILE)
    reviewer.check_endpoint()


EVERYTHING: dict[str, object] = {
    "mask_sent": True,
    "model_reading": True,
    "embeddings_model": "e",
    "rerank_model": "r",
}


def test_with_masking_on_no_planted_fact_reaches_any_endpoint(
    tmp_path: Path, server: ModelServer
) -> None:
    urls = {"embeddings_base_url": server.url, "rerank_base_url": server.url}
    reviewer = _open(tmp_path, server, **EVERYTHING, **urls)
    _use_everything(reviewer)
    purposes = {sent.purpose for sent in reviewer.outgoing.log.last()}
    reviewer.library.close()
    assert purposes >= {"辅助识别", "问答", "改写追问", "起草", "向量", "重排", "测试连接"}
    received = "\n".join(request.raw.decode() for request in server.requests)
    received += json.dumps([request.body for request in server.requests], ensure_ascii=False)
    assert [fact for fact in PLANTED if fact in received] == []


def test_without_masking_the_same_facts_are_sent(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server)
    _use_everything(reviewer)
    reviewer.library.close()
    received = json.dumps([request.body for request in server.requests], ensure_ascii=False)
    assert {"青岚", "孙小梅", "9.9万"} <= {f for f in PLANTED if f in received}


def test_what_returns_is_put_back_checked_and_cited(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server, mask_sent=True)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    stream = reviewer.stream_answer("党费收缴不规范怎么整改？")
    pieces = list(stream)
    answer = stream.answer
    lines = reviewer.lines(answer.evidence[0].notice.id)
    reviewer.library.close()
    assert "补缴党费18.6万元，涉及37个支部" in answer.text
    assert "".join(pieces) == answer.text
    assert not [piece for piece in pieces if TOKEN.search(piece)]
    assert answer.unsupported == ()
    cited = answer.citations[0]
    assert lines[cited.line - 1][cited.start : cited.end]
    assert "18.6万元" in lines[cited.line - 1]


def test_the_user_s_own_facts_come_back_in_a_draft(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server, mask_sent=True)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    draft = reviewer.draft(QUESTION, profile=PROFILE)
    reviewer.library.close()
    assert draft.model
    assert any("孙小梅少缴的9.9万元" in measure.text for measure in draft.measures)
    assert "placeholder" not in {finding.rule for finding in draft.findings}


def test_a_model_that_helps_to_read_works_on_masked_lines(
    tmp_path: Path, server: ModelServer
) -> None:
    reviewer = _open(tmp_path, server, mask_sent=True, model_reading=True)
    reviewer.ingest([("疑.txt", DOUBTED.encode())])
    cases = [case for notice in reviewer.notices() for case in notice.cases]
    reviewer.library.close()
    assert [case.problem for case in cases] == ["党费收缴不规范", "账目公开不及时"]
    assert cases[0].measures[0].text == "补缴党费18.6万元"


@pytest.mark.parametrize("garbled", ["〔金额99〕", "〔金额九〕", "〔单位1", "[金额1]"])
def test_a_garbled_placeholder_stays_visible_and_is_marked(
    tmp_path: Path, server: ModelServer, garbled: str
) -> None:
    reviewer = _open(tmp_path, server, mask_sent=True)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    server.answer = lambda _: says(f"逐人核定党费缴费基数[1]。补缴党费{garbled}[1]。")
    answer = reviewer.ask("党费收缴不规范怎么整改？")
    said = f"补缴党费{garbled}[1]。"
    assert said in answer.text
    assert [one for one in answer.unsupported if garbled in one]
    assert "placeholder" in {finding.rule for finding in answer.findings}
    bad = {**DRAFT, "measures": [{**DRAFT["measures"][0], "text": f"将对{garbled}补缴党费"}]}  # type: ignore[dict-item]
    server.answer = lambda _: says(json.dumps(bad, ensure_ascii=False))
    draft = reviewer.draft("党费收缴不规范")
    reviewer.library.close()
    assert [m for m in draft.measures if garbled in m.text]
    assert "placeholder" in {finding.rule for finding in draft.findings}


def test_a_failing_model_keeps_its_words_restored(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server, mask_sent=True)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    server.answer = lambda _: says(["补缴〔金", "额1〕"], finish=None)
    stream = reviewer.stream_answer(QUESTION)
    said = "".join(stream)
    reviewer.library.close()
    assert "〔金" not in said.split("\n\n")[0] or "额1〕" not in said
    assert stream.answer.notice


# ------------------------------------------------------------------ the record


@pytest.mark.parametrize("masked", [False, True])
def test_the_record_is_what_the_server_received(
    tmp_path: Path, server: ModelServer, *, masked: bool
) -> None:
    urls = {"embeddings_base_url": server.url, "rerank_base_url": server.url}
    reviewer = _open(tmp_path, server, **(EVERYTHING | {"mask_sent": masked}), **urls)
    _use_everything(reviewer)
    log = reviewer.outgoing.log.last()
    reviewer.library.close()
    assert len(server.requests) < KEPT
    # four requests of one index run at a time: their order is the server's affair
    assert sorted(sent.body for sent in log) == sorted(r.raw.decode() for r in server.requests)
    assert {sent.host for sent in log} == {f"127.0.0.1:{server.port}"}
    assert {sent.result for sent in log} == {"HTTP 200"}
    assert {sent.masked for sent in log if sent.purpose != "测试连接"} == {masked}
    assert all(sent.texts and sent.chars for sent in log)


def test_retries_and_failures_are_in_the_record(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server, retries=1)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    server.answer = lambda _: Reply(status=500, headers={"retry-after-ms": "1"})
    reviewer.ask("党费收缴不规范怎么整改？")
    log = reviewer.outgoing.log.last()
    reviewer.library.close()
    assert [sent.result for sent in log] == ["HTTP 500", "HTTP 500"]
    assert log[0].body == log[1].body


def test_no_secret_is_in_the_record_or_its_file(tmp_path: Path, server: ModelServer) -> None:
    key = "sk-very-secret-123"
    reviewer = _open(
        tmp_path, server, api_key=key, log_sent=True, extra_body={"echo": f"Bearer {key}"}
    )
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    reviewer.ask("党费收缴不规范怎么整改？")
    log = reviewer.outgoing.log.last()
    reviewer.library.close()
    file = tmp_path / "sent.jsonl"
    assert log
    assert key not in repr(log)
    assert key not in file.read_text(encoding="utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text(encoding="utf-8").splitlines()[0])["purpose"] == "问答"


def test_nothing_is_written_unless_it_is_asked_for(tmp_path: Path, server: ModelServer) -> None:
    reviewer = _open(tmp_path, server)
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    reviewer.ask("党费收缴不规范怎么整改？")
    reviewer.library.close()
    assert reviewer.outgoing.log.last()
    assert not (tmp_path / "sent.jsonl").exists()


def test_the_record_is_bounded() -> None:
    log = SentLog()
    for number in range(KEPT + 20):
        log.add(Sent(0, 0.0, "h", "/", "问答", f"{number}" * 10, masked=False))
    assert [sent.number for sent in log.last()] == list(range(KEPT + 20, 20, -1))
    for _ in range(3):
        log.add(Sent(0, 0.0, "h", "/", "向量", "字" * 3_000_000, masked=False))
    assert len(log.last()) == 2


def test_a_log_file_that_cannot_be_written_does_not_stop_the_work(tmp_path: Path) -> None:
    log = SentLog(tmp_path / "没有" / "sent.jsonl")
    log.add(Sent(0, 0.0, "h", "/", "问答", "{}", masked=False))
    assert "写不进" in log.trouble


def test_turning_masking_on_sends_the_index_anew_masked(
    tmp_path: Path, server: ModelServer
) -> None:
    reviewer = _open(tmp_path, server, embeddings_base_url=server.url, embeddings_model="e")
    reviewer.ingest([("通报.txt", NOTICE.encode())])
    before = len(server.requests)
    reviewer.save_settings({"mask_sent": True})
    after = "\n".join(r.raw.decode() for r in server.requests[before:] if "embed" in r.path)
    reviewer.library.close()
    assert "〔" in after
    assert [fact for fact in PLANTED if fact in after] == []
