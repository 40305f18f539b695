"""The number that text messages go to: given, proven, stopped, removed."""

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.notifications import phones
from loom_app.integrations.sms import client
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t
from loom_app.ui.notifications.grid_state import GridState
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class NumberForm(TypedDict):
    number: str


class CodeForm(TypedDict):
    code: str


class PhoneState(Problems, rx.State):
    """`stage`: "" (none), code, on or stopped; `there`: whether there are text messages at all."""

    there: bool = False
    number: str = ""
    stage: str = ""

    @rx.event
    async def load(self) -> None:
        self.there = client.available()
        async with acting(self) as (tx, me):
            await self._read(tx, me)

    async def _read(self, tx: Tx, me: Actor) -> None:
        found = await phones.mine(tx, me)
        self.number, self.stage = (found.number, found.stage) if found else ("", "")

    @rx.event
    async def ask(self, form: NumberForm) -> None:
        """A code goes to the number; each costs, so they are counted for everybody at an address
        and for each person."""
        async with acting(self, limit="phone", door="phone") as (tx, me):
            await phones.ask(tx, me, form["number"])
            await self._read(tx, me)

    @rx.event
    async def confirm(self, form: CodeForm) -> None:
        proven = False
        async with acting(self, limit="phone_code", door="phone_code") as (tx, me):
            proven = await phones.confirm(tx, me, form["code"])
            await self._read(tx, me)
        if not proven:
            words = t("This is not the code, or it is too old. After five tries, ask for another.")
            self.errors = {"code": words}
            return
        await say(self, t("Text messages reach you now."))
        grid = await self.get_state(GridState)
        async with acting(self) as (tx, me):
            await grid._fill(tx, me)  # noqa: SLF001 - a handler must not be able to

    @rx.event
    async def remove(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await phones.remove(tx, me)
            await self._read(tx, me)
            grid = await self.get_state(GridState)
            await grid._fill(tx, me)  # noqa: SLF001 - a handler must not be able to
            await say(self, t("No more text messages."))
