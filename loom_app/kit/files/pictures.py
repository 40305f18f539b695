"""Pictures of strangers: measured before they are decoded, re-made without their metadata."""

import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

pillow_heif.register_heif_opener(thumbnails=False)  # pyright: ignore[reportUnknownMemberType]

MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
THUMB, VIEW = 640, 2048
# a picture of 40 million pixels takes 160 MB while it is decoded: few at a time
_decoding = threading.BoundedSemaphore(2)


@contextmanager
def opened(source: Path | IO[bytes], formats: tuple[str, ...] = FORMATS) -> Generator[Image.Image]:
    """A picture whose header is read and whose size is fine. Raises Invalid. Blocks: in a thread.

    Pillow and libheif read the size from the header, so that a bomb is refused before it unfolds.
    """
    try:
        with warnings.catch_warnings(), _decoding:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=formats) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise _too_large()
                yield picture
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise _too_large() from None
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, RuntimeError):
        raise Invalid(t("This picture is damaged or of no kind we know."), field="file") from None


def _too_large() -> Invalid:
    return Invalid(t("This picture has too many pixels."), field="file")


def upright(picture: Image.Image) -> Image.Image:
    """Turned as its camera says, its first frame only, with transparency where it has any."""
    turned = ImageOps.exif_transpose(picture)
    see_through = "A" in turned.getbands() or "transparency" in turned.info
    return turned.convert("RGBA" if see_through else "RGB")


def remake(source: Path, thumb: Path, view: Path) -> tuple[int, int]:
    """Write two WebP copies, small and large, without metadata; returns the upright size.

    Raises Invalid for what is no picture, damaged, or too large.
    """
    with opened(source) as picture:
        size = _upright_size(picture)
        picture.draft("RGB", (VIEW, VIEW))  # a JPEG is decoded small at once; its size changes too
        large = upright(picture)
        large.thumbnail((VIEW, VIEW), reducing_gap=2.0)
        large.save(view, "WEBP", quality=82, method=2)
        large.thumbnail((THUMB, THUMB), reducing_gap=2.0)
        large.save(thumb, "WEBP", quality=78, method=2)
    return size


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    return (picture.height, picture.width) if turned else (picture.width, picture.height)
