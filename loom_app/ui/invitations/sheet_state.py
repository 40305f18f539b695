"""A file of people before it is sent: what is good, what is wrong and why."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.engagements import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.text import t, tn
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

SHOWN_NOTE = 120


@dataclass(frozen=True)
class LineRow:
    """A row of the file; `problem` is why it is left out."""

    line: int
    email: str
    name: str
    note: str
    problem: str


class SheetState(Problems, rx.State):
    """The preview; it is kept, and so is still there after a reload."""

    loaded: bool = False
    rows: list[LineRow] = []
    good: int = 0
    bad: int = 0
    send_words: str = ""
    left_words: str = ""
    busy: bool = False

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/settings")
            await self._read(tx, me)
            self.loaded = True
        return None

    async def _read(self, tx: Tx, me: Actor) -> None:
        lines, left = await queries.my_sheet(tx, me)
        self.rows = [
            LineRow(one.line, one.email, one.name, one.note[:SHOWN_NOTE], one.problem)
            for one in lines
        ]
        self.bad = sum(1 for one in lines if one.problem)
        self.good = len(lines) - self.bad
        self.send_words = tn("Send {n} invitation", "Send {n} invitations", self.good)
        self.left_words = (
            t("You can invite {n} people today. Shorten the file, or send it tomorrow.", n=left)
            if self.good > left
            else ""
        )

    @rx.event
    async def uploaded(self, url: str, error: str) -> None:
        """The browser says what the upload route answered: a hint; the rows are read here."""
        self.errors = {"file": error[:300]} if error else {}
        if not error:
            async with acting(self) as (tx, me):
                await self._read(tx, me)

    @rx.event
    async def drop(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await engagements.drop_sheet(tx, me)
            await self._read(tx, me)

    @rx.event
    async def send(self) -> Any:
        self.busy = True
        yield
        self.busy = False
        sent = 0
        async with acting(self, limit="save") as (tx, me):
            sent = await engagements.send_sheet(tx, me)
            self.rows = []
            await say(
                self,
                tn("{n} invitation is on its way.", "{n} invitations are on their way.", sent),
            )
        if sent:
            yield rx.redirect("/invitations")
