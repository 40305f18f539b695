"""One payment: its papers, what came back, and asking for money back."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.payments.rows import (
    PaperRow,
    PaymentRow,
    RefundRow,
    RequestRow,
    paper_row,
    payment_row,
    request_row,
)
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting


class AskForm(TypedDict):
    reason: str
    to: str


class PaymentState(Problems, rx.State):
    """One payment as its client or its coach sees it."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    row: PaymentRow = PaymentRow()
    paying: bool = False
    refundable: str = ""
    package_href: str = ""  # where money back is asked for instead
    refunds: list[RefundRow] = []
    papers: list[PaperRow] = []
    requests: list[RequestRow] = []
    asked_already: bool = False
    asking: bool = False
    working: bool = False
    _id: int = 0
    _spot: str = ""

    @rx.event
    async def load(self) -> None:
        wanted = addresses.last_number(self.router.url.path)
        if wanted != self._id:
            self._id, self.phase, self.row = wanted, "", PaymentRow()
        self.asking, self.working = self.asking and came_back(self, self._spot), False
        self._spot = spot(self)
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.person_id}:payments"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        try:
            page = await queries.payment(tx, me, self._id)
        except NotFound:
            self.phase = "missing"
            return
        self.row = payment_row(page.line, me.zone)
        self.paying = page.paying
        packed = page.payable_kind == "package"
        self.package_href = f"/packages/{page.payable_id}" if packed else ""
        self.refundable = page.refundable.format() if page.refundable.minor else ""
        self.refunds = [_refund(one, me.zone) for one in page.refunds]
        papers = await queries.documents_of(tx, self._id)
        self.papers = [paper_row(one, me.zone) for one in papers]
        asked = await queries.requests_of(tx, self._id)
        self.requests = [request_row(one, me.zone) for one in asked]
        self.asked_already = any(one.status == "open" for one in asked)
        self.phase = "here"

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the form that asks for money back."""
        self.asking, self.errors = opened, {}

    @rx.event
    async def send(self, form: AskForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            await payments.ask_refund(
                tx, me, self._id, reason=form["reason"], as_credit=form["to"] == "credit"
            )
            await self._fill(tx, me)
            self.asking = False
            await say(self, t("Your coach has your request and will answer."))

    @rx.event
    async def withdraw(self, request_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await payments.withdraw_request(tx, me, request_id)
            await self._fill(tx, me)

    @rx.event
    async def as_credit(self, refund_id: int) -> None:
        """What the bank would not take becomes credit."""
        async with acting(self, limit="save") as (tx, me):
            await payments.take_as_credit(tx, me, refund_id)
            await self._fill(tx, me)
            await say(self, t("It will be in your credit in a moment."))


def _refund(one: queries.RefundLine, zone: str) -> RefundRow:
    tones = {"succeeded": "good", "failed": "bad", "canceled": "bad"}
    return RefundRow(
        amount=one.amount.format(),
        words=one.status_text,
        day=times.day_and_year(one.at, zone),
        tone=tones.get(one.status, "warn"),
        retry=one.id if one.retry else 0,
    )
