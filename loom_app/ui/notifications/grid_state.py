"""What one hears of, where and when: saved square by square."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import reflex as rx

from loom_app.domains.notifications import actions, catalogue, wishes
from loom_app.domains.notifications.wishes import FOREVER, Wishes
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

CHANNEL_WORDS = {"in_app": t("In Loom"), "mail": t("Mail"), "push": t("Devices"), "sms": t("Texts")}
PAUSES = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True)
class Square:
    """One channel of a topic; `fixed` ones cannot be chosen, and some are not `there` at all."""

    topic: str
    channel: str
    words: str
    wanted: bool
    there: bool
    fixed: bool


@dataclass(frozen=True)
class Line:
    """A topic, and under which heading it begins."""

    topic: str
    heading: str
    words: str
    squares: list[Square]


class GridState(Problems, rx.State):
    """As it is stored."""

    loaded: bool = False
    channels: list[str] = []
    lines: list[Line] = []
    digest: str = "none"
    quiet: bool = False
    quiet_from: str = "22:00"
    quiet_until: str = "07:00"
    paused: str = ""  # until when, in words

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        wanted = await wishes.mine(tx, me)
        self.channels = [CHANNEL_WORDS[one] for one in wanted.there]
        self.lines = _lines(wanted, me)
        self.digest = wanted.digest
        self.quiet = wanted.quiet_from is not None
        if wanted.quiet_from is not None and wanted.quiet_until is not None:
            self.quiet_from = f"{wanted.quiet_from:%H:%M}"
            self.quiet_until = f"{wanted.quiet_until:%H:%M}"
        self.paused = _pause_words(wanted, tx.now, me.zone)
        self.loaded = True

    @rx.event
    async def choose(self, topic: str, channel: str, wanted: bool) -> None:
        async with acting(self, limit="save") as (tx, me):
            where: Any = channel
            await wishes.choose(tx, me, topic, where, wanted=wanted)
            await self._fill(tx, me)
            await say(self, t("Saved."))

    @rx.event
    async def pick_digest(self, digest: str) -> None:
        await self._save(digest=digest)

    @rx.event
    async def switch_quiet(self, quiet: bool) -> None:
        await self._save(quiet=(self.quiet_from, self.quiet_until) if quiet else None)

    @rx.event
    async def set_quiet_from(self, at: str) -> None:
        await self._save(quiet=(at, self.quiet_until))

    @rx.event
    async def set_quiet_until(self, at: str) -> None:
        await self._save(quiet=(self.quiet_from, at))

    @rx.event
    async def pause(self, how_long: str) -> None:
        """For an hour, until tomorrow, for a week, for good; or no more."""
        await self._save(pause=how_long)

    async def _save(self, **changed: Any) -> None:
        async with acting(self, limit="save") as (tx, me):
            now = await wishes.mine(tx, me)
            quiet = (now.quiet_from, now.quiet_until) if now.quiet_from else None
            if "quiet" in changed:
                quiet = changed["quiet"] and _hours(*changed["quiet"])
            until = now.paused_until if now.paused(tx.now) else None
            if "pause" in changed:
                until = _until(changed["pause"], tx.now, me.zone)
            await wishes.save(
                tx,
                me,
                digest=changed.get("digest", now.digest),
                quiet=quiet,
                paused_until=until,
            )
            await self._fill(tx, me)
            await say(self, t("Saved."))

    @rx.event
    async def send_test(self) -> None:
        async with acting(self, limit="test_notice") as (tx, me):
            await actions.send_test(tx, me)
            await say(self, t("A test is on its way to you."))


def _hours(begin: str, end: str) -> tuple[time, time]:
    try:
        return time.fromisoformat(begin), time.fromisoformat(end)
    except ValueError:
        raise Invalid(t("Give a time such as 22:00."), field="quiet_until") from None


def _until(how_long: str, now: datetime, zone: str) -> datetime | None:
    if how_long == "":
        return None
    if how_long == "always":
        return FOREVER
    if how_long == "tomorrow":
        day = now.astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
        return datetime.combine(day, time(8), ZoneInfo(zone))
    if how_long not in PAUSES:
        raise Invalid(t("Choose from the list."))
    return now + PAUSES[how_long]


def _pause_words(wanted: Wishes, now: datetime, zone: str) -> str:
    if wanted.paused_until is None or not wanted.paused(now):
        return ""
    if wanted.paused_until == FOREVER:
        return t("Paused until you switch it on again.")
    return t("Paused until {when}.", when=times.when(wanted.paused_until, zone))


def _lines(wanted: Wishes, me: Actor) -> list[Line]:
    before, found = "", []
    for one in catalogue.grid(me.roles, staff=me.is_staff):
        words = catalogue.GROUPS[one.group]
        squares = [
            Square(
                one.name,
                channel,
                t("{what}: {where}", what=one.words, where=CHANNEL_WORDS[channel]),
                wanted.wants(one, channel),
                channel in one.on,
                channel in one.fixed,
            )
            for channel in wanted.there
        ]
        found.append(Line(one.name, words if words != before else "", one.words, squares))
        before = words
    return found
