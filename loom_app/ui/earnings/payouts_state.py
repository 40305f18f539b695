"""The payouts of a coach: what was in each, and what became of it."""

from typing import Any

import reflex as rx

from loom_app.domains.payments import actions, queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.earnings.rows import PayoutRow, payout_row
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting


class PayoutsState(Problems, rx.State):
    """One page of payouts, newest first; the address says from where on."""

    loaded: bool = False
    broken: bool = False  # it could not be read
    payouts: list[PayoutRow] = []
    next_href: str = ""
    first: bool = True
    _before: int = 0

    @rx.event
    async def load(self) -> Any:
        self._before = addresses.number(self.router.url.query_parameters.get("before", ""))
        self.first = not self._before
        async with acting(self, limit="page") as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            live.watch(self, [f"person:{me.person_id}:money"], "_changed", calm=0.3)
            await self._fill(tx, me)
        self.broken = not self.loaded
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found, more = await queries.payouts(tx, me, before=self._before)
        lines = await queries.payout_lines(tx, me, [one.id for one in found])
        self.payouts = [
            payout_row(one, [line for line in lines if line.payout_id == one.id], me.zone)
            for one in found
        ]
        self.next_href = f"/earnings/payouts?before={found[-1].id}" if more else ""
        self.loaded = True

    @rx.event
    async def retry(self, payout_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.retry_payout(tx, me, payout_id)
            await self._fill(tx, me)
            await say(self, t("We send it again."))
