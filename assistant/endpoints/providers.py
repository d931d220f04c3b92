"""Presets of well-known model services, read from `providers.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType

import yaml

from assistant.endpoints.address import JsonMode


@dataclass(frozen=True, slots=True)
class Preset:
    """What is known of one service before the user says anything."""

    id: str
    name: str
    base_url: str
    model: str
    """A model it offers, or empty where only the user can know."""
    public: bool
    needs_key: bool
    json_mode: JsonMode = "auto"
    extra_body: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    """A Chinese sentence for the settings page."""


@cache
def load_presets() -> Mapping[str, Preset]:
    """Return the presets by id, in the order they are offered."""
    text = (
        resources.files("assistant.endpoints")
        .joinpath("providers.yaml")
        .read_text(encoding="utf-8")
    )
    presets = [Preset(**row) for row in yaml.load(text, yaml.CSafeLoader)]
    return MappingProxyType({preset.id: preset for preset in presets})
