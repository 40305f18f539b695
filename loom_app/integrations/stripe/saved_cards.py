"""Customers and what they may be charged with. Loom keeps ids and last four digits, no numbers."""

from dataclasses import dataclass
from typing import Any

from loom_app.integrations.stripe.connection import ask, each, id_of, maybe, options, ref, sdk


@dataclass(frozen=True, slots=True)
class Card:
    """A saved payment method. `kind` is card, us_bank_account, sepa_debit or link.

    `brand` is the card's, the bank's name, or the mail address of a Link. Only a card runs out:
    `exp_year` has four digits, and it works until its month ends.
    """

    id: str
    kind: str
    brand: str
    last4: str
    exp_month: int | None
    exp_year: int | None
    customer_id: str | None


KINDS = ("card", "us_bank_account", "sepa_debit", "link")


@dataclass(frozen=True, slots=True)
class Setup:
    """A setup intent; `status` is succeeded once `card_id` may be charged off session."""

    id: str
    status: str
    customer_id: str | None
    card_id: str | None
    decline_code: str | None
    setup_ref: str | None


async def create_customer(*, key: str, email: str, name: str, person_id: int) -> str:
    """A customer to save cards for; returns its id."""
    params: Any = {"email": email, "name": name, "metadata": {"loom_person": str(person_id)}}
    return (await ask(sdk().v1.customers.create_async(params, options(key=key)))).id


async def delete_customer(customer_id: str) -> None:
    """Forget a customer and the cards: for good."""
    await ask(sdk().v1.customers.delete_async(customer_id))


async def payment_methods(customer_id: str) -> list[Card]:
    """The customer's cards, bank accounts and Links, newest first."""
    call = sdk().v1.customers.payment_methods.list_async(customer_id, {"limit": 100})
    return [_card(method) async for method in each(call) if method.type in KINDS]


async def card(card_id: str) -> Card:
    """A card by itself; `customer_id` is None once it is taken off."""
    return _card(await ask(sdk().v1.payment_methods.retrieve_async(card_id)))


async def default_card(customer_id: str) -> str | None:
    """The id of the card that is charged when nobody chooses."""
    customer = await ask(sdk().v1.customers.retrieve_async(customer_id))
    return id_of(maybe(customer, "invoice_settings", "default_payment_method"))


async def attach_card(card_id: str, customer_id: str, *, key: str) -> Card:
    """Save a card for a customer. Raises PaymentRefused with the decline's code."""
    params: Any = {"customer": customer_id}
    call = sdk().v1.payment_methods.attach_async(card_id, params, options(key=key))
    return _card(await ask(call))


async def detach(card_id: str, *, key: str) -> Card:
    """Take a card off its customer: it can never be charged or attached again."""
    return _card(await ask(sdk().v1.payment_methods.detach_async(card_id, {}, options(key=key))))


async def set_default(customer_id: str, card_id: str, *, key: str) -> None:
    """Make a card the one to charge. It must be attached to this customer."""
    params: Any = {"invoice_settings": {"default_payment_method": card_id}}
    await ask(sdk().v1.customers.update_async(customer_id, params, options(key=key)))


async def setup(setup_id: str) -> Setup:
    """What became of saving a card."""
    found = await ask(sdk().v1.setup_intents.retrieve_async(setup_id))
    problem = maybe(found, "last_setup_error")
    return Setup(
        id=found.id,
        status=found.status,
        customer_id=id_of(maybe(found, "customer")),
        card_id=id_of(maybe(found, "payment_method")),
        decline_code=maybe(problem, "decline_code") or maybe(problem, "code"),
        setup_ref=ref(found, "loom_setup"),
    )


def _card(method: Any) -> Card:
    known = maybe(method, method.type)
    return Card(
        id=method.id,
        kind=method.type,
        brand=maybe(known, "brand") or maybe(known, "bank_name") or maybe(known, "email") or "",
        last4=maybe(known, "last4") or "",
        exp_month=maybe(known, "exp_month"),
        exp_year=maybe(known, "exp_year"),
        customer_id=id_of(maybe(method, "customer")),
    )
