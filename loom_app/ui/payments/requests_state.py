"""What clients ask back, for the coach to answer."""

from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.payments.rows import RequestRow, request_row
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting


class AnswerForm(TypedDict):
    answer: str
    amount: str
    note: str


class Answering(Problems, mixin=True):
    """Requests for money back, and the one whose answer is being written."""

    loaded: bool = False
    rows: list[RequestRow] = []
    answering: int = 0
    working: bool = False

    async def _fill(self, tx: Tx, me: Actor) -> None:
        """Read them; each page its own."""
        raise NotImplementedError

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    def answer(self, request_id: int) -> None:
        """Open the form of one request; 0 closes it."""
        self.answering, self.errors = request_id, {}

    @rx.event
    async def send(self, form: AnswerForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            asked = next((row for row in self.rows if row.id == self.answering), None)
            approve = form["answer"] == "yes"
            amount = amount_of(form["amount"], asked.currency) if approve and asked else None
            await payments.decide_request(
                tx, me, self.answering, approve=approve, note=form["note"], amount=amount
            )
            await self._fill(tx, me)
            self.answering = 0
            await say(self, t("The client has your answer."))


class RequestsState(Answering, rx.State):
    """Requests to this coach, the open ones first."""

    _spot: str = ""

    @rx.event
    async def load(self) -> None:
        if not came_back(self, self._spot):
            self.answering = 0
        self.working, self._spot = False, spot(self)
        async with acting(self) as (tx, me):
            live.watch(self, [f"person:{me.person_id}:payments"], "_changed", calm=0.2)
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.rows = [request_row(one, me.zone) for one in await queries.requests_to(tx, me)]
        self.loaded = True


def amount_of(words: str, currency: str) -> Money | None:
    """What was typed, exactly; None for nothing. Raises Invalid for what is no sum of money."""
    words = words.strip().replace(",", ".")
    if not words:
        return None
    whole = Money(1, currency)
    try:
        minor = Decimal(words).scaleb(whole.exponent)
    except InvalidOperation:
        minor = Decimal("NaN")
    if not minor.is_finite() or minor != minor.to_integral_value() or not 0 < minor < 10**15:
        raise Invalid(t("Write an amount, for example 40 or 12.50."), field="amount")
    return Money(int(minor), currency)
