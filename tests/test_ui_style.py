"""Colours of the stylesheet can be read: contrast of at least 4.5, light and dark."""

from __future__ import annotations

import re

import pytest

from assistant.ui.shell import STYLE

TOKENS = {
    name: values
    for name, *values in re.findall(
        r"--([\w-]+):light-dark\((#\w{6}),(#\w{6})\)", STYLE.read_text(encoding="utf-8")
    )
}
TEXTS = ("ink", "soft", "red", "gold", "green")
GROUNDS = ("paper", "card", "wash")


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read_on_its_ground(text: str, ground: str, theme: int) -> None:
    assert contrast(TOKENS[text][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_highlighted_and_inverted_text_can_be_read(theme: int) -> None:
    assert contrast(TOKENS["ink"][theme], TOKENS["mark"][theme]) >= 4.5
    assert contrast(TOKENS["on-red"][theme], TOKENS["red"][theme]) >= 4.5


def test_browsers_without_light_dark_get_the_light_colours() -> None:
    plain = dict(re.findall(r"--([\w-]+):(#\w{6});", STYLE.read_text(encoding="utf-8")))
    assert all(plain[name] == light for name, (light, _) in TOKENS.items())
