"""Scanned PDF pages read by the Tesseract program, where it is installed and asked for.

Pages are drawn one at a time and recognised one at a time, each with its own time limit. What
Tesseract says of the place of each word goes through the same rules as a text layer.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import replace
from typing import Any

import pypdfium2

from assistant.errors import LoadTimeout, Scanned, TooLarge
from assistant.loading.content import Content, LineBuilder
from assistant.loading.geometry import tidy
from assistant.loading.limits import Limits
from assistant.loading.ocr_words import page_of, punctuated, strip_noise
from assistant.loading.page_layout import Page, Ruled
from assistant.loading.paragraphs import paragraphs_of
from assistant.loading.pdf import LEAST_CHARACTERS, open_pdf

WARNING = "扫描件，文字由 OCR 识别，可能有错字，请对照原件"
KIND = "scan"
"""Name of this reader: never what a file is taken for, always a second try."""
LANGUAGE = "chi_sim"
DOTS_PER_INCH = 300
MOST_DOTS = 40_000_000
"""Dots of a drawn page: a poster is drawn coarser."""
ASK_SECONDS = 10
_OPTIONS = ("-l", LANGUAGE, "--psm", "6", "--dpi", str(DOTS_PER_INCH), "tsv")


def find_tesseract() -> str | None:
    """Path of a Tesseract that knows simplified Chinese, if the machine has one."""
    program = shutil.which("tesseract")
    if program is None:
        return None
    try:
        said = subprocess.run(
            [program, "--list-langs"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    # older versions answer on standard error
    names = (said.stdout + said.stderr).decode("utf-8", "replace").split()
    return program if LANGUAGE in names else None


def scan_limits(limits: Limits) -> Limits:
    """Limits of the process that reads a scan: recognising takes seconds a page."""
    return replace(limits, seconds=limits.ocr_seconds)


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read the pages of a pdf as pictures; `kind` is always `scan`."""
    program = find_tesseract()
    if program is None:
        raise Scanned("是扫描件或图片，没有可读取的文字", todo="请先安装 tesseract 及 chi_sim")
    deadline = time.monotonic() + limits.ocr_seconds
    document = open_pdf(content)
    try:
        if len(document) > limits.ocr_pages:
            raise TooLarge(
                f"扫描件共 {len(document)} 页，超过 {limits.ocr_pages} 页，未识别",
                todo="请拆分后再导入",
            )
        pages: list[Page] = []
        late: list[int] = []
        for number in range(len(document)):
            left = deadline - time.monotonic()
            if left <= 0:
                raise LoadTimeout(
                    f"文字识别超过 {limits.ocr_seconds} 秒，已停止", todo="请拆成几个文件再导入"
                )
            page = document[number]
            said = _recognised(program, page, min(left, limits.ocr_page_seconds))
            if said is None:
                late.append(number)
            pages.append(page_of(said or "", number, page.get_size(), points=1 / _scale(page)))
            page.close()
    finally:
        document.close()
    return _content(pages, late, limits)


def _content(pages: list[Page], late: list[int], limits: Limits) -> Content:
    found = sum(len(line.text) for page in pages for line in page.lines)
    if found < LEAST_CHARACTERS:
        raise Scanned("是扫描件或图片，没有识别出文字", todo="请换用更清晰的扫描件，或导入原文件")
    builder = LineBuilder(limits)
    builder.front = [tidy(line.text) for line in pages[0].lines]
    builder.warnings.append(WARNING)
    if late:
        numbers = "、".join(str(number + 1) for number in late)
        builder.warnings.append(f"第 {numbers} 页识别超时或失败，未读取")
    strip_noise(pages)
    for item in paragraphs_of(pages):
        if not isinstance(item, Ruled):
            builder.add(punctuated(item))
    return builder.content()


def _recognised(program: str, page: Any, seconds: float) -> str | None:
    """What Tesseract says of a page; `None` when it failed or took too long."""
    try:
        said = subprocess.run(
            [*_single_threaded(), program, "stdin", "stdout", *_OPTIONS],
            input=_drawn(page),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return said.stdout.decode("utf-8", "replace") if said.returncode == 0 else None


def _single_threaded() -> list[str]:
    # its threads wait for each other more than they work
    env = shutil.which("env")
    return [env, "OMP_THREAD_LIMIT=1"] if env else []


def _scale(page: Any) -> float:
    """Dots a point."""
    width, height = page.get_size()
    return float(min(DOTS_PER_INCH / 72, (MOST_DOTS / max(1.0, width * height)) ** 0.5))


def _drawn(page: Any) -> bytes:
    """A page as a grey picture in the plainest of formats (PGM)."""
    bitmap: pypdfium2.PdfBitmap = page.render(scale=_scale(page), grayscale=True)
    rows, dots, stride = bitmap.height, bitmap.width, bitmap.stride
    raw = bytes(bitmap.buffer)
    bitmap.close()
    body = b"".join(raw[row * stride : row * stride + dots] for row in range(rows))
    return b"P5 %d %d 255\n" % (dots, rows) + body
