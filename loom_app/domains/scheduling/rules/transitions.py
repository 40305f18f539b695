"""The life of a session (SCH-19) and what a cancellation gives back. Pure."""

from datetime import datetime, timedelta

from loom_app.domains.coaches.queries import Policy
from loom_app.domains.scheduling.errors import NotPossible
from loom_app.kit.money import Money
from loom_app.kit.text import t

RATING_CHANGES = timedelta(days=14)
SECOND_THOUGHT = timedelta(hours=24)

_NEXT = {
    "held": {"confirmed", "expired"},
    "expired": {"confirmed"},  # paid a moment too late, and the time is free still
    "confirmed": {"in_progress", "completed", "cancelled"},
    "in_progress": {"completed", "no_show"},
    "completed": {"no_show"},
    "cancelled": set[str](),
    "no_show": set[str](),
}


def check(status: str, to: str) -> bool:
    """True where something changes, False where it is so already. Raises NotPossible."""
    if status == to:
        return False
    if to in _NEXT[status]:
        return True
    raise NotPossible(words(status))


def client_may_be_missing(status: str, missed_by: str) -> None:
    """Raises NotPossible before it has begun, and where it is said that the coach did not come."""
    if status == "confirmed":
        raise NotPossible(t("It has not begun yet."))
    if missed_by == "coach":
        raise NotPossible(t("It is noted that the coach did not come, and that stays."))


def coach_may_be_missing(status: str, missed_by: str) -> bool:
    """Whether it can still be said that the coach did not come: of what has begun, also where the
    client was said to be missing. False where it is said already. Raises NotPossible."""
    if status == "no_show":
        return missed_by != "coach"
    if status == "confirmed":
        raise NotPossible(t("It has not begun yet."))
    return check(status, "no_show")


def words(status: str, *, begun: bool = False) -> str:
    """Why nothing can be changed about it any more."""
    if begun and status == "confirmed":
        return t("This session has begun.")
    return {
        "held": t("This session is not confirmed yet."),
        "expired": t("This booking was not finished in time."),
        "confirmed": t("This session is confirmed already."),
        "in_progress": t("This session has begun."),
        "completed": t("This session is over."),
        "cancelled": t("This session was cancelled."),
        "no_show": t("This session was missed."),
    }.get(status, t("This session is over."))


def by_the_clock(status: str, starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """What a booked session is at this moment."""
    if status not in {"confirmed", "in_progress"}:
        return status
    if now >= ends_at:
        return "completed"
    return "in_progress" if now >= starts_at else status


def may_rate(status: str, missed_by: str) -> bool:
    """Of a seat in this state: what took place can be rated, and that the coach did not come, so
    that nobody escapes a rating by saying so."""
    return status == "completed" or (status == "no_show" and missed_by == "coach")


def free_until(policy: Policy, starts_at: datetime, moved_at: datetime | None) -> datetime:
    """Until when cancelling costs a client nothing. `moved_at`: their coach moved it then, to a
    time that they have not chosen, so that they have a day to say no, at most until it begins."""
    until = policy.free_until(starts_at)
    return until if moved_at is None else max(until, min(moved_at + SECOND_THOUGHT, starts_at))


def kept(price: Money, percent: int) -> Money:
    """What a client owes who gets `percent` of the price back; rounded down, in their favour."""
    return Money(price.minor * (100 - percent) // 100, price.currency)


def percent_back(
    policy: Policy,
    starts_at: datetime,
    now: datetime,
    *,
    fault: bool,
    moved_at: datetime | None = None,
) -> int:
    """How much of the price a cancellation gives back: all of it where it is the coach's fault."""
    free = fault or now <= free_until(policy, starts_at, moved_at)
    return 100 if free else policy.percent(starts_at, now)
