"""Pictures of people: decoded under a pixel limit, cropped square, re-encoded without metadata."""

import io
import secrets
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


def remake(content: bytes) -> bytes:
    """A square WebP of 512 pixels. Raises Invalid for what is no picture, or too large a one."""
    if len(content) > MAX_BYTES:
        raise Invalid(t("Choose a picture under 10 MB."), field="avatar")
    try:
        with pictures.opened(io.BytesIO(content), FORMATS) as picture:
            upright = pictures.upright(picture).convert("RGB")
    except Invalid as problem:
        raise Invalid(problem.message, field="avatar") from None
    out = io.BytesIO()
    ImageOps.fit(upright, (SIDE, SIDE)).save(out, "WEBP", quality=82)
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
