"""Paying a charge in the way it was begun: nothing to pay, a saved card, or Stripe's page."""

from dataclasses import dataclass

from loom_app.domains.payments.actions.charge import CHECKOUT, open_checkout
from loom_app.domains.payments.actions.settle import covered, record, settle
from loom_app.domains.payments.errors import CheckoutOver
from loom_app.domains.payments.models import LIVE, Charge
from loom_app.domains.payments.rows import locked, payable_locked, seen
from loom_app.domains.payments.words import part_words
from loom_app.integrations.stripe import client as stripe
from loom_app.integrations.stripe.errors import PaymentRefused
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Answer:
    """`url` is where to go and pay; without one it is paid, or will be known in a moment."""

    url: str = ""


async def pay(charge_id: int) -> Answer:
    """Begin, call, record; any number of times. Outside any transaction.

    Raises CheckoutOver, PaymentUnavailable (it may have been taken: the sweeper finds out),
    PaymentRefused with the decline's code; "authentication_required": only the page can do that.
    """
    async with transaction(CHECKOUT) as tx:
        charge = await seen(tx, charge_id)
        by_card, due = charge.card_id is not None, charge.amount - charge.credit
        under_way = charge.under_way_at is not None
    if under_way:  # Stripe forgets keys after a day: what a bank is at is asked about, never again
        await settle(charge_id)
    elif due == 0:
        await _pay_by_credit(charge_id)
    elif by_card:
        await charge_card(charge_id)
    else:
        return Answer(await open_checkout(charge_id))
    return Answer()


async def _pay_by_credit(charge_id: int) -> None:
    async with transaction(CHECKOUT) as tx:
        charge = await payable_locked(tx, charge_id)
        if charge.status in LIVE:
            if charge.expires_at <= tx.now:
                raise CheckoutOver
            await covered(tx, charge)


async def charge_card(charge_id: int) -> None:
    """Charge the saved card. The key is the charge's: one charge takes money once."""
    async with transaction(CHECKOUT) as tx:
        charge = await locked(tx, charge_id)
        if charge.status not in LIVE:
            return
        # what was begun is finished however late; what was not, is not begun any more
        if charge.status == "created" and charge.expires_at <= tx.now:
            raise CheckoutOver
        charge.status, charge.updated_at = "pending", tx.now
        await tx.db.flush()
    try:
        payment = await _call(charge)
    except PaymentRefused as refused:
        async with transaction(CHECKOUT) as tx:
            charge = await payable_locked(tx, charge_id)
            charge.decline_code = refused.code
            await record(tx, charge, None, None, refused=True)
        raise
    await settle(charge_id, intent_id=payment.id)


async def _call(charge: Charge) -> stripe.Payment:
    return await stripe.charge_off_session(
        key=f"loom:charge:{charge.id}:1",
        charge_id=charge.id or 0,
        customer_id=charge.customer_id or "",
        card_id=charge.card_id or "",
        amount=Money(charge.amount - charge.credit, charge.currency),
        description=part_words(charge.part, charge.description),
        hold=charge.part == "no_show",
    )
