"""The virus scanner, where LOOM_SCANNER names one: a file that arrives is kept apart until it has
said yes. A scanner that does not answer lets nothing through."""

import asyncio
from pathlib import Path
from typing import Any

import structlog
from aioclamd import (  # pyright: ignore[reportMissingTypeStubs]
    ClamdAsyncClient,
    ClamdError,
)

from loom_app.kit import outside
from loom_app.kit.errors import Invalid
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SECONDS = 30.0
log = structlog.get_logger("files")


def check(path: Path) -> None:
    """Blocks: in a thread. Raises Invalid for what the scanner finds, or cannot look at."""
    if not settings().scanner:
        return
    try:
        with outside.calling("scanner"):
            state, what = asyncio.run(_asked(path))
    except (ClamdError, OSError, ValueError) as error:
        state, what = "", type(error).__name__
    if state == "FOUND":
        log.warning("file.infected", what=str(what)[:200])
        raise Invalid(t("This file carries something harmful and was not kept."), field="file")
    if state != "OK":
        log.error("scanner.failed", why=str(what)[:200])
        words = t("Files cannot be checked just now. Try again a little later.")
        raise Invalid(words, field="file")


async def ping() -> str:
    """Whether it is there; its version. Raises what it or the network raises."""
    host, _, port = settings().scanner.rpartition(":")
    client: Any = ClamdAsyncClient(host, int(port), SECONDS)
    return str(await client.version())


async def _asked(path: Path) -> tuple[str, str | None]:
    """(OK or FOUND, what). Raises ValueError for a setting that is no address."""
    host, _, port = settings().scanner.rpartition(":")
    client: Any = ClamdAsyncClient(host, int(port), SECONDS)
    with path.open("rb") as file:
        said: Any = await client.instream(file)
    return said["stream"] if said else ("", None)
