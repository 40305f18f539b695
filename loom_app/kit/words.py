"""What people type, as it is kept."""

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t


def limited(words: str, most: int, field: str) -> str:
    """Without the space around them. Raises Invalid by field where they are too many characters."""
    words = words.strip()
    if len(words) > most:
        raise Invalid(t("Keep this under {n} characters.", n=most), field=field)
    return words


def reason_given(words: str) -> str:
    """Why staff does something, as it stands in the trail. Raises Invalid on "reason"."""
    words = limited(words, 300, "reason")
    if not words:
        raise Invalid(t("Say why, for whoever reads it later."), field="reason")
    return words
