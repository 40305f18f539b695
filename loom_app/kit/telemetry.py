"""Structured logs; personal data and secrets are never in them.

Reflex logs whole events, cookies included, when one is unknown, and payloads when one does not fit:
its loggers pass a filter that cuts them off.
"""

import logging
import re
import sys
from typing import Any

import structlog

from loom_app.kit import tracing
from loom_app.kit.settings import settings

_SECRET = re.compile(
    r"(password|token|secret|card|cvc|(?:loom_|__host-)(?:session|visitor))"
    r"([\"']?\s*[:=]\s*)([^\s,;}]+)",
    re.IGNORECASE,
)
# their values have blanks and semicolons in them: nothing after the name is kept
_HEADER = re.compile(r"(cookie|authorization)([\"']?\s*[:=]\s*).*", re.IGNORECASE)
_PAYLOAD = re.compile(r"(Event data: |with value '|payload[=:] ?).*", re.DOTALL)
# what a database says of a row: its values
_DETAIL = re.compile(r"(DETAIL:|\[parameters: |invalid input syntax for type [\w ]+:).*")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
MAX_LINE = 2_000
MAX_TRACE = 8_000


def redact(line: str, most: int = MAX_LINE) -> str:
    """Cut off payloads, hide secrets, escape control characters, limit the length."""
    line = _DETAIL.sub(r"\1…", line)
    line = _PAYLOAD.sub(r"\1…", line)
    line = _HEADER.sub(r"\1\2…", line)
    line = _SECRET.sub(r"\1\2…", line)
    return _CONTROL.sub(" ", line)[:most]


class Redaction(logging.Filter):
    """For every record of the standard library's loggers."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage())
        record.args = ()
        return True


def _redact_values(_logger: Any, _method: str, event: Any) -> Any:
    for key, value in event.items():
        if isinstance(value, str):
            # of a trace its end says what happened
            event[key] = (
                redact(value[-MAX_TRACE:], MAX_TRACE) if key == "exception" else redact(value)
            )
    return event


def configure() -> None:
    """Idempotent; called once by the process."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings().log_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            tracing.ids,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_values,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in ("reflex", "reflex_base", "httpx", "stripe"):
        logger = logging.getLogger(name)
        if not any(isinstance(found, Redaction) for found in logger.filters):
            logger.addFilter(Redaction())
    for name in list(logging.root.manager.loggerDict):
        if name.startswith(("reflex.", "reflex_base.")):
            logging.getLogger(name).addFilter(Redaction())
    logging.getLogger("httpx").setLevel(logging.WARNING)
