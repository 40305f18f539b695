"""A coach's account at Stripe: begun here, filled in there, and believed only as read again."""

import secrets
from typing import Any

from sqlalchemy import select, text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.payments.errors import AccountClosed, NoAccount
from loom_app.domains.payments.events import CoachAccountChanged
from loom_app.domains.payments.models import PayoutAccount
from loom_app.integrations.stripe import client as stripe
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Forbidden, Invalid
from loom_app.kit.settings import settings
from loom_app.kit.text import t

ONBOARDING = Actor.system_job("payments.onboarding")
RETURN_PATH, AGAIN_PATH = "/earnings/account?back=1", "/earnings/onboarding"
INTERVALS = ("daily", "weekly", "monthly", "manual")
MOST_MINIMUM = 10**9

_BEGIN = text(
    "INSERT INTO payout_accounts (user_id, country, currency, minimum, created_at)"
    " VALUES (:user, :country, :currency, :minimum, :now)"
    " ON CONFLICT (user_id) DO UPDATE SET country = :country, currency = :currency"
    " WHERE payout_accounts.processor_id IS NULL"
)


async def begin(tx: Tx, me: Actor, *, country: str, currency: str) -> None:
    """Where the coach is (ISO 3166) and what they are paid in. May change until Stripe knows them.

    Raises Forbidden, Invalid, StepUpNeeded.
    """
    if not me.is_coach:
        raise Forbidden(t("Only coaches are paid here."))
    require_step_up(tx, me)
    country, currency = country.upper(), currency.upper()
    if not (len(country) == 2 and country.isalpha() and country.isascii()):
        raise Invalid(t("Choose a country."), field="country")
    if currency not in settings().settled:
        raise Invalid(t("Choose a currency."), field="currency")
    async with tx.acting_as_system("payments.begin_account"):
        values = {
            "user": me.require_person(),
            "country": country,
            "currency": currency,
            "minimum": settings().payout_minimum_minor,
            "now": tx.now,
        }
        await tx.db.execute(_BEGIN, values)
        await audit(tx, "account.begin", "payout_account", me.require_person())


async def onboarding_link(me: Actor, *, update: bool = False) -> str:
    """The address of Stripe's page for the coach: works once, so ask anew each time.

    Outside any transaction: begin, call, record. Raises NoAccount, AccountClosed,
    PaymentUnavailable, PaymentRefused.
    """
    require_step_up(clock.now(), me)
    account_id = await _account_at_stripe(me)
    base = settings().base_url
    link = await stripe.account_link(
        account_id,
        key=f"loom:link:{account_id}:{secrets.token_hex(8)}",
        refresh_url=base + AGAIN_PATH,
        return_url=base + RETURN_PATH,
        update=update,
    )
    return link.url


async def _account_at_stripe(me: Actor) -> str:
    """Made on the first call; a crash after it heals by the same key."""
    user_id = me.require_person()
    async with transaction(me) as tx:
        row = await _row(tx, user_id)
        if row.status == "closed":
            raise AccountClosed
        known, country, currency = row.processor_id, row.country, row.currency
        profile = await accounts.my_profile(tx, me)
    if known is not None:
        return known
    made = await stripe.create_account(
        # the key is bound to what is sent, and the country may be corrected until this succeeds
        key=f"loom:account:{user_id}:{country}:{currency}",
        coach_id=user_id,
        email=profile.email,
        name=profile.name,
        country=country,
        currency=currency,
    )
    # Loom decides when money leaves, or a payout could take what a refund needs
    await stripe.set_payout_schedule(made.id, key=f"loom:manual:{made.id}", interval="manual")
    async with transaction(ONBOARDING) as tx:
        row = await _row(tx, user_id, lock=True)
        row.processor_id = row.processor_id or made.id
        if row.status == "new":
            row.status = "started"
        await tx.db.flush()
        return row.processor_id


def status_of(found: stripe.Account) -> str:
    """Stripe's account in one word of ours."""
    if found.closed:
        return "closed"
    if found.can_receive:
        return "active"
    if found.needs_owner:
        past_due = any(due.deadline == "past_due" for due in found.requirements)
        return "restricted" if past_due else "started"
    return "restricted" if found.transfers in ("rejected", "restricted") else "pending"


async def sync_account(processor_id: str) -> bool:
    """Ask Stripe how an account is and write it down. False where it is none of ours."""
    found = await stripe.account(processor_id)
    status = status_of(found)
    async with transaction(ONBOARDING) as tx:
        column: Any = PayoutAccount
        statement = select(PayoutAccount).where(column.processor_id == processor_id)
        row = await tx.db.scalar(statement.with_for_update())
        if row is None:
            return False
        before = row.status
        row.status, row.synced_at = status, tx.now
        row.requirements = [
            {
                "what": due.what,
                "deadline": due.deadline,
                "awaiting": due.awaiting,
                "errors": list(due.errors),
            }
            for due in found.requirements
        ]
        await tx.db.flush()
        tx.signal(f"person:{row.user_id}:money")
        if status != before:
            await audit(
                tx,
                "account.change",
                "payout_account",
                row.user_id,
                before={"status": before},
                after={"status": status},
            )
            await tx.emit(CoachAccountChanged(row.user_id, status))
    return True


async def refresh_account(me: Actor) -> None:
    """Read one's own account again; nothing where there is none. Raises PaymentUnavailable."""
    async with transaction(ONBOARDING) as tx:
        row = await tx.db.get(PayoutAccount, me.require_person())
        known = row.processor_id if row else None
    if known is not None:
        await sync_account(known)


async def dashboard_link(me: Actor) -> str:
    """The address of the coach's own page at Stripe, where money and bank are changed: works once.
    Raises NoAccount, StepUpNeeded."""
    require_step_up(clock.now(), me)
    async with transaction(ONBOARDING) as tx:
        row = await _row(tx, me.require_person())
        known = row.processor_id
    if known is None:
        raise NoAccount
    return await stripe.login_link(known, key=f"loom:login:{known}:{secrets.token_hex(8)}")


async def save_schedule(tx: Tx, me: Actor, *, interval: str, anchor: int, minimum: int) -> None:
    """When and from how much on to be paid out. `anchor`: weekday from 0 (Monday), or day of the
    month; `minimum` in minor units. Raises Invalid, NoAccount, StepUpNeeded."""
    require_step_up(tx, me)
    if interval not in INTERVALS:
        raise Invalid(t("Choose how often."), field="interval")
    first, last = {"weekly": (0, 6), "monthly": (1, 31)}.get(interval, (0, 31))
    if not first <= anchor <= last:
        raise Invalid(t("Choose a day."), field="anchor")
    if not 1 <= minimum <= MOST_MINIMUM:
        raise Invalid(t("Enter an amount above zero."), field="minimum")
    async with tx.acting_as_system("payments.save_schedule"):
        row = await _row(tx, me.require_person(), lock=True)
        before = {"interval": row.interval, "anchor": row.anchor, "minimum": row.minimum}
        row.interval, row.anchor, row.minimum = interval, anchor, minimum
        await tx.db.flush()
        after = {"interval": interval, "anchor": anchor, "minimum": minimum}
        await audit(
            tx, "account.schedule", "payout_account", row.user_id, before=before, after=after
        )


async def _row(tx: Tx, user_id: int, *, lock: bool = False) -> PayoutAccount:
    column: Any = PayoutAccount
    statement = select(PayoutAccount).where(column.user_id == user_id)
    found = await tx.db.scalar(
        statement.with_for_update() if lock else statement,
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise NoAccount
    return found
