"""Balances, what they are made of, and when Stripe pays them out. For Loom or for one coach."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, each, id_of, maybe, options, sdk
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Balance:
    """By currency (upper case); `pending` becomes available with time. May be negative."""

    available: dict[str, Money]
    pending: dict[str, Money]

    def of(self, currency: str) -> Money:
        """What may be sent now."""
        return self.available.get(currency.upper(), Money(0, currency.upper()))


@dataclass(frozen=True, slots=True)
class Movement:
    """A balance transaction: `net` = `amount` - `fee`; out of the balance is negative.

    `kind` is Stripe's type (charge, refund, refund_failure, adjustment, transfer,
    transfer_refund, payment, payment_refund, payout, payout_cancel, payout_failure, stripe_fee);
    `category` its reporting category (dispute, dispute_reversal, …). `source_id` is the charge,
    refund, transfer, payout or dispute behind it. `fees` is kind to amount. `status` is available
    or pending.
    """

    id: str
    kind: str
    category: str
    amount: Money
    fee: Money
    net: Money
    status: str
    created_at: datetime
    available_at: datetime
    source_id: str | None
    description: str | None
    fees: tuple[tuple[str, Money], ...]


@dataclass(frozen=True, slots=True)
class PayoutSchedule:
    """When an account's balance leaves for the bank by itself.

    `interval` is manual, daily, weekly or monthly; `weekly_days` are English day names in lower
    case, Monday to Friday; `monthly_days` 1 to 31. `delay_days` is how long a charge stays
    pending.
    """

    interval: str
    weekly_days: tuple[str, ...]
    monthly_days: tuple[int, ...]
    delay_days: int
    payouts_enabled: bool
    debit_negative: bool


async def balance(account_id: str | None = None) -> Balance:
    """What is in the account now."""
    found = await ask(sdk().v1.balance.retrieve_async({}, options(account=account_id)))
    return Balance(available=_amounts(found.available), pending=_amounts(found.pending))


def _amounts(parts: Any) -> dict[str, Money]:
    return {p.currency.upper(): Money(p.amount, p.currency.upper()) for p in parts}


async def balance_transactions(
    account_id: str | None = None,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    payout_id: str | None = None,
    source_id: str | None = None,
    kind: str | None = None,
) -> AsyncIterator[Movement]:
    """All movements of an account, newest first, page after page.

    `payout_id` gives what an automatic payout was made of (a manual one: itself alone).
    """
    wanted: dict[str, Any] = {"payout": payout_id, "source": source_id, "type": kind}
    params: Any = {"limit": 100, **{name: value for name, value in wanted.items() if value}}
    bounds = {"gte": since, "lt": before}
    created = {name: int(when.timestamp()) for name, when in bounds.items() if when}
    if created:
        params["created"] = created
    call = sdk().v1.balance_transactions.list_async(params, options(account=account_id))
    async for found in each(call):
        yield _movement(found)


def _movement(found: Any) -> Movement:
    currency = found.currency.upper()
    return Movement(
        id=found.id,
        kind=found.type,
        category=found.reporting_category,
        amount=Money(found.amount, currency),
        fee=Money(found.fee, currency),
        net=Money(found.net, currency),
        status=found.status,
        created_at=datetime.fromtimestamp(found.created, UTC),
        available_at=datetime.fromtimestamp(found.available_on, UTC),
        source_id=id_of(maybe(found, "source")),
        description=maybe(found, "description"),
        fees=tuple((f.type, Money(f.amount, f.currency.upper())) for f in found.fee_details),
    )


async def balance_settings(account_id: str | None = None) -> PayoutSchedule:
    """How an account is paid out."""
    return _schedule(
        await ask(sdk().v1.balance_settings.retrieve_async({}, options(account=account_id)))
    )


async def set_payout_schedule(
    account_id: str | None = None,
    *,
    key: str,
    interval: str,
    weekly_days: Sequence[str] = (),
    monthly_days: Sequence[int] = (),
) -> PayoutSchedule:
    """Change when an account is paid out: manual, daily, weekly (with days) or monthly."""
    schedule: dict[str, Any] = {"interval": interval}
    if weekly_days:
        schedule["weekly_payout_days"] = list(weekly_days)
    if monthly_days:
        schedule["monthly_payout_days"] = list(monthly_days)
    params: Any = {"payments": {"payouts": {"schedule": schedule}}}
    how = options(key=key, account=account_id)
    return _schedule(await ask(sdk().v1.balance_settings.update_async(params, how)))


def _schedule(found: Any) -> PayoutSchedule:
    payments = found.payments
    schedule = maybe(payments, "payouts", "schedule")
    return PayoutSchedule(
        interval=maybe(schedule, "interval") or "manual",
        weekly_days=tuple(maybe(schedule, "weekly_payout_days") or ()),
        monthly_days=tuple(maybe(schedule, "monthly_payout_days") or ()),
        delay_days=payments.settlement_timing.delay_days,
        payouts_enabled=maybe(payments, "payouts", "status") == "enabled",
        debit_negative=bool(maybe(payments, "debit_negative_balances")),
    )
