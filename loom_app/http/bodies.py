"""Reading what is posted, up to a limit, whatever its headers said."""

from starlette.requests import Request

from loom_app.kit.errors import Invalid


async def body(request: Request, most: int, words: str) -> bytes:
    """The raw bytes. Raises Invalid with these words as soon as there are too many."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > most:
            raise Invalid(words, field="file")
        parts.append(part)
    return b"".join(parts)
