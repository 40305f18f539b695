"""Pictures of people: decoded under a pixel limit, cut to a square, re-encoded without metadata."""

import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PIL import ImageOps

from loom_app.kit.errors import Invalid
from loom_app.kit.files import pictures
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SIDE = 512
MAX_BYTES = 10_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")


def folder() -> Path:
    return settings().data_dir / "files" / "avatars"


@dataclass(frozen=True, slots=True)
class Part:
    """What is shown of an upright picture, in percent of its sides."""

    x: float = 0
    y: float = 0
    width: float = 100
    height: float = 100

    def of(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """In pixels: left, top, right, bottom, inside the picture and at least one wide."""
        left = min(round(size[0] * self.x / 100), size[0] - 1)
        top = min(round(size[1] * self.y / 100), size[1] - 1)
        right = min(round(size[0] * (self.x + self.width) / 100), size[0])
        bottom = min(round(size[1] * (self.y + self.height) / 100), size[1])
        return left, top, max(right, left + 1), max(bottom, top + 1)


WHOLE = Part()


def part(asked: Mapping[str, str]) -> Part:
    """Of a query with x, y, width and height in percent; the whole where it has none of them.

    Raises Invalid for what lies outside or is no number.
    """
    if not asked:
        return WHOLE
    try:
        found = Part(*(float(asked[name]) for name in ("x", "y", "width", "height")))
    except (KeyError, ValueError):
        raise Invalid(t("Choose the part of the picture once more."), field="avatar") from None
    inside = 0 <= found.x < 100 and 0 <= found.y < 100
    if not (inside and 0 < found.width <= 100 and 0 < found.height <= 100):
        raise Invalid(t("Choose the part of the picture once more."), field="avatar")
    return found


def remake(content: bytes, shown: Part = WHOLE) -> bytes:
    """A square WebP of 512 pixels of the part that is shown, its middle where that is no square.

    Raises Invalid for what is no picture, or too large a one.
    """
    if len(content) > MAX_BYTES:
        raise Invalid(t("Choose a picture under 10 MB."), field="avatar")
    try:
        with pictures.opened(io.BytesIO(content), FORMATS) as picture:
            upright = pictures.upright(picture).convert("RGB")
    except Invalid as problem:
        raise Invalid(problem.message, field="avatar") from None
    out = io.BytesIO()
    ImageOps.fit(upright.crop(shown.of(upright.size)), (SIDE, SIDE)).save(out, "WEBP", quality=82)
    return out.getvalue()


def store(webp: bytes) -> str:
    """Returns the key: random, so that it cannot be guessed, and never used twice."""
    key = f"{secrets.token_urlsafe(16)}.webp"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / key).write_bytes(webp)
    return key


def remove(key: str) -> None:
    if path := find(key):
        path.unlink(missing_ok=True)


def find(key: str) -> Path | None:
    """The file of a key, or None: a key holds no path."""
    name = Path(key).name
    path = folder() / name
    return path if name == key and name.endswith(".webp") and path.is_file() else None
