"""Reporting a message or a person to staff, and blocking somebody."""

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.text import t
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting

NAME_MAX = 200


class ReportForm(TypedDict):
    reason: str
    words: str


class ReportState(Problems, rx.State):
    """What the open dialog is about: a message, or else a person."""

    opened: bool = False
    message_id: int = 0
    person_id: int = 0
    _spot: str = ""

    @rx.event
    async def about_message(self, message_id: int) -> None:
        self.opened, self.message_id, self.person_id, self.errors = True, message_id, 0, {}
        self._spot = spot(self)

    @rx.event
    async def about_person(self, person_id: int) -> None:
        self.opened, self.message_id, self.person_id, self.errors = True, 0, person_id, {}
        self._spot = spot(self)

    @rx.event
    async def show(self, opened: bool) -> None:
        """Open or close the dialog."""
        self.opened = opened

    @rx.event
    async def send(self, form: ReportForm) -> None:
        reason, words = form["reason"], form["words"]
        async with acting(self, limit="save") as (tx, me):
            if self.message_id:
                await messaging.report_message(tx, me, self.message_id, reason=reason, words=words)
            else:
                await moderation.report(tx, me, self.person_id, reason=reason, words=words)
            self.opened = False
            await say(self, t("Thank you. We will look at it; nobody is told that it was you."))


class BlockState(rx.State):
    """Whom the open question is about."""

    opened: bool = False
    person_id: int = 0
    name: str = ""
    _spot: str = ""

    @rx.event
    async def ask(self, person_id: int, name: str) -> None:
        self.opened, self.person_id, self.name = True, person_id, name[:NAME_MAX]
        self._spot = spot(self)

    @rx.event
    async def show(self, opened: bool) -> None:
        """Open or close the question."""
        self.opened = opened

    @rx.event
    async def block(self) -> None:
        self.opened = False
        async with acting(self, limit="save") as (tx, me):
            await moderation.block(tx, me, self.person_id)
            await say(self, t("{name} is blocked.", name=self.name))


async def close_dialogs(state: rx.State) -> None:
    """Another page begins: a question that was open on the one before is over.

    Where only the connection was lost it stays, with what was written.
    """
    for cls in (ReportState, BlockState):
        found = await state.get_state(cls)
        if found.opened:
            found.opened = came_back(state, found._spot)  # noqa: SLF001 - ours
            found._spot = spot(state)  # noqa: SLF001
