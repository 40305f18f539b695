"""Another hue in place of the brand's, made so that what is written in it can still be read."""

import math
import re
from typing import Final

from loom_app.ui.design import tokens
from loom_app.ui.text import t

# name in an address, words, colour
ACCENTS: Final = (
    ("teal", t("Teal"), ""),  # ours
    ("blue", t("Blue"), "#2563c9"),
    ("violet", t("Violet"), "#6d4ac4"),
    ("plum", t("Plum"), "#9a3a78"),
    ("red", t("Red"), "#b83a35"),
    ("orange", t("Orange"), "#b85c1e"),
    ("green", t("Green"), "#3f7a3a"),
    ("graphite", t("Graphite"), "#4a4744"),
)
_HEX = re.compile(r"#?([0-9a-f]{6})", re.IGNORECASE)
_GROUNDS = ("canvas", "surface", "sunken")
READABLE = 4.5
_STEP = 0.005

Colour = tuple[float, float, float]  # lightness, chroma, hue in degrees


def read(text: str) -> str | None:
    """ "#rrggbb" of a name or of six hex digits; "" for our own, None for nothing of these."""
    for name, _, colour in ACCENTS:
        if text.strip().lower() == name:
            return colour
    found = _HEX.fullmatch(text.strip())
    return f"#{found[1].lower()}" if found else None


def variables(colour: str, side: int) -> dict[str, str]:
    """The tokens of the brand in this "#rrggbb", by day (0) or by night (1): its hue and as much
    of its lightness as leaves letters on it, and in it, readable."""
    lightness, chroma, hue = oklch(colour)
    away = (-_STEP, _STEP)[side]
    grounds = [_token(name, side) for name in _GROUNDS]
    soft = ((0.945, min(chroma, 0.024), hue), (0.305, min(chroma, 0.04), hue))[side]
    letters = (0.99, min(chroma, 0.006), hue) if side == 0 else (0.205, min(chroma, 0.03), hue)
    brand = _readable((lightness, min(chroma, 0.2), hue), [*grounds, letters], away)
    ink = _readable(brand, [*grounds, soft], away)
    strong = (brand[0] + 12 * away, brand[1], hue)
    found = {
        "brand": brand,
        "brand-strong": strong,
        "on-brand": letters,
        "brand-soft": soft,
        "brand-ink": ink,
        "focus": brand,
    }
    return {name: " ".join(f"{part:.3f}" for part in one) for name, one in found.items()}


def css(selector: str, colour: str, theme: str) -> str:
    """A style sheet that gives what is selected this accent; `theme` is light, dark or auto."""
    if not colour:
        return ""

    def rule(where: str, side: int) -> str:
        lines = (f"--{name}: oklch({one});" for name, one in variables(colour, side).items())
        return f"{where} {{ {' '.join(lines)} }}"

    if theme == "auto":
        return rule(selector, 0) + rule(f".dark {selector}", 1)
    return rule(selector, int(theme == "dark"))


def oklch(colour: str) -> Colour:
    """Of "#rrggbb" (Björn Ottosson's matrices)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _readable(colour: Colour, beside: list[Colour], away: float) -> Colour:
    """The nearest lightness, `away` step by step, that all of these can be read beside."""
    lightness, chroma, hue = colour
    while 0.1 < lightness < 0.95 or away * (lightness - 0.5) < 0:
        if all(contrast((lightness, chroma, hue), one) >= READABLE for one in beside):
            break
        lightness += away
    return lightness, chroma, hue


def _token(name: str, side: int) -> Colour:
    lightness, chroma, hue = map(float, tokens.COLOURS[name][side].split())
    return lightness, chroma, hue


def _luminance(colour: Colour) -> float:
    lightness, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    parts = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(1.0, max(0.0, part)) for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
