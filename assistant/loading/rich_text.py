"""RTF without LibreOffice: the text of the groups. Automatic numbers are lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from assistant.loading.content import Content, LineBuilder
from assistant.loading.limits import Limits
from assistant.loading.word_binary import NO_NUMBERS

_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)",
    re.IGNORECASE,
)
_BREAKS = {"par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t"}
_SIGNS = {
    "tab": " ",
    "emdash": "—",
    "endash": "–",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "bullet": "•",
}
_UNREAD_WORDS = (
    "fonttbl colortbl stylesheet info pict object header headerl headerr headerf footer footerl "
    "footerr footerf listtable listoverridetable rsidtbl generator themedata colorschememapping "
    "latentstyles datastore xmlnstbl filetbl revtbl fldinst nonshppict wgrffmtfilter mmathpr "
    "listtext pntext ftnsep ftnsepc aftnsep aftnsepc"
)
_UNREAD = frozenset(_UNREAD_WORDS.split())


@dataclass(slots=True)
class _State:
    """What a group inherits."""

    unread: bool = False
    hidden: bool = False
    deleted: bool = False
    skip: int = 1
    """Fallback characters after a Unicode one."""


class _Parser:
    """One pass over the tokens."""

    def __init__(self) -> None:
        self._states = [_State()]
        self._pieces: list[str] = []
        self._bytes = bytearray()
        self._skip = 0

    def text(self, content: bytes) -> str:
        """The text of a whole file."""
        for match in _TOKEN.finditer(content):
            word, number, code, sign, brace, plain = match.groups()
            if word:
                self._word(word.decode().lower(), number)
            elif code:
                self._byte(bytes([int(code, 16)]))
            elif sign:
                self._sign(sign)
            elif brace:
                self._brace(brace)
            elif plain:
                self._plain(plain)
        self._flush()
        return "".join(self._pieces)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            self._states.append(replace(self._states[-1]))
        elif len(self._states) > 1:
            self._states.pop()

    def _word(self, word: str, number: bytes | None) -> None:
        state = self._states[-1]
        if word == "u" and number:
            self._flush()
            self._put(chr(int(number) % 65_536))
            self._skip = state.skip
        elif word == "uc" and number:
            state.skip = int(number)
        elif word in ("v", "deleted"):
            setattr(state, "hidden" if word == "v" else "deleted", number != b"0")
        elif word in _UNREAD:
            state.unread = True
        elif word in _BREAKS or word in _SIGNS:
            self._flush()
            self._put(_BREAKS.get(word) or _SIGNS[word])

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._states[-1].unread = True
        elif sign == b"~":
            self._put("\xa0")
        elif sign in (b"\\", b"{", b"}"):
            self._byte(sign)

    def _byte(self, byte: bytes) -> None:
        if self._skip:
            self._skip -= 1
        elif self._is_read():
            self._bytes += byte

    def _plain(self, plain: bytes) -> None:
        skipped = min(self._skip, len(plain))
        self._skip -= skipped
        if self._is_read():
            self._bytes += plain[skipped:]

    def _put(self, text: str) -> None:
        if self._is_read():
            self._pieces.append(text)

    def _is_read(self) -> bool:
        state = self._states[-1]
        return not (state.unread or state.hidden or state.deleted)

    def _flush(self) -> None:
        if self._bytes:
            self._pieces.append(self._bytes.decode("gb18030", "replace"))
            self._bytes.clear()


def read(content: bytes, kind: str, limits: Limits) -> Content:
    """Read an rtf's text; `kind` is always `rtf`."""
    text = _Parser().text(content)
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    builder = LineBuilder(limits)
    builder.warnings.append(NO_NUMBERS)
    for line in text.split("\n"):
        builder.add(line.strip("\t"))
    return builder.content()
