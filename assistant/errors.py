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

import errno

_REASONS = {
    errno.ENOENT: "找不到",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EISDIR: "是文件夹，不是文件",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENAMETOOLONG: "名称太长",
    errno.EEXIST: "已存在",
    errno.EBUSY: "正被占用",
    errno.EIO: "磁盘读写出错",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
    errno.ELOOP: "链接绕成了圈",
    errno.ENOTEMPTY: "文件夹不是空的",
}


def reason_of(error: OSError) -> str:
    """Say in Chinese why the system refused; what has no wording here keeps the system's."""
    return _REASONS.get(error.errno or 0) or error.strerror or type(error).__name__


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
