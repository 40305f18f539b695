"""The palette keeps its promises in both themes: 4.5:1 for text, 3:1 for edges of controls."""

import math
from itertools import product

import pytest

from loom_app.ui.design import tokens

GROUNDS = ("canvas", "surface", "sunken")
TEXT: list[tuple[str, str]] = [
    *product(("ink", "muted", "brand-ink", "good", "warn", "bad", "info"), GROUNDS),
    *product(("ink", "muted"), ("hover",)),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-bad", "bad"),
    ("on-bad", "bad-strong"),
    *((f"{name}-ink", f"{name}-soft") for name in ("brand", "accent")),
    *((name, f"{name}-soft") for name in ("good", "warn", "bad", "info")),
]
CONTROLS: list[tuple[str, str]] = [*product(("edge", "focus", "bad"), GROUNDS)]


def luminance(colour: str) -> float:
    """Relative luminance of an OKLCH colour (Björn Ottosson's matrices)."""
    lightness, chroma, hue = (float(part) for part in colour.split()[:3])
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    l_, m_, s_ = (
        (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3,
        (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3,
        (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3,
    )
    red = 4.0767416621 * l_ - 3.3077115913 * m_ + 0.2309699292 * s_
    green = -1.2684380046 * l_ + 2.6097574011 * m_ - 0.3413193965 * s_
    blue = -0.0041960863 * l_ - 0.7034186147 * m_ + 1.7076147010 * s_
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, side: int) -> float:
    a, b = (luminance(tokens.COLOURS[name][side]) for name in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(side: int) -> None:
    faint = {pair: contrast(*pair, side) for pair in TEXT if contrast(*pair, side) < 4.5}
    assert faint == {}


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_control_can_be_seen(side: int) -> None:
    faint = {pair: contrast(*pair, side) for pair in CONTROLS if contrast(*pair, side) < 3}
    assert faint == {}


def test_both_themes_name_the_same_colours() -> None:
    light, dark = tokens.css().split(".dark {")[:2]
    for name in tokens.COLOURS:
        assert f"--{name}:" in light
        assert f"--{name}:" in dark
