"""Pictures of strangers: measured before they are decoded, re-made without their metadata."""

import asyncio
import threading
import warnings
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import IO, TypeVar

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

pillow_heif.register_heif_opener(thumbnails=False)  # pyright: ignore[reportUnknownMemberType]

R = TypeVar("R")

MAX_PIXELS = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF")
THUMB, VIEW = 640, 2048
# pictures wait for each other in a pool of their own, so that nothing else waits for them
_workers = ThreadPoolExecutor(2, thread_name_prefix="pictures")
# one of 40 million pixels takes 160 MB while it is decoded: only one such at a time
LARGE = 16_000_000
_large = threading.Lock()


async def off_the_loop(work: Callable[..., R], *args: object) -> R:
    """Run what decodes pictures in the threads that are there for it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_workers, work, *args)


@contextmanager
def opened(source: Path | IO[bytes], formats: tuple[str, ...] = FORMATS) -> Generator[Image.Image]:
    """A picture whose header is read and whose size is fine. Raises Invalid. Blocks: in a thread.

    Pillow and libheif read the size from the header, so that a bomb is refused before it unfolds.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=formats) as picture:
                pixels = picture.width * picture.height
                if pixels > MAX_PIXELS:
                    raise _too_large()
                with _large if pixels > LARGE else nullcontext():
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
        large = _reduced(_mixable(picture))
        large.thumbnail((VIEW, VIEW), reducing_gap=2.0)
        large = upright(large)  # after it was made small: the large one is never copied whole
        large.save(view, "WEBP", quality=82, method=2)
        large.thumbnail((THUMB, THUMB), reducing_gap=2.0)
        large.save(thumb, "WEBP", quality=78, method=2)
    return size


def _mixable(picture: Image.Image) -> Image.Image:
    """In colours that can be mixed when it is made small: not by number, and of 8 bits."""
    if picture.mode in {"P", "1"}:
        return picture.convert("RGBA")
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L")  # pyright: ignore[reportUnknownMemberType]
    return picture


def _reduced(picture: Image.Image) -> Image.Image:
    """Some way to the view's size, band by band: Pillow would copy the whole of it to resize."""
    factor = max(picture.size) // VIEW
    if factor < 2:
        return picture
    small = Image.new(picture.mode, [-(-side // factor) for side in picture.size])
    band = factor * 128
    for top in range(0, picture.height, band):
        part = picture.crop((0, top, picture.width, min(top + band, picture.height)))
        small.paste(part.reduce(factor), (0, top // factor))
    small.info.update(picture.info)
    small.getexif().update(picture.getexif())
    return small


def _upright_size(picture: Image.Image) -> tuple[int, int]:
    turned = picture.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    return (picture.height, picture.width) if turned else (picture.width, picture.height)
