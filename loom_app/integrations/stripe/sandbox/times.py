"""The sandbox's own clock: the real one, and how far the control page has moved it ahead."""

from contextvars import ContextVar, Token
from datetime import datetime, timedelta

from loom_app.kit import clock

_ahead: ContextVar[float] = ContextVar("stripe_sandbox_ahead", default=0.0)

DAY = 24 * 3600


def now() -> datetime:
    """Aware UTC, by the sandbox's clock."""
    return clock.now() + timedelta(seconds=_ahead.get())


def stamp() -> int:
    """Seconds, as API v1 writes times."""
    return int(now().timestamp())


def iso(moment: datetime | None = None) -> str:
    """As API v2 writes times."""
    return (moment or now()).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def midnight(days: int) -> int:
    """The beginning of a day in UTC: 0 is today, 1 tomorrow."""
    return stamp() // DAY * DAY + days * DAY


def ahead() -> float:
    return _ahead.get()


def move(seconds: float) -> Token[float]:
    """Set how far ahead this request's clock is; `back` undoes it."""
    return _ahead.set(seconds)


def back(token: Token[float]) -> None:
    _ahead.reset(token)


def real(due: int) -> datetime:
    """When the outbox's clock, which nobody moves, will show this time of the sandbox."""
    return now() + timedelta(seconds=due - now().timestamp() - _ahead.get())
