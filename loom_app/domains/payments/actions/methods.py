"""Saved cards: they live at Stripe; here stands a copy of what may be shown."""

import asyncio
import contextlib
import secrets
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from sqlalchemy import select, text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments import ways
from loom_app.domains.payments.events import CardExpiring
from loom_app.domains.payments.models import Payer, PaymentMethod
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.settings import settings

METHODS = Actor.system_job("payments.methods")
WARN_AHEAD = timedelta(days=45)
RETURN_PATH = "/payments/methods?back=1"
_method: Any = PaymentMethod
_payer: Any = Payer
# who asks twice at once waits here: Stripe turns the second away while it answers the first
_turns: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

_NEW_PAYER = text(
    "INSERT INTO payers (user_id, created_at) VALUES (:user, :now) ON CONFLICT DO NOTHING"
)
_IS_CUSTOMER = text("UPDATE payers SET customer_id = :customer WHERE user_id = :user")
_UPSERT = text(
    "INSERT INTO payment_methods (user_id, processor_id, kind, brand, last4, exp_month, exp_year,"
    " created_at) VALUES (:user, :card, :kind, :brand, :last4, :month, :year, :now)"
    " ON CONFLICT (processor_id) DO UPDATE SET exp_month = excluded.exp_month,"
    "  exp_year = excluded.exp_year, last4 = excluded.last4,"
    # a card that Stripe renewed by itself is warned about again
    "  warned_at = CASE WHEN payment_methods.exp_year = excluded.exp_year"
    "   AND payment_methods.exp_month = excluded.exp_month THEN payment_methods.warned_at END"
)
_GONE = text(
    "UPDATE payment_methods SET removed_at = :now, is_default = false WHERE user_id = :user"
    " AND removed_at IS NULL AND processor_id <> ALL (:cards) AND created_at <= :asked"
)
_NO_DEFAULT = text("UPDATE payment_methods SET is_default = false WHERE user_id = :user")
_DEFAULT = text(
    "UPDATE payment_methods SET is_default = true WHERE user_id = :user AND processor_id = :card"
    " AND removed_at IS NULL"
)


async def ensure_customer(me: Actor) -> str:
    """The caller's id at Stripe, made on first need. Raises PaymentUnavailable."""
    user_id = me.require_person()
    async with _turns.setdefault(user_id, asyncio.Lock()):
        return await _made(user_id)


async def _made(user_id: int) -> str:
    async with transaction(METHODS) as tx:
        await tx.db.execute(_NEW_PAYER, {"user": user_id, "now": tx.now})
        known = await _customer(tx, user_id)
        if known:
            return known
    async with transaction(Actor.system_job("accounts.payer")) as tx:
        person, email = (
            await accounts.person(tx, user_id),
            await accounts.email_of(tx, user_id),
        )
    made = await stripe.create_customer(
        key=f"loom:customer:{user_id}", email=email, name=person.name, person_id=user_id
    )
    async with transaction(METHODS) as tx:
        await tx.db.execute(_IS_CUSTOMER, {"user": user_id, "customer": made})
    return made


async def add_method(me: Actor, *, back: str = RETURN_PATH) -> str:
    """The address of Stripe's page that saves a card or an account; `back` is ours to come back to.
    Raises PaymentUnavailable."""
    currency = ways.home_currency()
    customer_id = await ensure_customer(me)
    base = settings().base_url
    page = await stripe.setup_checkout(
        key=f"loom:setup:{me.require_person()}:{secrets.token_hex(8)}",
        customer_id=customer_id,
        currency=currency,
        success_url=base + back,
        cancel_url=base + back.replace("back=1", "back=0"),
        setup_ref=str(me.require_person()),
        methods=ways.offered(currency),
    )
    return page.url or ""


async def sync_methods(user_id: int) -> bool:
    """Copy what Stripe has of a person's cards. Outside any transaction; idempotent.

    A card saved while this asks is newer than the answer, and stays. False for no customer.
    """
    async with transaction(METHODS) as tx:
        asked, customer_id = tx.now, await _customer(tx, user_id)
    if customer_id is None:
        return False
    cards = await stripe.payment_methods(customer_id)
    default = await stripe.default_card(customer_id)
    if cards and default not in [card.id for card in cards]:
        default = cards[0].id
        await stripe.set_default(customer_id, default, key=_once("default", user_id))
    async with transaction(METHODS) as tx:
        await tx.db.execute(select(Payer).where(_payer.user_id == user_id).with_for_update())
        await _copy(tx, user_id, cards, default, asked)
        tx.signal(f"person:{user_id}:payments")
    return True


async def _copy(
    tx: Tx, user_id: int, cards: list[stripe.Card], default: str | None, asked: datetime
) -> None:
    for card in cards:
        await tx.db.execute(
            _UPSERT,
            {
                "user": user_id,
                "card": card.id,
                "kind": card.kind,
                "brand": card.brand,
                "last4": card.last4,
                "month": card.exp_month,
                "year": card.exp_year,
                "now": tx.now,
            },
        )
    kept = [card.id for card in cards]
    values = {"user": user_id, "cards": kept, "asked": asked, "now": tx.now}
    await tx.db.execute(_GONE, values)
    await tx.db.execute(_NO_DEFAULT, {"user": user_id})
    await tx.db.execute(_DEFAULT, {"user": user_id, "card": default})


async def sync_customer(customer_id: str) -> bool:
    """A webhook spoke of a customer. False where it is none of ours."""
    async with transaction(METHODS) as tx:
        user_id = await tx.db.scalar(
            select(_payer.user_id).where(_payer.customer_id == customer_id)
        )
    return await sync_methods(user_id) if user_id is not None else False


async def sync_card(card_id: str) -> bool:
    """A webhook spoke of a card: whose it is, or was, is found out."""
    card = await stripe.card(card_id)
    if card.customer_id:
        return await sync_customer(card.customer_id)
    async with transaction(METHODS) as tx:
        user_id = await tx.db.scalar(select(_method.user_id).where(_method.processor_id == card_id))
    return await sync_methods(user_id) if user_id is not None else False


async def sync_setup(setup_id: str) -> bool:
    """A webhook spoke of saving a card."""
    customer_id = (await stripe.setup(setup_id)).customer_id
    return await sync_customer(customer_id) if customer_id else False


async def remove_method(me: Actor, method_id: int) -> None:
    """Take a card off; for good. Raises NotFound, PaymentUnavailable."""
    card_id, _ = await _own(me, method_id)
    with contextlib.suppress(PaymentRefused):  # it is off already
        await stripe.detach(card_id, key=f"loom:detach:{method_id}")
    await sync_methods(me.require_person())
    async with transaction(METHODS) as tx:
        await audit(tx, "method.remove", "payment_method", method_id, after={"by": me.label})


async def make_default(me: Actor, method_id: int) -> None:
    """The card that is offered first. Raises NotFound, PaymentUnavailable."""
    card_id, customer_id = await _own(me, method_id)
    await stripe.set_default(customer_id, card_id, key=_once("default", method_id))
    await sync_methods(me.require_person())


async def _own(me: Actor, method_id: int) -> tuple[str, str]:
    """The card and its customer at Stripe; row-level security says whose it is."""
    async with transaction(me) as tx:
        card_id = await tx.db.scalar(
            select(_method.processor_id).where(
                _method.id == method_id,
                _method.user_id == me.require_person(),
                _method.removed_at.is_(None),
            )
        )
        customer_id = await _customer(tx, me.require_person())
    if card_id is None or customer_id is None:
        raise NotFound
    return card_id, customer_id


async def warn_expiring() -> int:
    """Daily: a mail, once for each card that runs out within 45 days. Returns how many."""
    async with transaction(METHODS) as tx:
        found = await tx.db.scalars(
            select(PaymentMethod)
            .where(_method.removed_at.is_(None), _method.warned_at.is_(None))
            .where(_method.exp_year.is_not(None))
            .order_by(_method.id)
            .with_for_update(skip_locked=True)
        )
        due = [one for one in found if runs_out(one, tx.now.date())]
        for method in due:
            method.warned_at = tx.now
            await tx.db.flush()
            await tx.emit(CardExpiring(method.id or 0, method.user_id))
    return len(due)


def runs_out(method: PaymentMethod, today: date) -> bool:
    """Whether a card's last month ends within the time of warning, or is over. A bank account
    never runs out."""
    if method.exp_year is None or method.exp_month is None:
        return False
    year, month = divmod(method.exp_year * 12 + method.exp_month, 12)
    return date(year, month + 1, 1) - today <= WARN_AHEAD


async def _customer(tx: Tx, user_id: int) -> str | None:
    return await tx.db.scalar(select(_payer.customer_id).where(_payer.user_id == user_id))


def _once(what: str, number: int) -> str:
    """A key for what may be done again tomorrow, and is the same however often it is done."""
    return f"loom:{what}:{number}:{secrets.token_hex(8)}"
