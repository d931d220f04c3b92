"""Text of sources, users and models made inert before it reaches the browser.

Everything is shown through `st.html` with every character escaped here, so that no Markdown
(remote images, links, `~`, directives, shortcodes) of foreign text is ever interpreted. Pure.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from html import escape
from itertools import groupby
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

_UNSEEN = "\u200b"
_CITATION = re.compile(r"\[(\d{1,3})\]")
_BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
_BULLET = re.compile(r"^\s*[-*•]\s+(?=\S)")
LEAD_LIMIT = 24
_HEADING = re.compile(r"^\s*#{1,6}\s+")
_OPEN, _CLOSE = "\ue000", "\ue001"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ue000\ue001]")
# Labels of widgets are Markdown: these are replaced by their full-width forms, which mean nothing.
_LABEL = str.maketrans(
    {c: chr(ord(c) + 0xFEE0) for c in "`*_[]{}<>:$~#|\\!^"} | {"\n": " ", "\r": " ", "\t": " "}
)


def plain(text: str) -> str:
    """Escape for HTML; control characters and direction overrides go."""
    return escape(_CONTROL.sub("", text), quote=True)


def label(text: str, limit: int = 0) -> str:
    """Make text safe as a widget label, whose Markdown cannot be switched off."""
    flat = " ".join(_CONTROL.sub("", text).translate(_LABEL).split())
    flat = re.sub(r"^(\d+[.)])\s", "\\1\u2009", flat)
    flat = re.sub(r"^([+\-])", lambda m: chr(ord(m[1]) + 0xFEE0), flat)
    return shorten(flat, limit) if limit else flat


def told_apart(labels: Mapping[Key, str]) -> dict[Key, str]:
    """Make every label of a choice its own: a widget knows its options by their labels alone.

    Notices of one unit, problems that begin alike: what looks the same twice gets a mark that is
    not seen, or the one could not be chosen beside the other.
    """
    seen: Counter[str] = Counter()
    apart = {}
    for key, text in labels.items():
        apart[key] = text + _UNSEEN * seen[text]
        seen[text] += 1
    return apart


def shorten(text: str, limit: int) -> str:
    """Cut with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip("，、；。 ") + "…"


def answer_html(text: str, *, links: Mapping[int, str], unsupported: Sequence[str] = ()) -> str:
    """Render an answer: paragraphs, lists, bold, citations as links, unsupported sentences."""
    text = _CONTROL.sub("", text)
    for sentence in sorted({s.strip() for s in unsupported if s.strip()}, key=len, reverse=True):
        if "\n" not in sentence:
            text = text.replace(sentence, f"{_OPEN}{sentence}{_CLOSE}")
    blocks = [_block(b) for b in re.split(r"\n\s*\n", text.strip()) if b.strip()]
    html = "".join(blocks)
    html = html.replace(_OPEN, '<span class="unsupported" title="引用的案例中未找到依据">')
    html = html.replace(_CLOSE, "</span>")
    return _CITATION.sub(lambda match: _link(match, links), html)


def _block(block: str) -> str:
    """Render lines that belong together: items become lists, what leads to them a heading."""
    parts: list[str] = []
    lines = [line for line in block.split("\n") if line.strip()]
    for is_list, group in groupby(lines, key=lambda line: bool(_BULLET.match(line))):
        if is_list:
            items = "".join(f"<li>{_inline(_BULLET.sub('', line))}</li>" for line in group)
            parts.append(f"<ul>{items}</ul>")
        else:
            parts += _paragraphs(list(group))
    return "".join(parts)


def _paragraphs(lines: list[str]) -> list[str]:
    parts: list[str] = []
    plain_lines: list[str] = []
    for line in lines:
        leads = line.rstrip().endswith(("：", ":")) and len(line) <= LEAD_LIMIT
        if not leads and not _HEADING.match(line):
            plain_lines.append(_inline(line))
            continue
        if plain_lines:
            parts.append(f"<p>{'<br>'.join(plain_lines)}</p>")
            plain_lines = []
        parts.append(f'<p class="head"><strong>{_inline(_HEADING.sub("", line))}</strong></p>')
    if plain_lines:
        parts.append(f"<p>{'<br>'.join(plain_lines)}</p>")
    return parts


def _inline(line: str) -> str:
    return _BOLD.sub(r"<strong>\1</strong>", escape(line.strip(), quote=True))


def _link(match: re.Match[str], links: Mapping[int, str]) -> str:
    number = int(match[1])
    if number not in links:
        return ""
    target = plain(links[number])
    away = "" if target.startswith("#") else ' target="_blank" rel="noopener"'
    return (
        f'<a class="cite" href="{target}"{away} aria-label="查看引证 {number} 的原文">{number}</a>'
    )


def marked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Escape a source line and wrap the given stretches in `<mark>`."""
    joined: list[tuple[int, int]] = []
    for start, stop in sorted((max(0, a), min(b, len(text))) for a, b in spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        elif start < stop:
            joined.append((start, stop))
    pieces: list[str] = []
    end = 0
    for start, stop in joined:
        pieces += [plain(text[end:start]), "<mark>", plain(text[start:stop]), "</mark>"]
        end = stop
    return "".join([*pieces, plain(text[end:])])
