"""Saved cards as they are at Stripe."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.booking.leaving import may_leave_for
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, minding


@dataclass(frozen=True)
class CardRow:
    """A saved card or account in words; `note` warns where it runs out."""

    id: int = 0
    kind: str = "card"
    words: str = ""
    expires: str = ""
    note: str = ""
    tone: str = "warn"
    default: bool = False


class MethodsState(Problems, rx.State):
    """The caller's cards; what Stripe tells arrives by itself."""

    loaded: bool = False
    checking: bool = False
    adding: bool = False
    working: int = 0
    cards: list[CardRow] = []
    leave_to: str = ""

    @rx.event
    async def load(self) -> Any:
        """Back from Stripe's page: ask how it stands, and show no older truth meanwhile."""
        self.adding, self.working, self.leave_to = False, 0, ""
        back = self.router.url.query_parameters.get("back", "") == "1"
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.person_id}:payments"], "_changed", calm=0.2)
            await self._fill(tx, me)
        if back:
            self.checking = True
            yield
            async with minding(self, limit="page") as me:
                await payments.sync_methods(me.require_person())
            self.checking = False
            async with acting(self) as (tx, me):
                await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.cards = [_row(one) for one in await queries.methods(tx, me)]
        self.loaded = True

    @rx.event
    async def add(self) -> Any:
        """To Stripe's page that saves a card."""
        self.adding = True
        yield
        url = ""
        async with minding(self, limit="save") as me:
            url = await payments.add_method(me)
        if url and may_leave_for(url):
            self.leave_to = url
            yield
            self.leave_to = ""
        self.adding = False

    @rx.event
    async def remove(self, card_id: int) -> Any:
        self.working = card_id
        yield
        async with minding(self, limit="save") as me:
            await payments.remove_method(me, card_id)
            await say(self, t("It is removed."))
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
        self.working = 0

    @rx.event
    async def make_default(self, card_id: int) -> Any:
        self.working = card_id
        yield
        async with minding(self, limit="save") as me:
            await payments.make_default(me, card_id)
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
        self.working = 0


def _row(one: queries.MethodView) -> CardRow:
    note, tone = ("", "warn")
    if one.expired:
        note, tone = t("Expired"), "bad"
    elif one.expiring:
        note = t("Runs out soon")
    until = t("Until {month}", month=one.expires) if one.expires else ""
    if one.days:
        until = t("A payment takes up to {n} days", n=one.days)
    return CardRow(one.id, one.kind, one.words, until, note, tone, one.default)
