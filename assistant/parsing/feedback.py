"""Problems of a 反馈意见, a problem list or a ledger, in their own words and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from assistant.cleaning import clean_lines
from assistant.models import Document, FeedbackItem
from assistant.parsing.cues import Cues, load_cues
from assistant.parsing.ledger import ledger_cases
from assistant.parsing.measures import find_run
from assistant.parsing.outline import Node, build_outline
from assistant.parsing.parse import cases_of, ledgers_of
from assistant.parsing.problem_text import heading_end
from assistant.parsing.tokens import Token, find_label, tokenise
from assistant.parsing.wording import first_sentence, is_deficient

TRAILING = "。；;：: "
LIST_LIMIT = 400


def find_problems(document: Document) -> tuple[FeedbackItem, ...]:
    """Problems in the order they stand; empty when there are none."""
    cues = load_cues()
    lines = clean_lines(document.lines)
    ledgers = ledgers_of(document)
    if ledgers:
        return tuple(
            FeedbackItem(case.number, case.problem, case.line, case.category)
            for ledger in ledgers
            for case in ledger_cases(ledger, lines, "", 1)
        )
    tokens = tokenise(lines)
    if sum(token.lead == "measures" for token in tokens) >= 2:
        return tuple(
            FeedbackItem(case.number, case.problem, case.line, case.category)
            for case in cases_of(document)
        )
    return tuple(_from_outline(_without_letterhead(tokens, cues), cues))


def _without_letterhead(tokens: Sequence[Token], cues: Cues) -> list[Token]:
    """Title, salutation, signature and dates hold no problems."""
    header = cues.header
    kept: list[Token] = []
    for index, token in enumerate(tokens):
        text = token.text
        if header["date_line"].match(text) or header["closing_line"].search(text[:80]):
            continue
        plain = token.label is None and len(text) <= 60
        if plain and header["salutation"].match(text) and index < 6:
            continue
        if plain and not is_deficient(text, cues) and header["feedback_title"].search(text):
            continue
        if plain and header["unit_tail"].search(text) and index > len(tokens) - 4:
            continue
        kept.append(token)
    return kept


def _from_outline(tokens: Sequence[Token], cues: Cues) -> Iterator[FeedbackItem]:
    root = build_outline(tokens)
    if not root.children:
        yield from _from_list(tokens, cues)
        return
    for child in root.children:
        heading = first_sentence(child.text()[:80])
        if cues.header["no_problems"].search(heading) and not is_deficient(heading, cues):
            continue
        yield from _walk(child, (), cues)


def _from_list(tokens: Sequence[Token], cues: Cues) -> Iterator[FeedbackItem]:
    """No numbering at all: every paragraph that words a deficiency, or every line of a list."""
    stated = [token for token in tokens if is_deficient(token.text, cues)]
    chosen = stated if len(stated) * 2 >= len(tokens) or len(tokens) > 12 else list(tokens)
    for token in chosen:
        if cues.header["intro"].search(token.text) and len(token.text) > 60:
            continue
        yield from _split(token, 0, "", (), cues)


def _walk(node: Node, above: tuple[str, ...], cues: Cues) -> Iterator[FeedbackItem]:
    token = node.token
    if token is None:
        return
    heading = token.flow.raw(0, heading_end(token.text)).strip()
    if node.children:
        inline = len(token.text) - heading_end(token.text)
        loose = [entry for entry in node.contents if isinstance(entry, Token)]
        if inline > 20 and is_deficient(token.text[heading_end(token.text) :], cues):
            yield from _split(token, heading_end(token.text), "", (*above, heading), cues)
        for entry in loose[:1]:
            if is_deficient(entry.text, cues) and len(entry.text) <= LIST_LIMIT:
                yield from _split(entry, 0, "", (*above, heading), cues)
        for child in node.children:
            yield from _walk(child, (*above, heading), cues)
        return
    loose = [entry for entry in node.contents if isinstance(entry, Token)]
    if loose and _frames(token, cues):
        for entry in loose:
            yield from _split(entry, 0, "", (*above, heading), cues)
        return
    if not loose:
        yield from _split(token, token.body, _number(token), above, cues)
        return
    yield _whole(token, loose, above)


def _frames(token: Token, cues: Cues) -> bool:
    """A heading that only names a field, or sums up the paragraphs below it."""
    text = token.text[token.body :]
    return bool(cues.frame_only.match(text[:100])) or not is_deficient(text, cues)


def _number(token: Token) -> str:
    return token.flow.raw(0, token.body).strip() if token.label else ""


def _whole(token: Token, loose: Sequence[Token], above: tuple[str, ...]) -> FeedbackItem:
    pieces = [token.flow.raw(token.body, len(token.text)).strip()]
    pieces += [entry.flow.raw(0, len(entry.text)).strip() for entry in loose]
    joined = "".join(
        piece if piece.endswith(("。", "；", "：")) or piece is pieces[-1] else piece + "。"
        for piece in pieces
    )
    return FeedbackItem(_number(token), joined.rstrip(TRAILING), token.line, above)


def _split(
    token: Token, start: int, number: str, above: tuple[str, ...], cues: Cues
) -> Iterator[FeedbackItem]:
    """One paragraph: a problem, or several numbered inside it, each stated on its own."""
    text = token.text[start:]
    marks = find_run(text)
    units = list(pairwise([*marks, len(text)])) if marks else []
    stated = [unit for unit in units if is_deficient(text[slice(*unit)], cues)]
    if len(units) >= 2 and len(stated) * 3 >= len(units) * 2:
        lead = token.flow.raw(start, start + marks[0]).strip().rstrip(TRAILING + "，")
        category = (*above, f"{number}{lead}") if lead else above
        for low, high in units:
            label = find_label(text[low:high], cues)
            cut = label.end if label else 0
            words = token.flow.raw(start + low + cut, start + high).strip().rstrip(TRAILING)
            yield FeedbackItem(label.text if label else "", words, token.line, category)
        return
    words = token.flow.raw(start, len(token.text)).strip().rstrip(TRAILING)
    words = re.sub(r"^(?:反馈问题|存在问题|问题)[：:]\s*", "", words)
    if len(words) >= 4:
        yield FeedbackItem(number, words, token.line, above)
