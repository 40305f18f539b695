"""The history of payments: what is asked for stands in the address."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import reflex as rx

from loom_app.domains.payments import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.payments.rows import PaymentRow, TotalRow, UpcomingRow, payment_row, upcoming_row
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting


def asked_for(query: dict[str, str]) -> dict[str, str]:
    """What an address asks for, cleaned: what is nonsense in it is left out."""
    asked = queries.filter_of(query)
    found = {
        "status": asked.status,
        "coach": str(asked.coach_id or ""),
        "from": f"{asked.since:%Y-%m-%d}" if asked.since else "",
        "to": f"{asked.until - timedelta(days=1):%Y-%m-%d}" if asked.until else "",
    }
    return {key: value for key, value in found.items() if value}


class HistoryState(Problems, rx.State):
    """A window of one's payments, newest first, that grows downwards."""

    loaded: bool = False
    rows: list[PaymentRow] = []
    totals: list[TotalRow] = []
    upcoming: list[UpcomingRow] = []
    credit: list[str] = []
    coaches: list[list[str]] = []
    asked: dict[str, str] = {}
    more: int = 0
    busy: bool = False
    form_key: int = 0

    @rx.var
    def filtered(self) -> bool:
        return bool(self.asked)

    @rx.var
    def file_href(self) -> str:
        return "/files/payments/history.csv" + (f"?{urlencode(self.asked)}" if self.asked else "")

    @rx.event
    async def load(self) -> None:
        self.asked = asked_for(dict(self.router.url.query_parameters))
        self.busy = False
        async with acting(self, limit="page") as (tx, me):
            live.watch(self, [f"person:{me.person_id}:payments"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        asked = queries.filter_of(self.asked)
        size = max(queries.PAGE, len(self.rows))
        page = await queries.history(tx, me, asked, size)
        self.rows = [payment_row(line, me.zone) for line in page.lines]
        self.more = page.more
        self.totals = [
            TotalRow(one.paid.format(), one.refunded.format() if one.refunded.minor else "")
            for one in await queries.totals(tx, me, asked)
        ]
        self.upcoming = [upcoming_row(one, me.zone) for one in await queries.upcoming(tx, me)]
        self.credit = [_credit_words(one, me.zone) for one in await queries.credit(tx, me)]
        paid = await queries.coaches_paid(tx, me)
        self.coaches = [["", t("All coaches")], *([str(one), name] for one, name in paid)]
        self.loaded = True

    @rx.event
    async def load_more(self) -> Any:
        self.busy = True
        yield
        async with acting(self, limit="page") as (tx, me):
            asked = queries.filter_of(self.asked)
            page = await queries.history(tx, me, replace(asked, before=self.more))
            self.rows = [*self.rows, *(payment_row(line, me.zone) for line in page.lines)]
            self.more = page.more
        self.busy = False

    @rx.event
    def pick_status(self, status: str) -> Any:
        return self._go(status=status)

    @rx.event
    def pick_coach(self, coach: str) -> Any:
        return self._go(coach=coach)

    @rx.event
    def begin_at(self, day: str) -> Any:
        return self._go(**{"from": day})

    @rx.event
    def end_at(self, day: str) -> Any:
        return self._go(to=day)

    @rx.event
    def clear(self) -> Any:
        self.form_key += 1
        return rx.redirect("/payments")

    def _go(self, **changes: str) -> Any:
        words = urlencode(asked_for(self.asked | changes))
        return rx.redirect(f"/payments?{words}" if words else "/payments", replace=True)


def _credit_words(one: queries.CreditView, zone: str) -> str:
    day = times.day_and_year(one.first_expires_at, zone)
    if one.first == one.money:
        return t("{amount}, until {day}", amount=one.money.format(), day=day)
    return t(
        "{amount}, of which {part} until {day}",
        amount=one.money.format(),
        part=one.first.format(),
        day=day,
    )
