"""What nobody expected: logged under a number that the person can tell, and told to Sentry."""

import secrets
from typing import Any

import sentry_sdk
import structlog

from loom_app.kit.settings import settings
from loom_app.kit.telemetry import redact
from loom_app.kit.text import t

log = structlog.get_logger("failure")


def configure() -> None:
    """Tell Sentry from now on, where SENTRY_DSN says which; without values of variables, headers,
    bodies and what was done before, since all of these hold what people wrote."""
    if settings().sentry_dsn:
        sentry_sdk.init(
            dsn=settings().sentry_dsn,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            before_send=_without_values,
        )


def _without_values(event: Any, _hint: Any) -> Any:
    for one in event.get("exception", {}).get("values", ()):
        database = str(one.get("module", "")).startswith(("sqlalchemy", "psycopg"))
        one["value"] = "…" if database else redact(one.get("value") or "")
    return event


def report(event: str, error: BaseException, **facts: str) -> str:
    """Returns the new reference, eight hexadecimal digits. `facts` say who, where, and what was
    called; never what somebody wrote."""
    reference = secrets.token_hex(4).upper()
    known = structlog.contextvars.get_contextvars()
    log.error(event, reference=reference, exc_info=error, **facts)
    with sentry_sdk.new_scope() as scope:
        for name, value in {**known, **facts, "event": event, "reference": reference}.items():
            scope.set_tag(name, str(value)[:200])
        scope.capture_exception(error)
    return reference


def words(reference: str) -> str:
    """What the person reads."""
    return t(
        "Something went wrong on our side. Nothing was lost; try again. Reference: {reference}",
        reference=reference,
    )
