"""Drafting every problem of a feedback document: in parallel, in order, resumable.

Knows neither search nor model: it is handed a function that drafts one problem. Finished drafts
are kept in a journal, one JSON line each, so that a run that was stopped goes on where it left.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from assistant.errors import AssistantError, LoadError, reason_of
from assistant.models import Answerable, Draft, FeedbackItem

WORKERS = 4
"""Enough to keep a model endpoint busy; without a model the processor is the bound anyway."""
_POLL_S = 0.2
_draft = TypeAdapter(Draft)

Write = Callable[[str], Draft]
Progress = Callable[[int, int, FeedbackItem], None]
"""Called with (done, total, item just done)."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One problem and what became of it."""

    position: int
    """From 1."""
    item: FeedbackItem
    draft: Draft | None
    error: str = ""
    """Why there is no draft; empty where there is one, or where the run was stopped before it."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """Every problem in the order of the document."""

    items: tuple[BatchItem, ...]
    resumed: int = 0
    """How many drafts came from an earlier run."""
    stopped: bool = False

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """The drafts there are, in order."""
        return tuple(item.draft for item in self.items if item.draft is not None)

    @property
    def complete(self) -> bool:
        """Whether every problem has its draft."""
        return all(item.draft is not None for item in self.items)


def draft_all(
    items: Sequence[FeedbackItem],
    write: Write,
    *,
    journal: Journal | None = None,
    workers: int = WORKERS,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> BatchResult:
    """Draft every problem; wording and order are those of `items`.

    A problem whose drafting fails is told in its `error` and the others go on. Stopped by
    `should_stop` or by an interrupt, what is done is in the journal; a complete run removes it.
    """
    held = journal.read() if journal else {}
    keys = _keys(items)
    drafts = {place: held[key] for place, key in enumerate(keys) if key in held}
    resumed, errors, stopped = len(drafts), dict[int, str](), False
    waiting = [place for place in range(len(items)) if place not in drafts]
    stop = should_stop or (lambda: False)
    for place, outcome in _written(items, waiting, write, workers, stop):
        if isinstance(outcome, AssistantError):
            errors[place] = str(outcome)
        else:
            drafts[place] = replace(outcome, category=items[place].category)
            if journal:
                journal.add(keys[place], drafts[place])
        if on_progress:
            on_progress(len(drafts) + len(errors), len(items), items[place])
    stopped = len(drafts) + len(errors) < len(items)
    result = BatchResult(
        tuple(
            BatchItem(place + 1, item, drafts.get(place), errors.get(place, ""))
            for place, item in enumerate(items)
        ),
        resumed,
        stopped,
    )
    if journal and result.complete:
        journal.remove()
    return result


def _written(
    items: Sequence[FeedbackItem],
    waiting: Sequence[int],
    write: Write,
    workers: int,
    should_stop: Callable[[], bool],
) -> Iterator[tuple[int, Draft | AssistantError]]:
    """Draft in threads, at most `workers` at a time, giving each as it is done."""
    queue = iter(waiting)
    running: dict[Future[Draft], int] = {}
    pool = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="draft")
    try:
        while True:
            while len(running) < max(workers, 1) and not should_stop():
                place = next(queue, None)
                if place is None:
                    break
                running[pool.submit(write, items[place].text)] = place
            if not running:
                return
            finished, _ = wait(running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for future in finished:
                yield running.pop(future), _outcome(future)
    finally:
        # an interrupt must not wait for drafts that have not begun
        pool.shutdown(wait=False, cancel_futures=True)


def _outcome(future: Future[Draft]) -> Draft | AssistantError:
    """Give the draft; a named error is a value here, for one failure must not end the run."""
    try:
        return future.result()
    except AssistantError as error:
        return error


def _keys(items: Sequence[FeedbackItem]) -> list[str]:
    """Name each problem by its wording and which of its like it is: order does not matter."""
    seen: dict[str, int] = {}
    keys = []
    for item in items:
        seen[item.text] = seen.get(item.text, 0) + 1
        keys.append(_digest(item.text, str(seen[item.text])))
    return keys


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


# ------------------------------------------------------------------ journal


class Journal:
    """Finished drafts of a run, appended line by line.

    `purpose` is everything drafts depend on besides the problem (profile, model, library): a
    journal kept for another purpose is not used.
    """

    def __init__(self, path: Path, purpose: str) -> None:
        self.path, self._purpose = path, _digest(purpose)

    def read(self) -> dict[str, Draft]:
        """Give the drafts by key; a line cut off by a kill is left out."""
        try:
            # a kill may cut a letter in two; only line feeds end a line, a draft holds the rest
            lines = self.path.read_text(encoding="utf-8", errors="replace").split("\n")
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise self._unusable(error) from error
        found: dict[str, Draft] = {}
        for line in lines:
            try:
                entry = json.loads(line)
                if entry["purpose"] == self._purpose:
                    found[entry["key"]] = _draft.validate_python(entry["draft"])
            except (json.JSONDecodeError, KeyError, TypeError, ValidationError):
                continue
        return found

    def add(self, key: str, draft: Draft) -> None:
        """Append one draft."""
        body = _draft.dump_python(draft, mode="json")
        line = json.dumps({"purpose": self._purpose, "key": key, "draft": body}, ensure_ascii=False)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                # a newline first ends a line that an earlier run left unfinished
                file.write(f"\n{line}\n")
        except OSError as error:
            raise self._unusable(error) from error

    def remove(self) -> None:
        """Forget the run."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> LoadError:
        return LoadError(
            f"进度文件读写失败（{reason_of(error)}）", where=str(self.path), todo="请检查目录和权限"
        )


# ------------------------------------------------------------------ what needs a person


def report_of(result: BatchResult) -> tuple[str, ...]:
    """Say in Chinese sentences what a person has to look at, most pressing first."""
    done = len(result.drafts)
    lines = [f"共{len(result.items)}个问题，已起草{done}个"]
    if result.resumed:
        lines[0] += f"（其中{result.resumed}个为上次已完成）"
    lines += [f"第{i.position}个问题未能起草：{i.error}" for i in result.items if i.error]
    if result.stopped:
        left = sum(item.draft is None and not item.error for item in result.items)
        lines.append(f"还有{left}个问题未起草，重新运行即从中断处继续")
    drafted = [(item.position, item.draft) for item in result.items if item.draft]
    for words, picked in (
        ("库中没有相近案例，为通用写法，须逐条核实", _without_cases(drafted)),
        ("有须改的核查意见", _with_errors(drafted)),
        ("有措施与其他问题的措施完全相同，请结合各自问题修改", _copied(drafted)),
        ("有须本单位填写或核实的事项", [n for n, d in drafted if d.placeholders]),
    ):
        if picked:
            lines.append(f"第{_runs(picked)}个问题{words}")
    return tuple(lines)


def _runs(numbers: Sequence[int]) -> str:
    """Write 1、2、3、5 as 1至3、5."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1].append(number)
        else:
            parts.append([number])
    return "、".join(
        f"{part[0]}至{part[-1]}" if len(part) > 2 else "、".join(map(str, part)) for part in parts
    )


Drafted = Sequence[tuple[int, Draft]]


def _without_cases(drafted: Drafted) -> list[int]:
    return [n for n, d in drafted if not d.evidence or d.answerable is Answerable.NO]


def _with_errors(drafted: Drafted) -> list[int]:
    return [n for n, d in drafted if any(f.level == "error" for f in d.findings)]


def _copied(drafted: Drafted) -> list[int]:
    """Give the problems that share a measure word for word with another problem."""
    owners: dict[str, set[int]] = {}
    for number, draft in drafted:
        for measure in draft.measures:
            owners.setdefault(measure.text, set()).add(number)
    return sorted({n for numbers in owners.values() if len(numbers) > 1 for n in numbers})
