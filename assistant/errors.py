"""What we raise on purpose. The text is Chinese because users read it: what, where, what to do.

AssistantError
├── LoadError            a file cannot be read
│   ├── UnsupportedFormat
│   ├── EmptyFile
│   ├── TooLarge
│   ├── Encrypted
│   ├── Scanned          pages are pictures, or the text layer is garbled
│   ├── Classified       carries a 密级 mark: refused at the door
│   └── LoadTimeout
├── ParseError           nothing of the genre was recognised
├── LibraryError         the record cannot be opened, read or written
│   ├── NotFound
│   └── LibraryBusy
├── IndexUnavailable     the search index is missing or broken and could not be rebuilt
├── ModelError           the endpoint did not give a usable answer
├── TooBusy              too many are waiting for heavy work already
├── Refused              what is asked is not done for anybody, or not without a model
├── AccessRefused        this user may not do that, or is nobody we know
└── SettingsError        a setting is missing or wrong
"""


class AssistantError(Exception):
    """Base of all we raise on purpose."""

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what, self.where, self.todo = what, where, todo
        text = f"{where}：{what}" if where else what
        super().__init__(f"{text}。{todo}" if todo else text)


class LoadError(AssistantError):
    """A file cannot be read."""


class UnsupportedFormat(LoadError):
    """No reader for this kind of file."""


class EmptyFile(LoadError):
    """No text in it."""


class TooLarge(LoadError):
    """Over a limit on bytes, pages, characters or expansion."""


class Encrypted(LoadError):
    """Needs a password."""


class Scanned(LoadError):
    """Pages are pictures, or the text layer is garbled."""


class Classified(LoadError):
    """Carries a 密级 mark."""


class LoadTimeout(LoadError):
    """Reading took longer than allowed."""


class ParseError(AssistantError):
    """Nothing of the genre was recognised."""


class LibraryError(AssistantError):
    """The record cannot be opened, read or written."""


class NotFound(LibraryError):
    """No such notice, case, conversation or draft."""


class LibraryBusy(LibraryError):
    """Another process holds the write lock."""


class IndexUnavailable(AssistantError):
    """The search index is missing or broken and could not be rebuilt."""


class ModelError(AssistantError):
    """The endpoint did not give a usable answer.

    `kind` is one of `auth`, `not-found`, `rate-limit`, `server`, `connection`, `timeout`,
    `broken`, `empty`, `length`, `filter`, `context`, `bad-json`, `config`, `stopped`. `partial`
    keeps the text that had arrived.
    """

    def __init__(
        self, what: str, *, kind: str, where: str = "", todo: str = "", partial: str = ""
    ) -> None:
        super().__init__(what, where=where, todo=todo)
        self.kind, self.partial = kind, partial


class TooBusy(AssistantError):
    """Too many are waiting for heavy work already, or the wait took too long."""


class Refused(AssistantError):
    """What is asked is not done for anybody, or not without a model."""


class AccessRefused(AssistantError):
    """This user may not do that, or is nobody we know."""


class SettingsError(AssistantError):
    """A setting is missing or wrong."""
