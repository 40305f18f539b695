"""A coach's account at Stripe and when they are paid."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.queries import AccountView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Invalid
from loom_app.kit.money import Money, exponent
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.earnings.state import account_note
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, actor_of

ONBOARDING = "/earnings/onboarding"


class BeginForm(TypedDict):
    country: str
    currency: str


class ScheduleForm(TypedDict):
    interval: str
    weekday: str
    day: str
    minimum: str


@dataclass(frozen=True)
class MissingRow:
    words: str = ""
    urgent: bool = False
    note: str = ""


class AccountState(Problems, rx.State):
    """How far the account is, what is missing, and the schedule."""

    loaded: bool = False
    broken: bool = False  # it could not be read
    status: str = ""
    note: str = ""
    missing: list[MissingRow] = []
    country: str = "US"
    currency: str = "USD"
    interval: str = "weekly"
    weekday: str = "0"
    day: str = "1"
    minimum: str = ""
    working: bool = False
    leave_for: str = ""
    form_key: int = 0

    @rx.event
    async def load(self) -> Any:
        self.errors, self.working, self.leave_for = {}, False, ""
        me = await actor_of(self.router_data)
        if not me.is_coach:
            return rx.redirect("/sessions", replace=True)
        try:  # coming back from Stripe proves nothing, so it is asked
            await actions.refresh_account(me)
        except DomainError as problem:
            await say(self, problem.message, "error")
        async with acting(self, limit="page") as (tx, me):
            live.watch(self, [f"person:{me.person_id}:money"], "_changed", calm=0.3)
            await self._fill(tx, me)
        self.broken = not self.loaded
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        view = await queries.account(tx, me)
        self.loaded = True
        if view is None:
            profile = await coaches.my_profile_form(tx, me)
            self.status, self.currency = "", profile.currency
            self.note = account_note("")
            return
        self._show(view)

    def _show(self, view: AccountView) -> None:
        self.status = view.status
        self.note = "" if view.active else account_note(view.status)
        self.missing = [
            MissingRow(
                one.words,
                one.urgent,
                " ".join(one.errors) if one.ours else t("Stripe is looking at this."),
            )
            for one in view.missing
        ]
        before = self._form()
        self.country, self.currency, self.interval = view.country, view.currency, view.interval
        self.weekday = str(view.anchor if view.interval == "weekly" else 0)
        self.day = str(view.anchor if view.interval == "monthly" else 1)
        self.minimum = f"{Money(view.minimum, view.currency).decimal}"
        if self._form() != before:  # a form begun anew loses what is being typed
            self.form_key += 1

    def _form(self) -> tuple[str, ...]:
        return self.country, self.currency, self.interval, self.weekday, self.day, self.minimum

    @rx.event
    async def begin(self, form: BeginForm) -> Any:
        """Where the coach is, then on to Stripe's page."""
        self.working = True
        yield
        self.working, done = False, False
        async with acting(self, limit="save") as (tx, me):
            await actions.begin_account(tx, me, country=form["country"], currency=form["currency"])
            await self._fill(tx, me)
            done = True
        if done:
            self.working, self.leave_for = True, ONBOARDING
            yield
            self.leave_for = ""

    @rx.event
    def choose(self, interval: str) -> None:
        if interval in actions.INTERVALS:
            self.interval = interval

    @rx.event
    async def save(self, form: ScheduleForm) -> Any:
        async with acting(self, limit="save") as (tx, me):
            anchor = {"weekly": form["weekday"], "monthly": form["day"]}.get(form["interval"], "0")
            await actions.save_schedule(
                tx,
                me,
                interval=form["interval"],
                anchor=int(anchor) if anchor.isdecimal() and len(anchor) < 3 else -1,
                minimum=minor_of(form["minimum"], self.currency),
            )
            await self._fill(tx, me)
            await say(self, t("Your schedule is saved."))


def minor_of(typed: str, currency: str) -> int:
    """Minor units of what was typed: "25", "25.50", "25,50". Raises Invalid."""
    problem = Invalid(t("Enter an amount, like 25."), field="minimum")
    try:
        amount = Decimal(typed.strip().replace(",", ".")).scaleb(exponent(currency))
    except InvalidOperation:
        raise problem from None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**12:
        raise problem
    return int(amount)
