"""One's own ways to sign in: linking and unlinking providers."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.domains.accounts.queries import WayView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.auth.state import WAY_PROBLEMS
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, minding


@dataclass(frozen=True)
class WayRow:
    """A way in as the list shows it."""

    id: int
    name: str
    email: str


class WaysState(Problems, rx.State):
    """The card's list; `leave_to` is where the browser goes to link another."""

    rows: list[WayRow] = []
    more: list[WayView] = []
    password: bool = True
    only: bool = False
    leave_to: str = ""

    @rx.event
    async def load(self) -> Any:
        query = self.router.url.query_parameters
        self.leave_to = ""
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.require_person()}:ways"], "_changed")
            await self._read(tx, me)
        if problem := WAY_PROBLEMS.get(query.get("problem", "")):
            await say(self, problem, "error")
        elif query.get("linked") == "1":
            await say(self, t("It is linked. You can sign in with it from now on."))
        else:
            return None
        return rx.redirect("/settings/security", replace=True)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._read(tx, me)

    async def _read(self, tx: Tx, me: Actor) -> None:
        mine = await queries.my_ways(tx, me)
        self.rows = [WayRow(one.id, one.name, one.email) for one in mine.identities]
        self.more, self.password, self.only = mine.more, mine.password, mine.only

    @rx.event
    async def link(self, key: str) -> Any:
        """To the provider, which sends the browser back here."""
        self.leave_to = ""
        yield
        async with minding(self, limit="save") as me:
            self.leave_to = await accounts.set_out(me, key, link=True)

    @rx.event
    async def unlink(self, identity_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.unlink(tx, me, identity_id)
            await self._read(tx, me)
            await say(self, t("It is unlinked and opens your account no more."))
