"""Asking for money: begin (in the caller's transaction), then open the page outside any."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from loom_app.domains.accounts.actions import hold_accounts
from loom_app.domains.payments import rules, ways
from loom_app.domains.payments.actions import credit
from loom_app.domains.payments.actions import following as dues
from loom_app.domains.payments.actions.fees import Fee, fee_rule
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.actions.settle import record, settle
from loom_app.domains.payments.actions.way import ON_THE_PAGE, Way
from loom_app.domains.payments.errors import AlreadyPaid, CheckoutOver, NotSettled, PaymentUnderWay
from loom_app.domains.payments.events import CheckoutExpired
from loom_app.domains.payments.models import LIVE, Charge, Payer, PaymentMethod
from loom_app.domains.payments.rows import lock_payable, locked, payable_locked, seen
from loom_app.domains.payments.words import part_words
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.kit.text import t

CHECKOUT = Actor.system_job("payments.checkout")
# Stripe wants 30 minutes at least, counted when the call arrives there; the rest is for an outage.
# Whoever holds the time closes the page when it is over (`cancel_checkout`).
SHORTEST = timedelta(minutes=35)


@dataclass(frozen=True, slots=True)
class ChargeStart:
    charge_id: int


async def begin_charge(  # noqa: PLR0913 - all of it is stored, so that a repeat is the same call
    tx: Tx,
    me: Actor,
    payable: Payable,
    amount: Money,
    *,
    payer_id: int,
    coach_id: int,
    offering_id: int | None = None,
    description: str,
    return_path: str,
    cancel_path: str,
    expires_at: datetime,
    needed_by: datetime | None = None,
    way: Way = ON_THE_PAGE,
    part: str = "full",
    whole: Money | None = None,
) -> ChargeStart:
    """Write down what will be asked, fee included. An open attempt for it is taken up; one in
    another way is closed and another begun. `amount` is the `part` (full, deposit, rest, no_show)
    of a `whole` price. Ways that may take longer than `needed_by` are not offered. Raises
    AlreadyPaid, Invalid, NotSettled, NotFound for a card of others and for who has left.
    """
    if amount.minor <= 0:
        raise Invalid(t("There is nothing to pay."))
    # what was sold before a currency was given up is charged to its end
    if part in ("full", "deposit") and amount.currency not in settings().settled:
        raise NotSettled(amount.currency)
    await hold_accounts(tx, payer_id, coach_id)
    async with tx.acting_as_system("payments.begin_charge"):
        await lock_payable(tx, payable.kind, payable.id)
        left = needed_by - tx.now if needed_by else None
        card_id, customer_id = await _card(tx, payer_id, way, amount.currency, left)
        if again := await _open_attempt(tx, payable, amount, way, card_id, part):
            return ChargeStart(again)
        kept = await credit.keep(tx, payer_id, amount) if way.use_credit else []
        fee = await _fee_rule(tx, payable, part, coach_id, offering_id)
        charge = Charge(
            payable_kind=payable.kind,
            payable_id=payable.id,
            payer_id=payer_id,
            coach_id=coach_id,
            amount=amount.minor,
            currency=amount.currency,
            credit=sum(part for _, part in kept),
            card_id=card_id,
            customer_id=customer_id,
            save_card=way.save_card and card_id is None,
            methods=",".join(ways.offered(amount.currency, left)),
            fee_bps=fee.bps,
            fee_fixed=fee.fixed,
            fee=_fee(fee, part, amount, whole or amount),
            part=part,
            whole=(whole or amount).minor,
            description=description,
            return_path=return_path,
            cancel_path=cancel_path,
            expires_at=max(expires_at, tx.now + SHORTEST),
            created_at=tx.now,
            updated_at=tx.now,
        )
        tx.db.add(charge)
        await tx.db.flush()
        await credit.note(tx, charge.id or 0, kept)
        await audit(tx, "charge.begin", "charge", charge.id or 0, after={"by": me.label})
    return ChargeStart(charge.id or 0)


async def _fee_rule(
    tx: Tx, payable: Payable, part: str, coach_id: int, offering_id: int | None
) -> Fee:
    """A rest was sold with its deposit: the same rule holds."""
    if part == "rest":
        deposit = await tx.db.scalar(
            _of(payable, "deposit").where(_column("paid_at").is_not(None)).limit(1)
        )
        if deposit is not None:
            return Fee(deposit.fee_bps, deposit.fee_fixed)
    return await fee_rule(tx, coach_id, offering_id)


def _fee(rule: Fee, part: str, amount: Money, whole: Money) -> int:
    before = whole.minor - amount.minor if part == "rest" else 0
    return rules.fee_of_part(rule.of(whole).minor, whole.minor, before, amount.minor)


async def _card(
    tx: Tx, payer_id: int, way: Way, currency: str, left: timedelta | None
) -> tuple[str | None, str | None]:
    """The saved card and the customer at Stripe. Raises NotFound for a card of somebody else,
    Invalid for a bank account that has another currency or takes too long."""
    payer = await tx.db.get(Payer, payer_id)
    customer_id = payer.customer_id if payer else None
    if way.method_id is None:
        return None, customer_id
    method = await tx.db.get(PaymentMethod, way.method_id, populate_existing=True)
    if method is None or method.user_id != payer_id or method.removed_at is not None:
        raise NotFound(t("This card is not saved any more. Choose another way to pay."))
    if not ways.fits(method.kind, currency, left):
        raise Invalid(t("This cannot be paid from that account in time. Choose another way."))
    return method.processor_id, customer_id


async def _open_attempt(
    tx: Tx, payable: Payable, amount: Money, way: Way, card_id: str | None, part: str
) -> int | None:
    """An attempt that can be taken up; one that cannot is closed. Raises AlreadyPaid.

    What is being charged this moment, or by a bank in these days, is never overtaken.
    """
    found = (*LIVE, "succeeded", "held")
    statement = _of(payable, part).where(_column("status").in_(found)).with_for_update()
    for charge in await tx.db.scalars(statement):
        if charge.status not in LIVE:
            raise AlreadyPaid
        same = (charge.amount, charge.currency) == (amount.minor, amount.currency)
        begun = charge.card_id is not None or charge.under_way_at is not None
        under_way = charge.status == "pending" and begun
        if under_way or (same and _same_way(charge, way, card_id) and charge.expires_at > tx.now):
            return charge.id
        charge.status, charge.updated_at = "expired", tx.now
        await credit.let_go(tx, charge)
        await tx.db.flush()
        await tx.enqueue("payments.close_checkout", {"charge_id": charge.id})
    return None


def _same_way(charge: Charge, way: Way, card_id: str | None) -> bool:
    asked = (card_id, way.save_card and card_id is None)
    if (charge.card_id, charge.save_card) != asked:
        return False
    return way.use_credit or charge.credit == 0


def _of(payable: Payable, part: str) -> Any:
    return select(Charge).where(
        _column("payable_kind") == payable.kind,
        _column("payable_id") == payable.id,
        _column("part").in_(rules.same_part(part)),
    )


def _column(name: str) -> Any:
    return getattr(Charge, name)


async def open_checkout(charge_id: int) -> str:
    """The address of the page to pay on; the same one as long as it is open.

    Begin, call, record: a crash after the call heals by asking again, as the key is the charge's.
    Raises CheckoutOver, PaymentUnderWay, PaymentUnavailable.
    """
    async with transaction(CHECKOUT) as tx:
        charge = await locked(tx, charge_id)
        if charge.status in LIVE and charge.under_way_at is not None:
            raise PaymentUnderWay
        if charge.status not in LIVE or charge.expires_at <= tx.now:
            raise CheckoutOver
        if charge.checkout_url:
            return charge.checkout_url
        charge.status, charge.updated_at = "pending", tx.now
        order = _order(charge)
        await tx.db.flush()
    try:
        page = await stripe.open_checkout(order)
    except PaymentRefused:
        await _fail(charge_id)
        raise
    async with transaction(CHECKOUT) as tx:
        charge = await locked(tx, charge_id)
        charge.checkout_id, charge.checkout_url = page.id, page.url
        await tx.db.flush()
    if page.url is None:  # answered from before: it was paid or closed meanwhile
        await settle(charge_id)
        raise CheckoutOver
    return page.url


def _order(charge: Charge) -> stripe.Order:
    base = settings().base_url
    return stripe.Order(
        charge_id=charge.id or 0,
        amount=Money(charge.amount - charge.credit, charge.currency),
        description=part_words(charge.part, charge.description),
        success_url=base + charge.return_path,
        cancel_url=base + charge.cancel_path,
        expires_at=charge.expires_at,
        customer_id=charge.customer_id,
        save_card=charge.save_card,
        methods=tuple(charge.methods.split(",")),
        hold=charge.part == "no_show",
    )


async def _fail(charge_id: int) -> None:
    async with transaction(CHECKOUT) as tx:
        await record(tx, await payable_locked(tx, charge_id), None, None, refused=True)


async def check_charge(charge_id: int) -> None:
    """Ask Stripe how it stands and settle: the return page must not wait for a webhook."""
    await settle(charge_id)


async def cancel_checkout(charge_id: int) -> None:
    """Close the page, so that a slot that is given up cannot be paid any more.

    Paying may have been faster: then this settles it. Raises PaymentUnavailable.
    """
    async with transaction(CHECKOUT) as tx:
        charge = await payable_locked(tx, charge_id)
        if charge.status == "created":  # no page was ever asked for
            charge.status, charge.updated_at = "cancelled", tx.now
            await credit.let_go(tx, charge)
            await tx.db.flush()
            about = (charge.payable_kind, charge.payable_id, charge.part)
            await tx.emit(CheckoutExpired(charge_id, *about))
            await dues.follow(tx, charge)
        known = charge.checkout_id
        unsure = charge.status == "pending" and known is None and charge.card_id is None
    if unsure:
        known = await _learn(charge_id)
    if known is not None:
        with contextlib.suppress(PaymentRefused):  # closed already: settling tells which way
            await stripe.expire_checkout(known)
        await settle(charge_id)


async def _learn(charge_id: int) -> str | None:
    """A crash came between call and record: the same call tells what it made."""
    try:
        await open_checkout(charge_id)
    except (PaymentRefused, CheckoutOver):
        return None
    async with transaction(CHECKOUT) as tx:
        return (await seen(tx, charge_id)).checkout_id
