"""The overview of earnings: where the money is now, and where it came from in a period."""

from typing import Any

import reflex as rx

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.queries import Unit
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.earnings import rows
from loom_app.ui.earnings.rows import ChartRow, FigureRow, MonthRow, ShareRow
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting

UNITS: dict[str, Unit] = {"week": "week", "month": "month"}


class EarningsState(Problems, rx.State):
    """Figures, chart and shares; the period and the chart's unit stand in the address."""

    loaded: bool = False
    broken: bool = False  # it could not be read
    figures: list[FigureRow] = []
    charts: list[ChartRow] = []
    clients: list[ShareRow] = []
    offerings: list[ShareRow] = []
    months: list[MonthRow] = []
    period: str = "quarter"
    unit: str = "week"
    account_note: str = ""
    release_note: str = ""
    paying: str = ""

    @rx.var
    def csv_href(self) -> str:
        return f"/earnings/statement.csv?period={self.period}"

    @rx.var
    def pdf_href(self) -> str:
        return f"/earnings/statement.pdf?period={self.period}"

    @rx.event
    async def load(self) -> Any:
        query = dict(self.router.url.query_parameters)
        period, unit = query.get("period", ""), query.get("by", "")
        self.period = period if period in queries.PERIODS else "quarter"
        self.unit = unit if unit in UNITS else "week"
        self.paying = ""
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
        account = await queries.account(tx, me)
        active = account is not None and account.active
        minimum = max(account.minimum, 1) if account else 1
        self.account_note = "" if active else account_note(account.status if account else "")
        self.figures = [
            rows.figure_row(one, minimum=minimum, active=active)
            for one in await queries.earnings(tx, me)
        ]
        today = times.local(tx.now, me.zone).date()
        shown = queries.days_since(rows.first_bar(self.unit, today), tx.now, me.zone)
        bars = await queries.earned_by(tx, me, UNITS[self.unit], shown)
        self.charts = rows.chart_rows(bars, self.unit, today)
        period = queries.period_of(self.period, tx.now, me.zone)
        by_client = await queries.earned_by_client(tx, me, period)
        people = await accounts.people(tx, {one.client_id for one in by_client})
        self.clients = rows.client_rows(by_client, people)
        self.offerings = rows.offering_rows(await scheduling.earned_by_offering(tx, me, period))
        first = await queries.first_movement(tx, me)
        self.months = rows.month_rows(times.local(first, me.zone).date(), today) if first else []
        waits = any(one.pending for one in self.figures)
        self.release_note = await _release_note(tx, me) if waits else ""
        self.loaded = True

    @rx.event
    async def pay_out(self, currency: str) -> Any:
        """Send what is available now."""
        self.paying = currency
        yield
        self.paying = ""
        async with acting(self, limit="save") as (tx, me):
            await actions.pay_out_now(tx, me, currency)
            await self._fill(tx, me)
            await say(self, t("Your payout is being prepared."))


def account_note(status: str) -> str:
    """What an account that is not active means, in a sentence; "" for the first visit's own."""
    return {
        "": t("Set up your payout account to sell paid offerings."),
        "new": t("Set up your payout account to sell paid offerings."),
        "started": t("Your payout account is not complete: paid offerings cannot be booked yet."),
        "pending": t("Stripe is checking your details. This mostly takes a few minutes."),
        "restricted": t("Stripe needs something from you: paid offerings cannot be booked now."),
    }.get(status, t("Your payout account is closed: paid offerings cannot be booked."))


async def _release_note(tx: Tx, me: Actor) -> str:
    """When the next pending money becomes available."""
    at = await queries.next_release(tx, me)
    if at is None:
        return ""
    if at <= tx.now:
        return t("available any minute")
    return t("next available {when}", when=times.when(at, me.zone))
