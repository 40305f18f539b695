"""`/availability/why`: one offering and one week, both in the address."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.queries import DayWhy, StretchView, WeekWhy
from loom_app.kit import addresses
from loom_app.kit.i18n import times
from loom_app.kit.text import t, tn
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting

PATH = "/availability/why"


@dataclass(frozen=True)
class ReasonRow:
    words: str
    href: str = ""


@dataclass(frozen=True)
class StretchRow:
    time: str
    reasons: list[ReasonRow] = field(default_factory=list)


@dataclass(frozen=True)
class DayRow:
    iso: str
    name: str
    count: str
    free: list[str] = field(default_factory=list)
    stretches: list[StretchRow] = field(default_factory=list)


class WhyState(Problems, rx.State):
    """A week of one of the coach's offerings."""

    loaded: bool = False
    offerings: list[tuple[str, str]] = []
    offering: str = ""
    week: str = ""
    title: str = ""
    before_href: str = ""
    after_href: str = ""
    days: list[DayRow] = []

    @rx.event
    async def load(self) -> Any:
        asked = dict(self.router.url.query_parameters)
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            found = await coaches.offerings(tx, me, me.require_person())
            self.offerings = [(str(one.id), one.name) for one in found]
            chosen = next((o for o in found if str(o.id) == asked.get("offering")), None)
            chosen = chosen or next(iter(found), None)
            # at first the week that tomorrow is in: of a Sunday's own week nothing is left to come
            tomorrow = times.local(tx.now, me.zone).date() + timedelta(days=1)
            day = addresses.day(asked.get("week", "")) or tomorrow
            monday = day - timedelta(days=day.weekday())
            self._place(monday, chosen.id if chosen else 0)
            self.days = []
            if chosen is not None:
                week = await queries.why_closed(tx, me, chosen.id, monday)
                self.days = [_day(one, week, chosen) for one in week.days]
            self.loaded = True
        return None

    def _place(self, monday: date, offering_id: int) -> None:
        self.offering, self.week = str(offering_id or ""), monday.isoformat()
        sunday = monday + timedelta(days=6)
        self.title = f"{times.day(monday)} – {times.day(sunday)}"
        self.before_href = _href(offering_id, monday - timedelta(days=7))
        self.after_href = _href(offering_id, monday + timedelta(days=7))

    @rx.event
    def choose(self, offering_id: str) -> Any:
        """The address says which offering; the page follows it."""
        if offering_id in dict(self.offerings):
            week = addresses.day(self.week)
            return rx.redirect(_href(int(offering_id), week or date.today()), replace=True)  # noqa: DTZ011 - `week` is always set
        return None


def _href(offering_id: int, monday: date) -> str:
    return f"{PATH}?{urlencode({'offering': offering_id, 'week': monday.isoformat()})}"


def _day(one: DayWhy, week: WeekWhy, offering: OfferingView) -> DayRow:
    n = len(one.free)
    return DayRow(
        one.day.isoformat(),
        times.day(one.day),
        tn("{n} time is free", "{n} times are free", n) if n else t("No time is free"),
        [f"{start:%H:%M}" for start in one.free],
        [
            StretchRow(
                _time(stretch, one.day),
                [_reason(r.kind, r.session_id, one, week, offering) for r in stretch.reasons],
            )
            for stretch in one.stretches
            if stretch.reasons
        ],
    )


def _time(stretch: StretchView, day: date) -> str:
    end = f"{stretch.end:%H:%M}" if stretch.end.date() == day else "24:00"
    return f"{stretch.start:%H:%M}–{end}"


def _reason(
    kind: str, session_id: int, day: DayWhy, week: WeekWhy, offering: OfferingView
) -> ReasonRow:
    title = week.sessions.get(session_id, "")
    if kind == "busy":
        return ReasonRow(t("Busy: {title}", title=title), f"/sessions/{session_id}")
    if kind == "buffer":
        return ReasonRow(t("Too close to {title}, by the buffers", title=title))
    hours, minutes = divmod(offering.notice_minutes, 60)
    notice = t("{h} h", h=hours) if not minutes else t("{n} min", n=offering.notice_minutes)
    words = {
        "past": t("Over already"),
        "away": t("Time off"),
        "holiday": t("Holiday: {name}", name=day.holiday),
        "exception": t("This date has other hours"),
        "outside": t("Outside your hours"),
        "window": tn("More than {n} day ahead", "More than {n} days ahead", offering.window_days),
        "hold": t("Kept for somebody who is booking"),
        "notice": t("Less than {notice} of notice", notice=notice),
        "day_limit": t("The limit of {n} a day is reached", n=offering.per_day or 0),
        "week_limit": t("The limit of {n} a week is reached", n=offering.per_week or 0),
        "shut": t("{place} is closed", place=offering.site.name if offering.site else ""),
        "room": t("Every room there is taken"),
        "short": t("Your hours end before {length} are over", length=offering.duration_text),
    }
    return ReasonRow(words[kind])
