"""Items that carry neither number nor form: a bare sentence, then what was done about it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.parsing.cues import Cues
from assistant.parsing.tokens import Token
from assistant.parsing.wording import INLINE_RUN, acts, first_sentence, inline_lead, is_deficient

HEAD_LIMIT = 160
TOPIC_LIMIT = 50
RUN_START = re.compile(r"^(?:[一二三四五六七八九十]{1,3}是|第[一二三四五六七八九十]+[，、]|[①-⑳])")


def bare_heads(
    tokens: Sequence[Token], cues: Cues, *, strict: bool, topics: bool = False
) -> list[int]:
    """Indexes of the paragraphs that state a problem; `strict` wants 整改情况： after each.

    `topics` lets short lines that only name the action count as well.
    """
    led = led_heads(tokens, cues)
    if led or strict:
        return led
    stated = [i for i, token in enumerate(tokens) if _states(tokens, i, cues)]
    if len(stated) >= 2 or (len(stated) == 1 and stated[0] == 0 and len(tokens) <= 4):
        return stated
    return topic_lines(tokens) if topics else []


def topic_lines(tokens: Sequence[Token]) -> list[int]:
    """Indexes of short lines with longer text below, where the paragraphs alternate so."""
    found = [index for index in range(len(tokens)) if _names_topic(tokens, index)]
    return found if found and found[0] == 0 and len(found) * 4 >= len(tokens) else []


def _open_text(token: Token) -> bool:
    return token.label is None and not token.lead and not RUN_START.match(token.text)


def led_heads(tokens: Sequence[Token], cues: Cues) -> list[int]:
    """Of the open paragraphs before each 整改情况：, the one that states the problem."""
    found: list[int] = []
    run: list[int] = []
    for index, token in enumerate(tokens):
        if _open_text(token) and inline_lead(token.text, cues):
            found.append(index)
            run = []
        elif token.lead == "measures":
            if not run and not found:
                return []
            if run:
                found.append(_stating(tokens, run, cues, follows=bool(found)))
            run = []
        elif not token.lead:
            run = [*run, index] if _open_text(token) else []
    return found


def first_led(tokens: Sequence[Token], cues: Cues) -> int:
    """Index of the first paragraph that holds a problem and, behind 整改措施：, its remedy."""
    for index, token in enumerate(tokens):
        intro = cues.header["intro"].search(token.text) is not None
        if index and _open_text(token) and not intro and inline_lead(token.text, cues):
            return index
    return len(tokens)


def _stating(tokens: Sequence[Token], run: list[int], cues: Cues, *, follows: bool) -> int:
    for index in run:
        text = tokens[index].text
        short = len(text) <= HEAD_LIMIT
        if tokens[index].form is not None:
            return index
        if short and is_deficient(text, cues) and not (follows and cues.action.match(text)):
            return index
    return run[-1] if follows else run[0]


def _states(tokens: Sequence[Token], index: int, cues: Cues) -> bool:
    """A short deficiency with text below it, or a deficiency and its remedy in one paragraph."""
    token = tokens[index]
    if not _open_text(token):
        return False
    text = token.text
    sentence = first_sentence(text)
    if token.form is not None:
        return True
    if not is_deficient(sentence, cues) or acts(sentence, cues):
        return False
    if len(text) <= HEAD_LIMIT and len(sentence) >= len(text) - 1:
        return index + 1 < len(tokens)
    return len(sentence) <= TOPIC_LIMIT and (
        len(text) > len(sentence) + 6 or INLINE_RUN.search(text) is not None
    )


def _names_topic(tokens: Sequence[Token], index: int) -> bool:
    """A short line without a full stop inside, with longer text below it."""
    token = tokens[index]
    text = token.text.rstrip("。：")
    if not _open_text(token) or len(text) > TOPIC_LIMIT or "。" in text or "；" in text:
        return False
    if index + 1 >= len(tokens):
        return False
    below = tokens[index + 1]
    return not _open_text(below) or len(below.text) >= 2 * len(text)
