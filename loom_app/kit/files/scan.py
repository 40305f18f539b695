"""The virus scanner, where LOOM_SCANNER names one: a file that arrives is kept apart until it has
said yes. A scanner that does not answer lets nothing through."""

from pathlib import Path

import structlog
from clamav_client.clamd import ClamdError
from clamav_client.scanner import ClamdScanner

from loom_app.kit.errors import Invalid
from loom_app.kit.settings import settings
from loom_app.kit.text import t

SECONDS = 30.0
log = structlog.get_logger("files")


def check(path: Path) -> None:
    """Blocks: in a thread. Raises Invalid for what the scanner finds, or cannot look at."""
    if not settings().scanner:
        return
    scanner = ClamdScanner({"backend": "clamd", "address": settings().scanner, "timeout": SECONDS})
    try:
        with path.open("rb") as file:
            state, what = scanner.client.instream(file).get("stream", ("", None))
    except (ClamdError, OSError) as error:
        state, what = "", type(error).__name__
    if state == "FOUND":
        log.warning("file.infected", what=str(what)[:200])
        raise Invalid(t("This file carries something harmful and was not kept."), field="file")
    if state != "OK":
        log.error("scanner.failed", why=str(what)[:200])
        words = t("Files cannot be checked just now. Try again a little later.")
        raise Invalid(words, field="file")
