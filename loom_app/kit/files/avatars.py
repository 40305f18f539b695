"""Pictures of people: decoded under a pixel limit, cropped square, re-encoded without metadata."""

import io
import secrets
import warnings
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from loom_app.kit.errors import Invalid
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SIDE = 512
MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")


def folder() -> Path:
    return settings().data_dir / "files" / "avatars"


def remake(content: bytes) -> bytes:
    """A square WebP of 512 pixels. Raises Invalid for what is no picture, or too large a one."""
    if len(content) > MAX_BYTES:
        raise Invalid(t("Choose a picture under 10 MB."), field="avatar")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise Invalid(t("This picture has too many pixels."), field="avatar")
                upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Warning):
        raise Invalid(t("Choose a JPEG, PNG, WebP or GIF picture."), field="avatar") from None
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
