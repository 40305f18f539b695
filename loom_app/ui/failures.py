"""What the framework catches: a reference number for the person, the details for the log."""

from typing import Any

import structlog
from reflex_base.event import EventSpec
from reflex_base.event.context import EventContext

from loom_app.kit import failures
from loom_app.ui import live, problems

log = structlog.get_logger("ui")


def backend_failure(exception: Exception) -> EventSpec | None:
    """An escaped error of a handler: shown as a notice by the hub, since it sends no script.

    What a handler set before it was stopped is sent by the same visit.
    """
    stopped = isinstance(exception, problems.Stopped)
    reference = "" if stopped else failures.report("ui.escaped", exception)
    try:
        token = EventContext.get().token
    except LookupError:
        return None

    async def tell(root: Any) -> None:
        if not stopped:
            await problems.say(root, failures.words(reference), "error")

    live.hub.post(token, tell)
    return None


def browser_failure(exception: Exception) -> None:
    """Reported by browsers, so hostile until proven otherwise: cut and logged as text."""
    log.warning("browser.error", text=str(exception)[:500])
