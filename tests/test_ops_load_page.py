"""What the load test's visitor keeps of a page, and that it sends what a real browser sends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Block_pb2 import Block
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from assistant.review import build_reviewer
from assistant.settings import load_settings
from benchmarks.load_page import EARLY, BrowserPage
from benchmarks.load_parts import Plan, Process, Record, cost, memory_table
from benchmarks.load_users import write_notice
from benchmarks.load_visitor import PageFailed, Visitor, VisitorLost
from tests.browser_support import REPOSITORY, serve, settle, visitors
from tests.browser_support import Visitor as Browser
from tests.ports import end_server
from tests.world import NOTICES

visit = pytest.fixture(visitors)
FRAME, DRAFT, COMPARE = "frame", "draft", "compare"
PROBLEM = "固定资产账实不符，部分设备购置后未登记入账"
SECOND = "公务接待无公函报销"


# ---------------------------------------------------------------------- messages by hand


def begin(run: str, *fragments: str, page: str = DRAFT) -> ForwardMsg:
    message = ForwardMsg()
    message.new_session.page_script_hash = page
    message.new_session.main_script_hash = FRAME
    message.new_session.config.max_cached_message_age = 2
    message.metadata.run.script_run_id = run
    message.metadata.run.fragment_ids.extend(fragments)
    return message


def end(run: str, status: Any = ForwardMsg.FINISHED_SUCCESSFULLY) -> ForwardMsg:
    message = ForwardMsg(script_finished=status)
    message.metadata.run.script_run_id = run
    return message


def drawn(*path: int, fragment: str = "", script: str = DRAFT) -> ForwardMsg:
    message = ForwardMsg()
    message.metadata.delta_path.extend(path)
    message.metadata.active_script_hash = script
    message.delta.fragment_id = fragment
    return message


def box(*path: int, fragment: str = "", block: Block | None = None) -> ForwardMsg:
    message = drawn(*path, fragment=fragment)
    message.delta.add_block.CopyFrom(block or Block(vertical=Block.Vertical()))
    return message


def area(name: str, *path: int, fragment: str = "", script: str = DRAFT, put: str = "") -> Any:
    message = drawn(*path, fragment=fragment, script=script)
    area = message.delta.new_element.text_area
    area.id = area.label = name
    area.default = "default"
    if put:
        area.value, area.set_value = put, True
    return message


def fed(*messages: ForwardMsg, page: BrowserPage | None = None) -> BrowserPage:
    page = page or BrowserPage()
    for message in messages:
        page.take(message)
    return page


def areas(page: BrowserPage) -> list[str]:
    return [element.label for _, element in page.all("text_area")]


def told(page: BrowserPage) -> dict[str, str]:
    return {state.id: state.string_value for state in page.widgets()}


# ---------------------------------------------------------------------- what is kept


def test_a_whole_run_drops_what_it_did_not_draw_and_the_value_of_it() -> None:
    page = fed(begin("1"), area("kept", 0, 0), area("gone", 0, 1), end("1"))
    page.fill(WidgetState(id="kept", string_value="typed"))
    page.fill(WidgetState(id="gone", string_value="typed"))
    fed(begin("2"), area("kept", 0, 0), page=page)
    assert areas(page) == ["kept", "gone"], "until the run ends a browser shows the old ones"
    assert page.take(end("2"))
    assert told(page) == {"kept": "typed"}


def test_a_run_of_a_fragment_leaves_the_rest_of_the_page_alone() -> None:
    page = fed(
        begin("1"),
        area("page", 0, 0),
        box(2, 0),
        box(2, 0, 0, fragment="f"),
        area("one", 2, 0, 0, 0, fragment="f"),
        area("two", 2, 0, 0, 1, fragment="f"),
        end("1"),
    )
    fed(
        begin("2", "f"),
        box(2, 0, 0, fragment="f"),
        area("one", 2, 0, 0, 0, fragment="f"),
        end("2", ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY),
        page=page,
    )
    assert areas(page) == ["page", "one"]
    assert set(told(page)) == {"page", "one"}
    assert [node.fragment for node, _ in page.all("text_area")] == ["", "f"]
    assert page.runs == {"whole": 1, "of a fragment": 1}


def test_a_dialog_drawn_again_keeps_its_inside_and_another_one_does_not() -> None:
    def dialog(number: str) -> ForwardMsg:
        return box(2, 0, block=Block(id=number, dialog=Block.Dialog(title="添加问题")))

    page = fed(begin("1"), dialog("a"), area("inside", 2, 0, 0), dialog("a"))
    assert areas(page) == ["inside"]
    assert areas(fed(dialog("b"), page=page)) == []


def test_widgets_of_a_closed_popover_are_not_told() -> None:
    popover = box(0, 0, block=Block(popover=Block.Popover(label="导出")))
    page = fed(begin("1"), popover, area("hidden", 0, 0, 0), area("open", 0, 1), end("1"))
    assert told(page) == {"open": "default"}


def test_what_the_server_puts_into_a_widget_wins_over_what_was_typed() -> None:
    page = fed(begin("1"), area("a", 0, 0), end("1"))
    page.fill(WidgetState(id="a", string_value="typed"))
    fed(begin("2"), area("a", 0, 0), end("2"), page=page)
    assert told(page) == {"a": "typed"}
    fed(begin("3"), area("a", 0, 0, put="put"), end("3"), page=page)
    assert told(page) == {"a": "put"}


def test_another_page_keeps_only_the_frame() -> None:
    page = fed(begin("1"), area("frame", 1, 0, script=FRAME), area("page", 0, 0), end("1"))
    fed(begin("2", page=COMPARE), page=page)
    assert areas(page) == ["frame"]


def test_a_run_broken_off_or_another_run_is_not_the_end() -> None:
    page = fed(begin("1"), area("old", 0, 0), end("1"), begin("2"))
    assert not page.take(end("2", EARLY))
    fed(begin("3"), page=page)
    assert not page.take(end("2"))
    assert areas(page) == ["old"]
    assert page.take(end("3"))
    assert areas(page) == []
    assert page.runs["broken off for another"] == 1


def test_a_cached_message_is_recalled_and_in_time_forgotten() -> None:
    long = drawn(0, 0)
    long.delta.new_element.html.body = "long"
    long.metadata.cacheable, long.hash = True, "h"
    page = fed(begin("1"), long, end("1"))
    assert page.cached() == ["h"]
    again = ForwardMsg(ref_hash="h")
    again.metadata.delta_path.extend((0, 5))
    fed(begin("2"), again, end("2"), page=page)
    assert page.html() == "long"
    assert page.cached() == ["h"]
    for run in "345":
        fed(begin(run), end(run), page=page)
    assert page.cached() == []


# ---------------------------------------------------------------------- what is reported


class Server(Process):
    def __init__(self, held: list[float]) -> None:
        super().__init__("web app", process=None)  # type: ignore[arg-type]
        self.memory = [(float(at), megabytes) for at, megabytes in enumerate(held)]


def test_memory_is_shown_at_every_tenth_of_the_time() -> None:
    text = memory_table([Server([float(number) for number in range(101)])])
    assert "| web app | 10 | 20 | 30 | 40 | 50 | 60 | 70 | 80 | 90 | 100 | 100 |" in text


def test_the_processor_is_shared_out_over_operations_and_runs() -> None:
    record = Record(runs=Counter({"whole": 30, "of a fragment": 10, "broken off for another": 5}))
    record.taken["page: ask"] = [0.1] * 20
    record.taken["api: ask"] = [0.1] * 5
    said = cost(record, web=10.0, api=2.0, own=3.0)
    assert "20 page operations, 0.500 s each, in 40 runs of the script, 0.250 s each" in said
    assert "5 calls, 0.400 s each" in said


@pytest.mark.parametrize(
    ("error", "failed", "lost"), [(PageFailed("x"), 1, 0), (VisitorLost("x"), 0, 1)]
)
def test_a_lost_visitor_is_told_apart_from_a_failed_page(
    error: Exception, failed: int, lost: int
) -> None:
    async def work() -> None:
        raise error

    record = Record()
    with pytest.raises(type(error)):
        asyncio.run(record.timed("page: ask", work()))
    assert (record.failures.total(), record.lost.total()) == (failed, lost)
    assert record.taken == {}


def test_the_notice_that_changes_keeps_the_library_its_size(home: Path, tmp_path: Path) -> None:
    reviewer = build_reviewer(load_settings(home))
    sizes = []
    for number in range(3):
        reviewer.ingest([write_notice(tmp_path / "inbox", number, changing=True)])
        sizes.append(reviewer.overview().cases)
    reviewer.ingest([write_notice(tmp_path / "inbox", 9, changing=False)])
    grown = reviewer.overview().cases
    reviewer.library.close()
    assert sizes == [sizes[0]] * 3
    assert sizes[0] > 0
    assert grown == 2 * sizes[0]


def test_a_plan_ends_in_time() -> None:
    assert Plan(0.0, think=1.0, ramp=0.0).over()
    assert not Plan(60.0, think=1.0, ramp=0.0).over()


# ---------------------------------------------------------------------- beside a real browser


class Recording(Visitor):
    """A visitor that keeps what it sent."""

    sent: BackMsg

    def message(self, pressed: list[WidgetState], fragment: str) -> BackMsg:
        self.sent = super().message(pressed, fragment)
        return self.sent


@pytest.fixture
def app(home: Path, tmp_path: Path) -> Iterator[str]:
    reviewer = build_reviewer(load_settings(home))
    reviewer.ingest(list(NOTICES))
    reviewer.library.close()
    address, process = serve(REPOSITORY / "app.py", tmp_path / "log", ZHENGGAI_HOME=str(home))
    yield address
    end_server(process)


async def typed_by_the_visitor(address: str) -> BackMsg:
    """Add a problem and draft it, then type a second one into the dialog."""
    async with Recording(address, "") as visitor:
        await visitor.open()
        await visitor.open("draft")
        await visitor.add_problem(PROBLEM)
        await visitor.draft()
    async with Recording(address, "") as visitor:
        await visitor.open("draft")
        await visitor.press("添加")
        await visitor.type("反馈的问题", SECOND)
        return visitor.sent


def plain(message: BackMsg) -> dict[str, str]:
    """Give what a message says, widgets by the end of their id, as words that can be compared."""
    rerun = message.rerun_script
    said = {"fragment": rerun.fragment_id, "page": rerun.page_script_hash}
    for state in rerun.widget_states.widgets:
        kind = state.WhichOneof("value")
        value = getattr(state, kind) if kind else ""
        said[state.id] = f"{kind} {getattr(value, 'data', value)}"
    return said


@pytest.mark.browser
@pytest.mark.slow
def test_what_a_visitor_sends_is_what_a_browser_sends(
    app: str, visit: Callable[..., Browser]
) -> None:
    # a thread of its own: the browser's driver has a running loop in this one
    with ThreadPoolExecutor(1) as pool:
        ours = pool.submit(lambda: asyncio.run(typed_by_the_visitor(app))).result(120)
    browser = visit(app)
    frames: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        frames.append(frame if isinstance(frame, bytes) else frame.encode())

    browser.page.on("websocket", lambda socket: socket.on("framesent", keep))
    page = browser.open("/draft")
    expect(page.get_by_label("措施 1 内容")).to_be_visible(timeout=60_000)
    settle(page)
    page.locator(".st-key-add-problem button").click()
    text = page.get_by_role("dialog").get_by_label("反馈的问题")
    text.fill(SECOND)
    text.blur()
    expect(page.locator(".st-key-add-more button")).to_be_enabled(timeout=60_000)
    settle(page)
    theirs = BackMsg.FromString(frames[-1])
    assert ours.rerun_script.fragment_id
    assert plain(ours) == plain(theirs)
