"""Whatever colour a coach brings, what is written in it and on it can be read."""

import pytest

from loom_app.ui.design import accent, tokens
from tests.ui.test_tokens import luminance

GROUNDS = ("canvas", "surface", "sunken")
COLOURS = [colour for _, _, colour in accent.ACCENTS if colour] + [
    *("#000000", "#ffffff", "#808080", "#ffff00", "#00ffff", "#ff00ff", "#0000ff", "#f5d0c5"),
]


def ratio(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
def test_every_colour_can_be_read(side: int) -> None:
    for colour in COLOURS:
        made = accent.variables(colour, side)
        grounds = [tokens.COLOURS[name][side] for name in GROUNDS]
        pairs = [
            *((made["brand-ink"], ground) for ground in (*grounds, made["brand-soft"])),
            *((made["focus"], ground) for ground in grounds),
            (made["on-brand"], made["brand"]),
            (made["on-brand"], made["brand-strong"]),
        ]
        # what is rounded to be written may fall short by a thousandth
        assert [pair for pair in pairs if ratio(*pair) < 4.48] == [], colour


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    lightness, chroma, hue = accent.oklch("#2563c9")
    brand = [float(part) for part in accent.variables("#2563c9", 0)["brand"].split()]
    assert brand == pytest.approx([lightness, chroma, hue], abs=0.001)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Blue", "#2563c9"),
        ("teal", ""),
        ("#2F6f6B", "#2f6f6b"),
        (" 2f6f6b ", "#2f6f6b"),
        ("", None),
        ("red;}body{", None),
        ("#12345", None),
    ],
)
def test_a_colour_is_a_name_or_six_hex_digits(text: str, found: str | None) -> None:
    assert accent.read(text) == found


def test_the_style_sheet_follows_the_theme() -> None:
    both = accent.css(".x", "#2563c9", "auto")
    assert both.count("{") == 2
    assert both == f"{accent.css('.x', '#2563c9', 'light')}" + accent.css(
        ".dark .x", "#2563c9", "dark"
    )
    assert accent.css(".x", "", "dark") == "", "ours needs none"
