"""What a browser keeps of a page of the web app: its elements, its widgets, what it has cached.

Follows Streamlit's front end: a run of the whole script drops what it did not draw, a run of a
fragment only what that fragment drew before; every message carries the values of all widgets that
are on the page (those in a closed popover are not).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

EARLY = ForwardMsg.FINISHED_EARLY_FOR_RERUN
BROKEN = ForwardMsg.FINISHED_WITH_COMPILE_ERROR
WHOLE, FRAGMENT, BROKEN_OFF = "whole", "of a fragment", "broken off for another"


@dataclass(slots=True)
class Node:
    """A container or an element where the script drew it."""

    fragment: str = ""
    run: str = ""
    script: str = ""
    block: Block | None = None
    element: Element | None = None
    children: dict[int, Node] = field(default_factory=dict)


@dataclass(slots=True)
class _Cached:
    message: ForwardMsg
    used: int


class BrowserPage:
    """The page as a browser holds it after the messages it took."""

    def __init__(self, runs: Counter[str] | None = None) -> None:
        self.pages: dict[str, str] = {}
        """Hash of each page of the app by its address."""
        self.query = ""
        self.runs = Counter[str]() if runs is None else runs
        """Runs of the script that were seen, by kind; may be shared by many pages."""
        self._root = Node()
        self._values: dict[str, WidgetState] = {}
        self._cache: dict[str, _Cached] = {}
        self._cache_age = self._count = 0
        self.broken = False
        """Whether the last run could not even be compiled."""
        self._run = self._script = self._main = ""
        self._fragments: tuple[str, ...] = ()

    # ------------------------------------------------------------------ what comes in

    def take(self, message: ForwardMsg) -> bool:
        """Take a message in; true when the run that was begun last has come to its end."""
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            message, kind = self._recalled(message), "delta"
        elif message.metadata.cacheable and message.hash:
            self._cache.setdefault(message.hash, _Cached(message, self._count))
        if kind == "delta":
            self._draw(message)
        elif kind == "new_session":
            self._begin(message)
        elif kind == "navigation":
            self.pages = {
                page.url_pathname: page.page_script_hash for page in message.navigation.app_pages
            }
            self.pages["ask"] = self.pages[""]
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            return self._end(message)
        return False

    def _recalled(self, reference: ForwardMsg) -> ForwardMsg:
        cached = self._cache[reference.ref_hash]
        cached.used = self._count
        message = ForwardMsg()
        message.CopyFrom(cached.message)
        message.metadata.CopyFrom(reference.metadata)
        return message

    def _begin(self, message: ForwardMsg) -> None:
        begun = message.new_session
        self._run = message.metadata.run.script_run_id
        self._fragments = tuple(message.metadata.run.fragment_ids)
        self._main = begun.main_script_hash
        self._cache_age = begun.config.max_cached_message_age
        self.runs[FRAGMENT if self._fragments else WHOLE] += 1
        if begun.page_script_hash != self._script:
            self.leave()
            self._script = begun.page_script_hash

    def leave(self) -> None:
        """Keep only what the frame of the app drew, as on the way to another page."""
        for container in self._root.children.values():
            _keep_script(container, self._main)
        self._forget()

    def _draw(self, message: ForwardMsg) -> None:
        *way, last = message.metadata.delta_path
        parent = self._root
        for index in way:
            parent = parent.children.setdefault(index, Node())
        delta = message.delta
        node = Node(delta.fragment_id, self._run, message.metadata.active_script_hash)
        if delta.HasField("add_block"):
            node.block = delta.add_block
            before = parent.children.get(last)
            if before is not None and _same(before.block, node.block):
                node.children = before.children
        elif delta.HasField("new_element"):
            node.element = delta.new_element
            self._put(node.element)
        else:
            return  # a spinner: gone by the time anybody looks
        parent.children[last] = node

    def _put(self, element: Element) -> None:
        """Take over the value the server puts into a widget, whatever was typed there."""
        kind = element.WhichOneof("type")
        widget: Any = getattr(element, kind) if kind else None
        if kind and getattr(widget, "set_value", False):
            value = value_of(kind, widget)
            if value is not None:
                self._values[widget.id] = value

    def _end(self, message: ForwardMsg) -> bool:
        status, run = message.script_finished, message.metadata.run
        if status == EARLY:
            self.runs[BROKEN_OFF] += 1
            return False
        if run.script_run_id != self._run:
            return False
        self.broken = status == BROKEN
        if not self.broken:
            for container in self._root.children.values():
                self._clear(container, inside=False)
            self._forget()
        self._count += 1
        for key, cached in list(self._cache.items()):
            if self._fragments and cached.message.delta.fragment_id not in self._fragments:
                continue
            if self._count - cached.used > self._cache_age:
                del self._cache[key]
        return True

    def _clear(self, node: Node, *, inside: bool) -> None:
        """Drop from a container what the run that ended should have drawn and did not."""
        for index, child in list(node.children.items()):
            drawn = child.run == self._run
            # a fragment answers for its own containers only; the whole script for everything
            if not drawn and (inside or not self._fragments):
                del node.children[index]
            else:
                own = drawn and child.fragment in self._fragments
                self._clear(child, inside=inside or own)

    def _forget(self) -> None:
        """Drop the values of widgets that are no longer on the page."""
        live = {getattr(widget, "id", "") for _, _, widget in self._walk(self._root, closed=True)}
        self._values = {key: value for key, value in self._values.items() if key in live}

    # ------------------------------------------------------------------ what is there

    def all(self, kind: str, label: str = "") -> Iterator[tuple[Node, Any]]:
        """Give the elements of a kind, those in closed popovers too."""
        for node, found, element in self._walk(self._root, closed=True):
            if found == kind and (not label or getattr(element, "label", "").startswith(label)):
                yield node, element

    def html(self) -> str:
        """Give what `st.html` wrote."""
        return "\n".join(element.body for _, element in self.all("html"))

    def fill(self, state: WidgetState) -> None:
        """Put a value into a widget, as typing does."""
        self._values[state.id] = state

    def widgets(self) -> list[WidgetState]:
        """Give what a browser tells of its widgets with every message."""
        for _, kind, widget in self._walk(self._root, closed=False):
            number = getattr(widget, "id", "")
            if number and number not in self._values:
                value = value_of(kind, widget)
                if value is not None:
                    self._values[number] = value
        return list(self._values.values())

    def cached(self) -> list[str]:
        """Name the messages that need not be sent again."""
        return list(self._cache)

    def _walk(self, node: Node, *, closed: bool) -> Iterator[tuple[Node, str, Any]]:
        for _, child in sorted(node.children.items()):
            if child.element is not None:
                kind = child.element.WhichOneof("type")
                if kind:
                    yield child, kind, getattr(child.element, kind)
            elif closed or child.block is None or not child.block.HasField("popover"):
                yield from self._walk(child, closed=closed)


def _same(before: Block | None, now: Block) -> bool:
    """Tell whether a container drawn again keeps what is in it."""
    if before is None or before.WhichOneof("type") != now.WhichOneof("type"):
        return False
    return not now.HasField("dialog") or before.id == now.id


def _keep_script(node: Node, script: str) -> None:
    """Keep what the frame of the app drew and drop what the page drew."""
    for index, child in list(node.children.items()):
        if child.script == script:
            _keep_script(child, script)
        else:
            del node.children[index]


def value_of(kind: str, widget: Any) -> WidgetState | None:
    """Give the value the server gave a widget; none for what is no widget or has only presses."""
    state = WidgetState(id=getattr(widget, "id", ""))
    fresh = getattr(widget, "set_value", False)
    if kind in ("text_area", "text_input"):
        if fresh or widget.HasField("default"):
            state.string_value = widget.value if fresh else widget.default
    elif kind in ("radio", "selectbox"):
        if fresh:
            state.string_value = widget.raw_value
        elif widget.HasField("default"):
            state.string_value = widget.options[widget.default]
    elif kind == "checkbox":
        state.bool_value = widget.value if fresh else widget.default
    elif kind in ("button_group", "multiselect"):
        chosen = [widget.options[number] for number in widget.default]
        defaults = [getattr(option, "content", option) for option in chosen]
        state.string_array_value.data.extend(widget.raw_values if fresh else defaults)
    elif kind == "date_input":
        state.string_array_value.data.extend(widget.value if fresh else widget.default)
    elif kind == "file_uploader":
        state.file_uploader_state_value.SetInParent()
    else:
        return None
    return state
