"""One's own data: the file with all of it, what was done of late, and leaving."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import TrailEntry
from loom_app.domains.privacy import actions, queries
from loom_app.domains.privacy.queries import Hindrance
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


@dataclass(frozen=True)
class ActivityRow:
    """Something in the trail of one's account, in words."""

    id: int
    words: str
    when: str
    where: str


class LeaveForm(TypedDict):
    typed: str


class DataState(Problems, rx.State):
    """Open tabs follow: how the file gets on, and whether the account ends."""

    loaded: bool = False
    status: str = ""  # "" without an export, else queued, working, ready, over
    percent: int = 0
    size: str = ""
    until: str = ""
    href: str = ""
    leaving: str = ""
    hindrances: list[Hindrance] = []
    losses: list[str] = []
    activity: list[ActivityRow] = []
    more: bool = False
    working: bool = False
    asking: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.require_person()}:data"], "_changed", calm=0.2)
            self.working, self.asking, self.activity = False, False, []
            await self._fill(tx, me)
            await self._older(tx, me, 0)
            self.loaded = True

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            was = self.status
            await self._fill(tx, me)
            if self.status == "ready" and was in ("queued", "working"):
                await say(self, t("Your file is ready."))

    async def _fill(self, tx: Tx, me: Actor) -> None:
        one = await queries.my_export(tx, me)
        self.status = one.status if one else ""
        self.percent = round(100 * one.done / one.total) if one and one.total else 0
        self.size = _size(one.bytes) if one else ""
        self.until = times.when(one.expires_at, me.zone) if one and one.expires_at else ""
        self.href = f"/files/data?file={one.token}" if one and one.token else ""
        due = await queries.leaving_at(tx, me)
        self.leaving = times.day_and_year(due, me.zone) if due else ""
        self.hindrances = await queries.hindrances(tx, me)
        self.losses = await queries.losses(tx, me)

    async def _older(self, tx: Tx, me: Actor, before: int) -> None:
        page = await accounts.my_trail(tx, me, before)
        self.activity = [*self.activity, *(_row(one, me) for one in page)]
        self.more = len(page) == 20 and len(self.activity) < 400

    @rx.event
    async def older(self) -> None:
        async with acting(self, limit="page") as (tx, me):
            if self.activity:
                await self._older(tx, me, self.activity[-1].id)

    @rx.event
    async def export(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.ask_export(tx, me)
            await self._fill(tx, me)

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before leaving."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def leave(self, form: LeaveForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            await actions.ask_deletion(tx, me, form["typed"])
            await self._fill(tx, me)
            self.asking = False
            await say(
                self, t("Your account ends on {day}. Until then you can keep it.", day=self.leaving)
            )

    @rx.event
    async def keep(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.keep_account(tx, me)
            await self._fill(tx, me)
            await say(self, t("Your account stays. Good to have you."))


def _size(many: int) -> str:
    return (
        t("{n} MB", n=f"{many / 1e6:.1f}") if many >= 1e5 else t("{n} kB", n=max(1, many // 1000))
    )


def _row(one: TrailEntry, me: Actor) -> ActivityRow:
    mine = one.actor in {me.label, "visitor"}
    words = accounts.verb_words(one.verb)
    return ActivityRow(
        id=one.id,
        words=words if mine else t("{what} (by somebody else)", what=words),
        when=times.when(one.at, me.zone),
        where=one.address,
    )
