"""Text the system handed over in bytes of another code page: file names, words of a terminal."""

from __future__ import annotations

import os

ENCODINGS = ("utf-8", "gb18030")
"""As it should be; as Chinese Windows writes names into archives and old terminals send words."""


def as_text(word: str) -> str:
    """Give a word of the system as text that can be written down.

    What Python could not read it keeps as half surrogate pairs, which no file or database takes.
    Raises `UnicodeDecodeError` for bytes that are no text in any of the encodings.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        sent = os.fsencode(word)
    else:
        return word
    try:
        return sent.decode(ENCODINGS[0])
    except UnicodeDecodeError:
        return sent.decode(ENCODINGS[1])


def shown(word: str) -> str:
    """Give a word of the system as text, whatever it is: what is none is spelled out as bytes."""
    try:
        return as_text(word)
    except UnicodeDecodeError:
        return os.fsencode(word).decode("utf-8", "backslashreplace")
