"""Time off and holidays: saved one by one; who is booked meanwhile is listed for action."""

from dataclasses import dataclass, field

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import TimeOffEdit
from loom_app.domains.scheduling.queries import HolidaysView, TimeOffView
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.availability import rows
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class TimeOffForm(TypedDict):
    first_day: str
    start: str
    last_day: str
    end: str
    reason: str


@dataclass(frozen=True)
class BookedRow:
    id: int
    words: str
    who: str
    href: str
    move_href: str


@dataclass(frozen=True)
class TimeOffRow:
    id: int
    when: str
    reason: str
    booked_words: str = ""
    booked: list[BookedRow] = field(default_factory=list)


@dataclass(frozen=True)
class HolidayRow:
    name: str
    day: str
    off: bool


class TimeOffState(Problems, rx.State):
    """What is to come of a coach's time off."""

    stretches: list[TimeOffRow] = []
    adding: bool = False
    whole_days: bool = True
    form_key: int = 0

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            if me.is_coach:
                await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.stretches = [_row(one, me.zone) for one in await queries.time_off(tx, me)]

    @rx.event
    def begin(self, opened: bool) -> None:
        self.adding, self.errors, self.form_key = opened, {}, self.form_key + 1

    @rx.event
    def choose_whole(self, whole: bool) -> None:
        self.whole_days = whole

    @rx.event
    async def save(self, form: TimeOffForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            made = await actions.save_time_off(tx, me, self._edit(form))
            await self._fill(tx, me)
            self.adding = False
            booked = next((row.booked for row in self.stretches if row.id == made), [])
            await say(
                self,
                tn(
                    "Saved. {n} session is booked in that time: look at it below.",
                    "Saved. {n} sessions are booked in that time: look at them below.",
                    len(booked),
                )
                if booked
                else t("Saved. Nobody can book you then."),
                "info" if booked else "success",
            )

    def _edit(self, form: TimeOffForm) -> TimeOffEdit:
        first = addresses.day(form["first_day"])
        if first is None:
            raise Invalid(t("Choose a date."), field="first_day")
        last = addresses.day(form["last_day"] or form["first_day"])
        if last is None:
            raise Invalid(t("Choose a date."), field="last_day")
        if self.whole_days:
            return TimeOffEdit(first, last, reason=form["reason"])
        start, end = rows.minutes_of(form["start"], "start"), rows.end_of(form["end"], "end")
        return TimeOffEdit(first, last, start, end, form["reason"])

    @rx.event
    async def drop(self, time_off_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.drop_time_off(tx, me, time_off_id)
            await self._fill(tx, me)
            await say(self, t("Removed. Your hours of that time can be booked again."))


class HolidayState(Problems, rx.State):
    """Whose holidays a coach keeps; a country is looked at first, then kept."""

    countries: list[tuple[str, str]] = []
    country: str = ""
    region: str = ""
    regions: list[tuple[str, str]] = []
    holidays: list[HolidayRow] = []
    unsaved: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            if me.is_coach:
                self.countries = [("", t("None")), *queries.holiday_countries()]
                self._fill(await queries.holiday_calendar(tx, me))
                self.unsaved = False

    def _fill(self, found: HolidaysView) -> None:
        self.country, self.region = found.country, found.region
        self.regions = [("", t("The whole country")), *found.regions] if found.regions else []
        self.holidays = [
            HolidayRow(one.name, times.day(one.day), not one.working) for one in found.days
        ]

    @rx.event
    async def choose_country(self, code: str) -> None:
        async with acting(self, limit="page") as (tx, me):
            self._fill(await queries.holiday_calendar(tx, me, code))
            self.unsaved = True

    @rx.event
    async def choose_region(self, code: str) -> None:
        async with acting(self, limit="page") as (tx, me):
            self._fill(await queries.holiday_calendar(tx, me, self.country, code))
            self.unsaved = True

    @rx.event
    def turn(self, name: str) -> None:
        """A day off becomes a day of work, and back."""
        self.holidays = [
            HolidayRow(row.name, row.day, row.off ^ (row.name == name)) for row in self.holidays
        ]
        self.unsaved = True

    @rx.event
    async def save(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            working = [row.name for row in self.holidays if not row.off]
            await actions.save_holidays(tx, me, self.country, self.region, working)
            self.unsaved = False
            await say(self, t("Your holidays are saved. Booked sessions stay as they are."))


def _row(one: TimeOffView, zone: str) -> TimeOffRow:
    booked = [
        BookedRow(
            session.session_id,
            f"{times.time_range(session.starts_at, session.ends_at, zone)} · {session.title}",
            ", ".join(session.clients),
            f"/sessions/{session.session_id}",
            f"/sessions/{session.session_id}/move",
        )
        for session in one.booked
    ]
    words = tn(
        "{n} session is booked in this time. It stays until you move or cancel it.",
        "{n} sessions are booked in this time. They stay until you move or cancel them.",
        len(booked),
    )
    return TimeOffRow(one.id, _when(one), one.reason, words if booked else "", booked)


def _when(one: TimeOffView) -> str:
    """ "Tue 24 November", "Tue 24 November – Fri 27 November", with times where these matter."""
    first, last = times.day(one.first_day), times.day(one.last_day)
    if (one.start_minute, one.end_minute) == (0, rows.MIDNIGHT):
        return first if one.first_day == one.last_day else f"{first} – {last}"
    start = rows.clock_of(one.start_minute)
    end = "24:00" if one.end_minute == rows.MIDNIGHT else rows.clock_of(one.end_minute)
    if one.first_day == one.last_day:
        return f"{first}, {start}–{end}"
    return f"{first}, {start} – {last}, {end}"
