"""The history of payments: what is asked for stands in the address."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import reflex as rx

from loom_app.domains.payments import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.filters import address
from loom_app.ui.filters.state import Choice, Narrowing
from loom_app.ui.payments.rows import PaymentRow, TotalRow, UpcomingRow, payment_row, upcoming_row
from loom_app.ui.session import acting

PATH = "/payments"
FILE = "/files/payments/history.csv"
STATUSES = {
    "paid": t("Paid"),
    "refunded": t("Refunded"),
    "waiting": t("Waiting"),
    "held": t("Held"),
    "failed": t("Not paid"),
}


class HistoryState(Narrowing, rx.State):
    """A window of one's payments, newest first, that grows downwards."""

    list_path: ClassVar[str] = PATH
    filter_keys: ClassVar[frozenset[str]] = frozenset({"status", "coach", "from", "to"})
    view_keys: ClassVar[frozenset[str]] = frozenset()

    loaded: bool = False
    rows: list[PaymentRow] = []
    totals: list[TotalRow] = []
    upcoming: list[UpcomingRow] = []
    credit: list[str] = []
    statuses: list[Choice] = []
    coaches: list[Choice] = []
    first_day: str = ""
    last_day: str = ""
    file_href: str = FILE  # all of them, while what is asked for is not read yet
    more: int = 0
    busy: bool = False
    _filter: queries.HistoryFilter = queries.HistoryFilter()

    @rx.event
    async def load(self) -> None:
        self.busy = False
        async with acting(self, limit="page") as (tx, me):
            asked = await self._read(tx, me)
            self._filter = queries.filter_of({key: words[0] for key, words in asked.items()})
            self.file_href = address.href(FILE, asked)
            self.statuses = [
                Choice(key, words, on=key == self._filter.status) for key, words in STATUSES.items()
            ]
            since, until = self._filter.since, self._filter.until
            self.first_day = f"{since:%Y-%m-%d}" if since else ""
            self.last_day = f"{until - timedelta(days=1):%Y-%m-%d}" if until else ""
            live.watch(self, [f"person:{me.person_id}:payments"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        asked = self._filter
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
        self.coaches = [
            Choice(str(one), name, on=one == asked.coach_id)
            for one, name in await queries.coaches_paid(tx, me)
        ]
        self.loaded = True

    @rx.event
    async def load_more(self) -> Any:
        self.busy = True
        yield
        async with acting(self, limit="page") as (tx, me):
            page = await queries.history(tx, me, replace(self._filter, before=self.more))
            self.rows = [*self.rows, *(payment_row(line, me.zone) for line in page.lines)]
            self.more = page.more
        self.busy = False


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
