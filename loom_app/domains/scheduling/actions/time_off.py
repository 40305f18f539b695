"""A coach is away: for days or hours of their own choice, and on the holidays they keep."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from loom_app.domains.scheduling.actions.hours import changed
from loom_app.domains.scheduling.models import HolidayCalendar, TimeOff
from loom_app.domains.scheduling.rules import holidays
from loom_app.domains.scheduling.rules.slots import MIDNIGHT
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t
from loom_app.kit.words import limited

MOST, LONGEST_DAYS, LONGEST_REASON = 200, 366, 200


@dataclass(frozen=True, slots=True)
class TimeOffEdit:
    """From a minute of the first day to a minute of the last, in the coach's zone."""

    first_day: date
    last_day: date
    start_minute: int = 0
    end_minute: int = MIDNIGHT
    reason: str = ""


async def save_time_off(tx: Tx, me: Actor, edit: TimeOffEdit) -> int:
    """Nothing can be booked in it from now on; what is booked stays. Its id. Raises Invalid."""
    coach_id = me.require_coach()
    _check(edit, tx.now.date())
    reason = limited(edit.reason, LONGEST_REASON, "reason")
    many = select(func.count()).where(
        col(TimeOff.coach_id) == coach_id, col(TimeOff.last_day) >= tx.now.date()
    )
    if (await tx.db.scalar(many) or 0) >= MOST:
        raise Invalid(t("That is a lot of time off: remove some of it first."), field="first_day")
    row = TimeOff(
        coach_id=coach_id,
        first_day=edit.first_day,
        start_minute=edit.start_minute,
        last_day=edit.last_day,
        end_minute=edit.end_minute,
        reason=reason,
    )
    tx.db.add(row)
    await changed(tx, coach_id, "hours.save_time_off")
    assert row.id is not None  # noqa: S101 - flushed
    return row.id


async def drop_time_off(tx: Tx, me: Actor, time_off_id: int) -> None:
    """The hours of that time count again; idempotent, and nothing of somebody else's goes."""
    coach_id = me.require_coach()
    await tx.db.execute(
        delete(TimeOff).where(col(TimeOff.coach_id) == coach_id, col(TimeOff.id) == time_off_id)
    )
    await changed(tx, coach_id, "hours.drop_time_off")


async def save_holidays(
    tx: Tx, me: Actor, country: str, region: str, working: Collection[str]
) -> None:
    """Keep a country's holidays as days off, but for those on which the coach works.

    `country` and `region` are codes, "" is none. Raises Invalid.
    """
    coach_id = me.require_coach()
    if not country:
        await tx.db.execute(
            delete(HolidayCalendar).where(col(HolidayCalendar.coach_id) == coach_id)
        )
        return await changed(tx, coach_id, "hours.save_holidays")
    if country not in holidays.countries():
        raise Invalid(t("Choose a country from the list."), field="country")
    if region and region not in holidays.regions(country):
        raise Invalid(t("Choose a region from the list."), field="region")
    known = holidays.names(country, region, tx.now.year)
    values = {"country": country, "region": region, "working": sorted(set(working) & set(known))}
    made = insert(HolidayCalendar).values(coach_id=coach_id, **values)
    await tx.db.execute(made.on_conflict_do_update(index_elements=["coach_id"], set_=values))
    return await changed(tx, coach_id, "hours.save_holidays")


def _check(edit: TimeOffEdit, today: date) -> None:
    if edit.last_day < today - timedelta(days=1):
        raise Invalid(t("This is over already."), field="last_day")
    if edit.last_day > today + timedelta(days=730):
        raise Invalid(t("Choose a date within two years."), field="last_day")
    if not (0 <= edit.start_minute < MIDNIGHT and 0 < edit.end_minute <= MIDNIGHT):
        raise Invalid(t("Give times between 00:00 and 24:00."), field="end")
    if edit.first_day > edit.last_day:
        raise Invalid(t("It ends before it begins."), field="last_day")
    if (edit.first_day, edit.start_minute) >= (edit.last_day, edit.end_minute):
        raise Invalid(t("It ends before it begins."), field="end")
    if (edit.last_day - edit.first_day).days > LONGEST_DAYS:
        raise Invalid(t("A year at a time is enough."), field="last_day")
