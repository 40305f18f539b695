"""The video room: closed before its time, for its people alone, and over half an hour after."""

from datetime import datetime
from math import ceil

import reflex as rx

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.queries import Room
from loom_app.kit import addresses
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting


class RoomState(Problems, rx.State):
    """`phase` is "" while looking, then "early", "open", "own", "over" or "missing"."""

    phase: str = ""
    title: str = ""
    when: str = ""
    address: str = ""
    own: str = ""
    opens_in: int = 0
    back: str = "/sessions"
    conversation: str = ""
    _id: int = 0

    @rx.event
    async def open(self) -> None:
        parts = [*self.router.url.path.strip("/").split("/"), ""]
        self._id, self.phase, self.conversation = addresses.number(parts[1]), "", ""
        self.back = f"/sessions/{self._id}"
        live.watch(self, [f"session:{self._id}"], "_changed", calm=0.2)
        await self._look()

    @rx.event
    async def look(self) -> None:
        """The moment has come at which the door opens."""
        await self._look()

    async def _changed(self, _signal: Signal) -> None:
        if self.phase != "open":  # who is in a call stays in it
            await self._look()

    async def _look(self) -> None:
        async with acting(self) as (tx, me):
            try:
                found = await queries.room(tx, me, self._id)
            except NotFound:
                self.phase = "missing"
                return
            self._show(found, me.zone, tx.now)
            if not self.conversation and found.other_id:
                number = await messaging.start(tx, me, found.other_id)
                self.conversation = f"/messages/{number}"

    def _show(self, found: Room, zone: str, now: datetime) -> None:
        self.title = (
            t("{title} with {name}", title=found.title, name=found.other)
            if found.other
            else found.title
        )
        self.when = times.time_range(found.starts_at, found.ends_at, zone)
        left = (found.opens_at - now).total_seconds()
        self.opens_in = max(1, ceil(left)) if found.door == "early" else 0
        self.own = found.own
        if found.address != self.address:
            self.address = found.address
        self.phase = "own" if found.own else found.door
