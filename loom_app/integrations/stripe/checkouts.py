"""Checkout: Stripe's hosted page, to pay on or to save a card on."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, id_of, maybe, options, ref, sdk
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Order:
    """What a Checkout page asks for. All of it is stored, so that a repeat is equal.

    With a `customer_id` the page offers the cards saved for that customer; `save_card` keeps the
    card that is typed for charges without the client; `hold` only reserves the amount, to be
    taken by `capture` or let go by `cancel_intent`. `methods` are Stripe's names of the ways to
    pay; wallets come with "card".
    """

    charge_id: int
    amount: Money
    description: str
    success_url: str
    cancel_url: str
    expires_at: datetime
    customer_id: str | None = None
    save_card: bool = False
    hold: bool = False
    methods: tuple[str, ...] = ("card",)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A hosted Checkout session. `url` is None when it is no longer open.

    `mode` is payment or setup; `setup_id` is what `setup` reads when a card was saved.
    """

    id: str
    status: str
    paid: bool
    total: Money
    url: str | None
    intent_id: str | None
    charge_ref: str | None
    mode: str = "payment"
    setup_id: str | None = None
    customer_id: str | None = None


async def open_checkout(order: Order) -> Checkout:
    """A hosted page to pay on. The same charge always gets the same session."""
    metadata = {"loom_charge": str(order.charge_id)}
    intent: Any = {"metadata": metadata, "transfer_group": f"charge_{order.charge_id}"}
    if order.save_card:
        intent["setup_future_usage"] = "off_session"
    if order.hold:
        intent["capture_method"] = "manual"
    params: Any = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": list(order.methods),
        "client_reference_id": str(order.charge_id),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": order.amount.currency.lower(),
                    "unit_amount": order.amount.minor,
                    "product_data": {"name": order.description},
                },
            }
        ],
        "payment_intent_data": intent,
        "metadata": metadata,
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
    }
    if order.customer_id:
        params["customer"] = order.customer_id
        # cards saved for charges without the client count as "limited"; they are offered, too
        params["saved_payment_method_options"] = {
            "allow_redisplay_filters": ["always", "limited", "unspecified"]
        }
    made = sdk().v1.checkout.sessions.create_async(
        params, options(key=f"loom:checkout:{order.charge_id}")
    )
    return _checkout(await ask(made))


async def setup_checkout(  # noqa: PLR0913 - by keyword only
    *,
    key: str,
    customer_id: str,
    currency: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime | None = None,
    setup_ref: str = "",
    methods: tuple[str, ...] = ("card",),
) -> Checkout:
    """A hosted page that saves a card, or another way to pay, and takes no money.

    `success_url` may hold `{CHECKOUT_SESSION_ID}`. Afterwards `checkout(id).setup_id` and
    `setup(setup_id).card_id` name the card; `set_default` makes it the one to charge.
    """
    params: Any = {
        "mode": "setup",
        "ui_mode": "hosted_page",
        "allowed_payment_method_types": list(methods),
        "customer": customer_id,
        "currency": currency.lower(),
        "metadata": {"loom_setup": setup_ref},
        "setup_intent_data": {"metadata": {"loom_setup": setup_ref}},
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    if expires_at is not None:
        params["expires_at"] = int(expires_at.timestamp())
    made = sdk().v1.checkout.sessions.create_async(params, options(key=key))
    return _checkout(await ask(made))


async def checkout(session_id: str) -> Checkout:
    return _checkout(await ask(sdk().v1.checkout.sessions.retrieve_async(session_id)))


async def expire_checkout(session_id: str) -> Checkout:
    """Close the page. Raises PaymentRefused where it is closed already."""
    how = options(key=f"loom:expire:{session_id}")
    return _checkout(await ask(sdk().v1.checkout.sessions.expire_async(session_id, None, how)))


def _checkout(session: Any) -> Checkout:
    return Checkout(
        id=session.id,
        status=session.status,
        paid=session.payment_status == "paid",
        total=Money(maybe(session, "amount_total") or 0, session.currency.upper()),
        url=maybe(session, "url"),
        intent_id=id_of(maybe(session, "payment_intent")),
        charge_ref=ref(session, "loom_charge"),
        mode=session.mode,
        setup_id=id_of(maybe(session, "setup_intent")),
        customer_id=id_of(maybe(session, "customer")),
    )
