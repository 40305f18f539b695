"""One session: read again whenever something about it changes."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.safety.state import close_dialogs
from loom_app.ui.session import acting
from loom_app.ui.sessions.rows import SessionFull, session_full


class CancelForm(TypedDict):
    reason: str


class SessionState(Problems, rx.State):
    """One session with everything that its viewer may see of it."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    session: SessionFull = SessionFull()
    asking: bool = False
    working: bool = False
    _id: int = 0
    _spot: str = ""
    _other_id: int = 0

    @rx.event
    async def load(self) -> None:
        wanted = addresses.last_number(self.router.url.path)
        if wanted != self._id:
            self._id, self.phase, self.session = wanted, "", SessionFull()
        self.asking, self.working = self.asking and came_back(self, self._spot), False
        self._spot = spot(self)
        await close_dialogs(self)
        async with acting(self) as (tx, me):
            live.watch(self, [f"session:{self._id}"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        try:
            page = await queries.session(tx, me, self._id)
        except NotFound:
            self.phase = "missing"
            return
        self.session = session_full(page, me.zone)
        self._other_id = page.client.id if page.coaching else page.coach.id
        self.phase = "here"

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before a cancellation."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def cancel(self, form: CancelForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            await scheduling.cancel(tx, me, self._id, form["reason"])
            await self._fill(tx, me)
            self.asking = False
            await say(self, t("The session is cancelled."))

    @rx.event
    async def write(self) -> Any:
        """To the conversation with the other side."""
        conversation = 0
        async with acting(self, limit="save") as (tx, me):
            conversation = await messaging.start(tx, me, self._other_id)
        return rx.redirect(f"/messages/{conversation}") if conversation else None
