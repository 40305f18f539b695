"""Messages of the open conversation that wait for their time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.domains.messaging.queries import ScheduledView
from loom_app.kit.errors import Invalid
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.chat.state import ChatState
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class ScheduleForm(TypedDict):
    body: str
    how: str
    at: str


class ScheduleState(Problems, rx.State):
    """`waiting` soonest first. In the dialog: `editing` is the id of what is changed (0 for a new
    one) and `body`, `how`, `at` what its fields begin with. `done` grows when the words of the
    message line were taken over."""

    waiting: list[ScheduledView] = []
    opened: bool = False
    editing: int = 0
    body: str = ""
    how: str = "at"
    at: str = ""
    waking: str = ""
    turn: int = 0
    done: int = 0

    @rx.event
    async def load(self) -> None:
        """After `ChatState.open`: listen first, then read."""
        async with acting(self, on_problem=lambda _: None) as (_, me):
            live.watch(self, [f"person:{me.require_person()}:scheduled"], "_changed")
        await self._read()

    async def _changed(self, signal: Signal) -> None:
        chat = await self.get_state(ChatState)
        if signal.number in {0, chat.conversation_id}:
            await self._read()

    async def _read(self) -> None:
        chat = await self.get_state(ChatState)
        async with acting(self, on_problem=lambda _: None) as (tx, me):
            self.waiting = await queries.scheduled(tx, me, chat.conversation_id)

    @rx.event
    async def begin(self, body: str) -> None:
        """Ask when to send what stands in the message line."""
        await self._ask(0, body, "", "")

    @rx.event
    async def change(self, scheduled_id: int) -> None:
        """Ask for other words, or another time."""
        one = next((one for one in self.waiting if one.id == scheduled_id), None)
        if one:
            await self._ask(one.id, one.body, "awake" if one.awake else "at", one.local)

    async def _ask(self, editing: int, body: str, how: str, at: str) -> None:
        chat = await self.get_state(ChatState)
        async with acting(self) as (tx, me):
            moment = await queries.next_waking_of_other(tx, me, chat.conversation_id)
            self.waking = moment.words if moment else ""
            asleep = moment is not None and moment.at > tx.now
            self.how = how if how and moment else "awake" if asleep else "at"
            self.at = at or queries.tomorrow_morning(tx, me)
            self.editing, self.body = editing, body
            self.opened, self.errors, self.turn = True, {}, self.turn + 1

    @rx.event
    async def show(self, opened: bool) -> None:
        """Open or close the dialog."""
        self.opened = opened

    @rx.event
    async def save(self, form: ScheduleForm) -> None:
        chat = await self.get_state(ChatState)
        async with acting(self, limit="message") as (tx, me):
            at = None if form["how"] == "awake" else _moment(form["at"], me.zone)
            if self.editing:
                await messaging.edit_scheduled(tx, me, self.editing, form["body"], at=at)
            else:
                await messaging.schedule(tx, me, chat.conversation_id, form["body"], at=at)
                await messaging.keep_draft(tx, me, chat.conversation_id, "")
                self.done += 1
            self.opened = False

    @rx.event
    async def send_now(self, scheduled_id: int) -> None:
        async with acting(self, limit="message") as (tx, me):
            await messaging.send_scheduled_now(tx, me, scheduled_id)

    @rx.event
    async def drop(self, scheduled_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await messaging.drop_scheduled(tx, me, scheduled_id)
            await say(self, t("The message is not sent."))


def _moment(words: str, zone: str) -> datetime:
    """What a time field says, in a zone. Raises Invalid."""
    try:
        return datetime.fromisoformat(words).replace(tzinfo=ZoneInfo(zone))
    except ValueError:
        raise Invalid(t("Choose a day and a time."), field="at") from None
