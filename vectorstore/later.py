"""Modules that are loaded when something of them is first used, not when a program starts."""

from __future__ import annotations

import importlib
from typing import Any


class Later:
    """Stands for a module; every look-up goes to the module itself, loading it if need be.

    To be written where an import would stand, so that tools still see the import:

        if TYPE_CHECKING:
            from package import module
        else:
            module = Later("package.module")
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(importlib.import_module(self._name), attribute)
