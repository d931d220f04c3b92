"""`search`, `ask`, `draft`, `compare`: what the Library is for."""

from __future__ import annotations

import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from assistant import cli_text as text
from assistant.commands.common import (
    form_of,
    need_one,
    parse_filters,
    read_batch,
    read_bytes,
    reviewer_of,
    write_out,
)
from assistant.commands.printing import Options, print_json, print_line
from assistant.contract import answer_json, comparison_json, draft_json, search_json
from assistant.errors import NotFound, SettingsError
from assistant.loading.limits import DEFAULT_LIMITS
from assistant.models import Notice, UnitProfile
from assistant.review import Reviewer
from vectorstore.later import Later

if TYPE_CHECKING:
    from assistant import batch
    from assistant.commands import batching
    from assistant.export import bundle
else:
    batch = Later("assistant.batch")
    batching = Later("assistant.commands.batching")
    bundle = Later("assistant.export.bundle")


def run_search(options: Options) -> int:
    """Search once, or once for each line of a batch."""
    filters = parse_filters(options.filter)
    need_one(options.query, options.batch, "查询")
    reviewer = reviewer_of(options)
    if options.batch:
        for row in read_batch(options.batch):
            result = reviewer.search(str(row["query"]), filters=filters, limit=options.limit)
            print_line({"id": row["id"], **search_json(result)})
        return 0
    result = reviewer.search(options.query, filters=filters, limit=options.limit)
    if options.format == "json":
        print_json(search_json(result))
    else:
        print(text.found(result))
    return 0


def run_ask(options: Options) -> int:
    """Answer once, or once for each line of a batch."""
    need_one(options.question, options.batch, "问题")
    reviewer = reviewer_of(options)
    if options.batch:
        for row in read_batch(options.batch):
            print_line({"id": row["id"], **answer_json(reviewer.ask(str(row["query"])))})
        return 0
    answer = reviewer.ask(options.question)
    if options.format == "json":
        print_json(answer_json(answer))
    else:
        print(text.answered(answer))
    return 0


def run_draft(options: Options) -> int:
    """Draft for one problem or for every problem of a feedback document."""
    need_one(options.problem, options.batch, "问题")
    batching.require_forms(options.out)
    template = read_bytes(options.template) if options.template else None
    reviewer = reviewer_of(options)
    profile = profile_of(options, reviewer)
    if options.batch:
        result = batching.draft_document(options, reviewer, profile)
        drafts, report = result.drafts, batch.report_of(result)
    else:
        drafts, report = (reviewer.draft(options.problem, profile=profile),), ()
    for out in options.out if drafts else ():
        report = (*report, *batching.write_drafts(out, drafts, profile, template))
    if options.format == "json":
        print_json([draft_json(d) for d in drafts] if options.batch else draft_json(drafts[0]))
    else:
        for draft in drafts:
            print(text.drafted(draft))
        if options.out and drafts:
            print(f"已导出：{'、'.join(map(str, options.out))}")
    for line in report:
        print(f"提示：{line}。", file=sys.stderr)
    return 0


def run_compare(options: Options) -> int:
    """Compare a unit (id, name or file) with its peers."""
    if options.out:
        bundle.require_form("comparison", form_of(options.out))
    peers = _peers(options.peers)
    reviewer = reviewer_of(options)
    unit = _unit(options.unit, reviewer)
    comparison = reviewer.compare_notice(unit, peer_ids=peers)
    if options.out:
        write_out(options.out, reviewer, "comparison", comparison)
    if options.format == "json":
        print_json(comparison_json(comparison))
    else:
        print(text.compared(comparison))
        if options.out:
            print(f"已导出：{options.out}")
    return 0


def _peers(words: str) -> tuple[str, ...]:
    if words == "auto":
        return ()
    peers = tuple(word.strip() for word in words.replace("，", ",").split(",") if word.strip())
    if not peers:
        raise SettingsError("没有写通报编号", where="--peers", todo="请写编号，或写 auto 自动选取")
    return peers


def _unit(words: str, reviewer: Reviewer) -> Notice:
    path = Path(words)
    if path.is_file():
        content = read_bytes(path, most=DEFAULT_LIMITS.bytes + 1)
        return reviewer.read_unit(path.name, content)
    notices = reviewer.outlines()
    by_id = [notice for notice in notices if notice.id == words]
    by_name = [n for n in notices if n.unit and (words == n.unit or words in n.unit)]
    exact = [n for n in by_name if n.unit == words]
    matches = by_id or exact or by_name
    if len(matches) == 1:
        return reviewer.notice(matches[0].id)
    if not matches:
        raise NotFound("没有这个单位", where=words, todo="请用 zhenggai list 查看单位名称和编号")
    listing = "；".join(f"{n.id} {n.unit} {n.team or ''}" for n in matches[:8])
    raise NotFound(
        f"有{len(matches)}份通报都叫这个名字", where=words, todo=f"请改用编号：{listing}"
    )


def profile_of(options: Options, reviewer: Reviewer) -> UnitProfile:
    """Take the stored profile, or that of a file, with what the options say on top."""
    profile = reviewer.store.profile()
    if options.unit_profile:
        profile = _profile_file(options.unit_profile)
    given = {
        "name": options.unit,
        "unit_type": options.unit_type,
        "deadline": options.deadline,
        "feedback_date": options.feedback_date,
    }
    return replace(profile, **{key: value for key, value in given.items() if value})


def _profile_file(path: Path) -> UnitProfile:
    try:
        # values as they are written: dates and numbers are words here
        content = yaml.load(read_bytes(path), yaml.CBaseLoader)
    except yaml.YAMLError as error:
        raise SettingsError("不是合法的 YAML", where=path.name, todo="请检查缩进和冒号") from error
    known = {field.name for field in fields(UnitProfile)}
    if not isinstance(content, dict) or not content.keys() <= known:
        raise SettingsError(
            "单位信息文件的项目不对", where=path.name, todo=f"可用：{'、'.join(sorted(known))}"
        )
    leaders = content.pop("leaders", "") or {}
    if not isinstance(leaders, dict):
        raise SettingsError(
            "leaders 的写法不对", where=path.name, todo="每行写一个，如 责任领导: 张某"
        )
    values = (*content.values(), *leaders.values())
    if not all(isinstance(value, str) for value in values):
        raise SettingsError(
            "单位信息文件的内容不对", where=path.name, todo="每一项应是一段文字，不能再分层"
        )
    return UnitProfile(**content, leaders=tuple(leaders.items()))
