"""A file on its way into the private store: written as it comes, up to a limit."""

import asyncio
from functools import partial
from pathlib import Path

from starlette.requests import Request

from loom_app.kit.errors import Invalid
from loom_app.kit.settings import settings
from loom_app.kit.text import t

# written to disk in pieces: large enough to be few, small enough to hold for many people at once
PIECE = 262_144


async def receive(request: Request, path: Path) -> int:
    """Write the body to disk; its size in bytes. Raises Invalid past the limit."""
    most = settings().upload_megabytes * 1_048_576
    size, held = 0, bytearray()
    file = await asyncio.to_thread(partial(path.open, "xb"))
    try:
        async for part in request.stream():
            size += len(part)
            if size > most:
                raise Invalid(too_large(), field="file")
            held += part
            if len(held) >= PIECE:
                await asyncio.to_thread(file.write, bytes(held))
                held.clear()
        await asyncio.to_thread(file.write, bytes(held))
    finally:
        await asyncio.to_thread(file.close)
    return size


def too_large() -> str:
    return t("A file may have up to {n} MB; this one has more.", n=settings().upload_megabytes)
