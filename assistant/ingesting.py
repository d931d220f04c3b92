"""Many files into the Library: in parallel, resumable, one result a file.

Every file is its own transaction: stopping or dying between two files loses nothing, and a
second run skips what is already held.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from assistant.errors import AssistantError, LoadError, ModelError
from assistant.library import Library
from assistant.loading.limits import DEFAULT_LIMITS, Limits
from assistant.loading.load import SUPPORTED_SUFFIXES
from assistant.models import Document, IngestResult, IngestState, Notice
from assistant.reading import READING_VERSION, Reading, read_file, read_upload
from assistant.system_text import shown

WORKERS = 2
INLINE_AT_MOST = 6
"""Up to this many new files are read in this process: starting workers costs more."""

Upload = tuple[str, bytes]
Progress = Callable[[int, int, IngestResult], None]
"""Called with (done, total, result of the last file)."""
Reread = Callable[[Document, Notice], Notice | None]
"""Gives a better reading of a notice the rules doubt, or nothing; may raise `ModelError`."""


@dataclass(frozen=True, slots=True)
class _Item:
    name: str
    origin: str
    """Where it comes from; empty for an upload."""
    path: Path | None
    content: bytes | None

    def digest(self) -> str:
        """Hash the bytes; a file that cannot be read hashes to nothing and fails when read."""
        if self.content is not None:
            return hashlib.sha256(self.content).hexdigest()
        try:
            with self.path.open("rb") as handle:  # type: ignore[union-attr]
                return hashlib.file_digest(handle, "sha256").hexdigest()
        except OSError:
            return ""


def expand(paths: Sequence[Path]) -> tuple[Path, ...]:
    """Give the files under `paths`: named files as they are, folders searched for readable kinds.

    Hidden files and office lock files (`~$…`) in folders are left out. Raises `LoadError` for a
    path that does not exist or a folder with nothing to read.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [p for p in sorted(path.rglob("*")) if p.is_file() and _wanted(p, path)]
            if not inside:
                raise LoadError(
                    "文件夹里没有可读的文件",
                    where=str(path),
                    todo="可读：txt、docx、pdf、html、xlsx 等",
                )
            found.extend(inside)
        elif path.exists():
            found.append(path)
        else:
            raise LoadError("找不到文件或文件夹", where=str(path), todo="请检查路径是否写对")
    return tuple(dict.fromkeys(found))


def _wanted(path: Path, root: Path) -> bool:
    parts = path.relative_to(root).parts
    return path.suffix.lower() in SUPPORTED_SUFFIXES and not any(
        part.startswith((".", "~$")) for part in parts
    )


def ingest(
    library: Library,
    files: Sequence[Path | Upload],
    *,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int = WORKERS,
    limits: Limits = DEFAULT_LIMITS,
    reread: Reread | None = None,
) -> tuple[IngestResult, ...]:
    """Read files into the Library and tell what became of each, in the order they were done.

    A file that cannot be read becomes a `失败` result with its reason; the rest goes on.
    `should_stop` is asked between files. `reread` may better a notice after it was read.
    """
    items = [_item(file) for file in files]
    results: list[IngestResult] = []

    def done(result: IngestResult) -> None:
        results.append(result)
        if on_progress is not None:
            on_progress(len(results), len(items), result)

    fresh: list[_Item] = []
    seen: dict[str, str] = {}
    for item in items:
        digest = item.digest()
        if digest and library.holds(digest, parser=READING_VERSION):
            done(_unchanged(library, item, digest))
        elif digest and digest in seen:
            done(
                IngestResult(
                    item.name,
                    IngestState.UNCHANGED,
                    message=f"与{seen[digest]}内容相同，未重复导入",
                )
            )
        else:
            seen[digest] = item.name
            fresh.append(item)
    for item, outcome in _readings(fresh, workers, should_stop or (lambda: False), limits):
        done(_store(library, item, outcome, reread))
    return tuple(results)


def _item(file: Path | Upload) -> _Item:
    if isinstance(file, Path):
        return _Item(shown(file.name), shown(str(file.resolve())), file, None)
    name, content = file
    return _Item(name, "", None, content)


def _read(item: _Item, limits: Limits) -> Reading | AssistantError:
    """Read one file; a named error is a value here, for it crosses a process border."""
    try:
        if item.path is not None:
            return read_file(item.path, limits=limits)
        return read_upload(item.name, item.content or b"", limits=limits)
    except AssistantError as error:
        return error


def _readings(
    items: Sequence[_Item], workers: int, should_stop: Callable[[], bool], limits: Limits
) -> Iterator[tuple[_Item, Reading | AssistantError]]:
    read = partial(_read, limits=limits)
    if len(items) <= INLINE_AT_MOST or workers < 2:
        for item in items:
            if should_stop():
                return
            yield item, read(item)
        return
    try:
        yield from _side_by_side(items, read, workers, should_stop)
    except BrokenProcessPool as error:
        raise LoadError(
            "读取文件的进程意外结束，可能是内存不足",
            where="导入",
            todo="已导入的部分已保存；请关闭其他程序后重新导入，会从中断处继续",
        ) from error


def _side_by_side(
    items: Sequence[_Item],
    read: Callable[[_Item], Reading | AssistantError],
    workers: int,
    should_stop: Callable[[], bool],
) -> Iterator[tuple[_Item, Reading | AssistantError]]:
    # spawn: a fork of a process with threads or an open index may hang
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        waiting: dict[Future[Reading | AssistantError], _Item] = {}
        queue = iter(items)
        while True:
            for item in queue:
                waiting[pool.submit(read, item)] = item
                if len(waiting) >= workers * 2:
                    break
            if not waiting:
                return
            finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield waiting.pop(future), future.result()
            if should_stop():
                pool.shutdown(cancel_futures=True)
                return


def _store(
    library: Library, item: _Item, outcome: Reading | AssistantError, reread: Reread | None
) -> IngestResult:
    if isinstance(outcome, AssistantError):
        return IngestResult(item.name, IngestState.FAILED, message=str(outcome))
    failure = ""
    if reread is not None:
        outcome, failure = _helped(outcome, reread)
    origin = item.origin or library.upload_origin(outcome.document, outcome.notices)
    result = library.put(outcome.document, outcome.notices, origin=origin, parser=READING_VERSION)
    return IngestResult(
        item.name, result.state, result.notices, result.cases, _remark(outcome, failure)
    )


def _helped(reading: Reading, reread: Reread) -> tuple[Reading, str]:
    """The reading with the notices a model could help with, and why it could not."""
    notices: list[Notice] = []
    failure = ""
    for notice in reading.notices:
        better = None
        if not failure:
            try:
                better = reread(reading.document, notice)
            except ModelError as error:
                failure = f"模型未能协助划分，已按规则读取的结果导入（{error}）"
        notices.append(better or notice)
    return replace(reading, notices=tuple(notices)), failure


def _remark(reading: Reading, failure: str) -> str:
    remarks = [*reading.document.warnings, *([failure] if failure else [])]
    empty = sum(not notice.cases for notice in reading.notices)
    if empty:
        remarks.append(f"{empty}份通报未识别到问题条目，请到案例库查看解析报告")
    doubts = sum(len(notice.report.doubts) for notice in reading.notices)
    if doubts:
        remarks.append(f"有{doubts}处存疑，见解析报告")
    return "；".join(remarks)


def _unchanged(library: Library, item: _Item, digest: str) -> IngestResult:
    notices, cases = library.size(digest)
    return IngestResult(item.name, IngestState.UNCHANGED, notices, cases)
