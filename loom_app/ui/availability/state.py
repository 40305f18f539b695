"""The week as it is typed, saved as a whole; dates that differ are saved one by one."""

from typing import Any

import reflex as rx

from loom_app.domains.scheduling import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.availability import rows
from loom_app.ui.availability.editing import (
    DatesEditing,
    ExceptionForm,
    WeekEditing,
    day_of,
)
from loom_app.ui.problems import say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting


class AvailabilityState(WeekEditing, DatesEditing, rx.State):
    """A coach's hours; `changed` until they are saved."""

    loaded: bool = False
    zone: str = ""
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        """A week that is not saved yet outlives a lost connection."""
        keep = self.changed and came_back(self, self._spot)
        self._spot = spot(self)
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            if not keep:
                await self._fill(tx, me)
        return None

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found = await queries.week(tx, me)
        self.zone = times.zone_label(found.zone)
        self.days = rows.week_rows(found.hours, times.local(tx.now, me.zone).date())
        self.exceptions = rows.exception_rows(found.exceptions)
        self._kept, self.changed, self.loaded = list(self.days), False, True
        self.can_undo, self._former = False, []

    @rx.event
    async def save(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            today = times.local(tx.now, me.zone).date()
            await actions.save_week(tx, me, rows.edits(self.days, today))
            await self._fill(tx, me)
            await say(self, t("Your hours are saved. Booked sessions stay as they are."))

    @rx.event
    async def discard(self) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def save_exception(self, form: ExceptionForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.save_exception(tx, me, *self._typed_date(form))
            self.exceptions = rows.exception_rows((await queries.week(tx, me)).exceptions)
            self.adding = False
            await say(self, t("Saved."))

    @rx.event
    async def drop_exception(self, iso: str) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.drop_exception(tx, me, day_of(iso))
            self.exceptions = rows.exception_rows((await queries.week(tx, me)).exceptions)
