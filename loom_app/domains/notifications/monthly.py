"""The report of a month: on the first of the next, at eight on the reader's clock.

Nothing is planned: every quarter of an hour it is looked where on earth it is that morning. Who had
no session in the month gets none.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import text

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.actions import notify, stored_key
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.notifications.wishes import SUMMARY_HOUR
from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.queries import HistoryFilter
from loom_app.domains.scheduling import queries as scheduling
from loom_app.domains.scheduling.queries import Month
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t, tn

REPORTER = Actor.system_job("notifications.monthly")
EVENT = "report.month"
LATEST_HOUR = 20  # what the worker slept through is made up for until then

_SENT = text("SELECT key FROM deliveries WHERE key = ANY(:keys)")


async def report(tx: Tx) -> int:
    """Owe every report whose hour has come; how many. As often as one likes."""
    zones = [zone for zone in _zones() if _is_time(tx.now, zone)]
    if not zones:
        return 0
    # it is the first of the same month in all of them
    first = tx.now.astimezone(ZoneInfo(zones[0])).date()
    last = first - timedelta(days=1)
    # by any clock on earth; the report counts by the reader's own
    since = datetime(last.year, last.month, 1, tzinfo=UTC) - timedelta(days=1)
    async with tx.acting_as_system("scheduling.month"):
        people = await scheduling.took_part(tx, zones, since, tx.now)
    month = f"{last:%Y-%m}"
    keys = [stored_key(EVENT, month, one) for one in people]
    sent = set(await tx.db.scalars(_SENT, {"keys": keys}))
    owed = [one for one in people if stored_key(EVENT, month, one) not in sent]
    for person_id in owed:
        await notify(tx, person_id, EVENT, key=month, facts={"month": month})
    return len(owed)


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _is_time(now: datetime, zone: str) -> bool:
    there = now.astimezone(ZoneInfo(zone))
    return there.day == 1 and SUMMARY_HOUR <= there.hour < LATEST_HOUR


async def _letter(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """NotFound where there is nothing to say of the month by the reader's own clock."""
    period = payments.period_of(facts["month"], tx.now, person.zone)
    async with tx.acting_as_system("scheduling.month"):
        month = await scheduling.month_of(tx, person.id, period.since, period.until)
    if not month.given and not month.taken:
        raise NotFound
    me = Actor(person_id=person.id, zone=person.zone)
    rows = [*_coached(month), *await _earned(tx, me, period)] if month.given else []
    if month.taken:
        many = tn("{n} session", "{n} sessions", month.taken)
        rows += [(t("You took"), many), *await _spent(tx, me, period)]
    name = times.month(date.fromisoformat(f"{facts['month']}-01"))
    return Letter(
        subject=t("Your {month} in Loom", month=name),
        lines=[t("this is what your month was like.")],
        facts=rows,
        action=t("See your earnings") if month.given else t("See your sessions"),
        path="/earnings" if month.given else "/sessions",
    ), None


def _coached(month: Month) -> list[tuple[str, str]]:
    clients = tn("{n} client", "{n} clients", month.clients)
    given = tn("{n} session", "{n} sessions", month.given)
    rows = [(t("You gave"), t("{sessions} to {clients}", sessions=given, clients=clients))]
    if month.ratings:
        stars = tn(
            "{stars} of 5 stars, from {n} rating",
            "{stars} of 5 stars, from {n} ratings",
            month.ratings,
            stars=f"{month.stars:.1f}",
        )
        rows.append((t("Ratings"), stars))
    return rows


async def _earned(tx: Tx, me: Actor, period: payments.Period) -> list[tuple[str, str]]:
    """By currency, after the fee."""
    bars = await payments.earned_by(tx, me, "month", period)
    return [(t("Earned"), bar.share.net.format()) for bar in bars]


async def _spent(tx: Tx, me: Actor, period: payments.Period) -> list[tuple[str, str]]:
    """By currency: what was paid, and what of that came back."""
    asked = HistoryFilter(since=period.since, until=period.until)
    async with tx.acting_as_system("payments.mail"):
        sums = await payments.totals(tx, me, asked)
    return [(t("You paid"), _with_refund(one.paid, one.refunded)) for one in sums]


def _with_refund(paid: Money, back: Money) -> str:
    if not back.minor:
        return paid.format()
    return t("{paid}, of which {back} came back", paid=paid.format(), back=back.format())


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    EVENT: _letter,
}
