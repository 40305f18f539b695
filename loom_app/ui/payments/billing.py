"""`/payments/billing`: what stands on receipts; for a coach also the tax they charge."""

from decimal import Decimal, InvalidOperation
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t as say_now
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import text_area, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.payments.parts import payment_tabs
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import Viewer, acting
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t


class BillingForm(TypedDict):
    name: str
    address: str
    tax_id: str
    tax_name: str
    tax_rate: str


class BillingState(Problems, rx.State):
    """One's own billing details as they are stored."""

    loaded: bool = False
    name: str = ""
    address: str = ""
    tax_id: str = ""
    tax_name: str = ""
    tax_rate: str = ""
    form_key: int = 0
    _spot: str = ""

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            found = await queries.billing(tx, me)
            self.name, self.address, self.tax_id = found.name, found.address, found.tax_id
            self.tax_name = found.tax_name
            self.tax_rate = f"{found.tax_bps / 100:g}" if found.tax_bps else ""
            self.loaded = True
            if not came_back(self, self._spot):  # what is being typed stays
                self.form_key += 1
            self._spot = spot(self)

    @rx.event
    async def save(self, form: BillingForm) -> Any:
        async with acting(self, limit="save") as (tx, me):
            await payments.save_billing(
                tx,
                me,
                name=form["name"],
                address=form["address"],
                tax_id=form["tax_id"],
                tax_name=form["tax_name"],
                tax_bps=rate_of(form["tax_rate"]),
            )
            await say(self, say_now("Your billing details are saved."))


def rate_of(words: str) -> int:
    """Percent as typed, in basis points. Raises Invalid."""
    words = words.strip().rstrip("%").strip().replace(",", ".")
    try:
        bps = Decimal(words or "0") * 100
    except InvalidOperation:
        bps = Decimal("NaN")
    if not bps.is_finite() or bps != bps.to_integral_value():
        raise Invalid(say_now("Write a percentage, for example 19 or 7.7."), field="tax_rate")
    return int(max(Decimal(-1), min(bps, Decimal(10_000))))


def _form() -> rx.Component:
    errors = BillingState.errors
    tax = rx.fragment(
        text_field(
            t("Tax on your sales"),
            "tax_name",
            default_value=BillingState.tax_name,
            hint=t("Its name, for example VAT. Your prices include it."),
            error=errors["tax_name"],
            optional=True,
        ),
        text_field(
            t("Tax in percent"),
            "tax_rate",
            default_value=BillingState.tax_rate,
            error=errors["tax_rate"],
            input_mode="decimal",
            optional=True,
        ),
    )
    none = rx.fragment(
        rx.el.input(type="hidden", name="tax_name", value="", read_only=True),
        rx.el.input(type="hidden", name="tax_rate", value="", read_only=True),
    )
    return rx.el.form(
        text_field(
            t("Name or company"),
            "name",
            default_value=BillingState.name,
            hint=t("Empty: your name on Loom."),
            error=errors["name"],
            auto_complete="organization",
            optional=True,
        ),
        text_area(
            t("Address"),
            "address",
            default_value=BillingState.address,
            error=errors["address"],
            rows="3",
            optional=True,
        ),
        text_field(
            t("Tax number"),
            "tax_id",
            default_value=BillingState.tax_id,
            error=errors["tax_id"],
            optional=True,
        ),
        rx.cond(Viewer.is_coach, tax, none),
        rx.el.div(button(t("Save details"), type="submit")),
        on_submit=BillingState.save,
        key=BillingState.form_key,
        no_validate=True,
        class_name="flex max-w-[480px] flex-col gap-5",
    )


def billing_page() -> rx.Component:
    return app_frame(
        page_heading(t("Payments"), t("What you paid, and what you pay with.")),
        payment_tabs("billing"),
        rx.el.div(
            rx.el.p(
                t("This stands on receipts from now on. Those you have stay as they are."),
                class_name="text-base text-muted",
            ),
            rx.cond(BillingState.loaded, card(_form()), card(skeleton_lines(5))),
            class_name="mt-6 flex max-w-[46rem] flex-col gap-4",
        ),
        place="payments",
    )
