"""What a part of a price is called."""

from loom_app.kit.text import t


def part_words(part: str, what: str) -> str:
    """What a charge is for: "Clarity session", "Clarity session: deposit"."""
    if part == "deposit":
        return t("{what}: deposit", what=what)
    if part == "rest":
        return t("{what}: the rest", what=what)
    if part == "later":
        return t("{what}, in a series", what=what)
    if part == "no_show":
        return t("{what}: no-show fee", what=what)
    return what
