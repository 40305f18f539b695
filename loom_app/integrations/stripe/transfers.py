"""Money to coaches: transfers into their Stripe balance, and payouts from there to their bank."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from loom_app.integrations.stripe.connection import ask, each, id_of, maybe, options, ref, sdk
from loom_app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money sent from Loom's balance to a coach's. `movement_id` is Loom's balance transaction."""

    id: str
    amount: Money
    reversed: Money
    account_id: str | None
    source_charge_id: str | None
    group: str | None
    movement_id: str | None
    transfer_ref: str | None


@dataclass(frozen=True, slots=True)
class Reversal:
    """A part of a transfer that came back."""

    id: str
    amount: Money
    transfer_id: str
    movement_id: str | None


@dataclass(frozen=True, slots=True)
class Payout:
    """Money on its way to a bank.

    `status` is pending, in_transit, paid, failed or canceled; a paid one may fail later still,
    and then the money is back in the balance. `failure_code` is Stripe's, as account_closed or
    no_account. `arrives_at` is a day: midnight UTC.
    """

    id: str
    amount: Money
    status: str
    arrives_at: datetime
    failure_code: str | None
    failure_message: str | None
    automatic: bool
    movement_id: str | None
    payout_ref: str | None


async def transfer(
    *,
    key: str,
    transfer_id: int,
    account_id: str,
    amount: Money,
    group: str | None = None,
    source_charge_id: str | None = None,
) -> Transfer:
    """Send money to a connected account; `transfer_id` is Loom's own id (`transfer_ref`).

    From the available balance, or with `source_charge_id` from that charge: then it need not
    wait, and all transfers of one charge may not exceed it. PaymentRefused codes:
    balance_insufficient, insufficient_capabilities_for_transfer, resource_missing.
    """
    params: Any = {
        "amount": amount.minor,
        "currency": amount.currency.lower(),
        "destination": account_id,
        "metadata": {"loom_transfer": str(transfer_id)},
    }
    if group is not None:
        params["transfer_group"] = group
    if source_charge_id is not None:
        params["source_transaction"] = source_charge_id
    return _transfer(await ask(sdk().v1.transfers.create_async(params, options(key=key))))


async def read_transfer(stripe_id: str) -> Transfer:
    """A transfer (`tr_…`) as it is now."""
    return _transfer(await ask(sdk().v1.transfers.retrieve_async(stripe_id)))


async def reversed_by(movement_id: str) -> str | None:
    """The transfer (`tr_…`) that a movement of type transfer_refund took back a part of."""
    call = sdk().v1.balance_transactions.retrieve_async(movement_id, {"expand": ["source"]})
    return id_of(maybe(await ask(call), "source", "transfer"))


async def transfers(
    *, account_id: str | None = None, group: str | None = None
) -> AsyncIterator[Transfer]:
    """Transfers, newest first: to one account, of one group."""
    params: Any = {"limit": 100}
    if account_id is not None:
        params["destination"] = account_id
    if group is not None:
        params["transfer_group"] = group
    async for found in each(sdk().v1.transfers.list_async(params)):
        yield _transfer(found)


async def reverse_transfer(
    stripe_id: str, *, key: str, amount: Money | None = None, reversal_ref: str = ""
) -> Reversal:
    """Take a transfer back, or a part of it.

    The coach's balance may go below zero by it only where it is still there: Stripe refuses with
    balance_insufficient when the money has left the account.
    """
    params: Any = {"metadata": {"loom_reversal": reversal_ref}}
    if amount is not None:
        params["amount"] = amount.minor
    made = await ask(sdk().v1.transfers.reversals.create_async(stripe_id, params, options(key=key)))
    return Reversal(
        id=made.id,
        amount=Money(made.amount, made.currency.upper()),
        transfer_id=id_of(made.transfer) or stripe_id,
        movement_id=id_of(maybe(made, "balance_transaction")),
    )


async def payout(
    *, key: str, payout_id: int | str, amount: Money, account_id: str | None = None
) -> Payout:
    """Send available balance to the bank: a coach's, or Loom's own without an account.

    `payout_id` is Loom's own (`payout_ref`). PaymentRefused codes: balance_insufficient,
    payouts_not_allowed, no_account (no bank account in that currency).
    """
    params: Any = {
        "amount": amount.minor,
        "currency": amount.currency.lower(),
        "metadata": {"loom_payout": str(payout_id)},
    }
    how = options(key=key, account=account_id)
    return _payout(await ask(sdk().v1.payouts.create_async(params, how)))


async def read_payout(stripe_id: str, *, account_id: str | None = None) -> Payout:
    """A payout (`po_…`) of that account as it is now."""
    how = options(account=account_id)
    return _payout(await ask(sdk().v1.payouts.retrieve_async(stripe_id, {}, how)))


async def cancel_payout(stripe_id: str, *, key: str, account_id: str | None = None) -> Payout:
    """Stop a payout that is still pending; the money is back at once."""
    how = options(key=key, account=account_id)
    return _payout(await ask(sdk().v1.payouts.cancel_async(stripe_id, {}, how)))


async def payouts(
    *, account_id: str | None = None, status: str | None = None, since: datetime | None = None
) -> AsyncIterator[Payout]:
    """An account's payouts, newest first."""
    params: Any = {"limit": 100}
    if status is not None:
        params["status"] = status
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    async for found in each(sdk().v1.payouts.list_async(params, options(account=account_id))):
        yield _payout(found)


def _transfer(done: Any) -> Transfer:
    currency = done.currency.upper()
    return Transfer(
        id=done.id,
        amount=Money(done.amount, currency),
        reversed=Money(done.amount_reversed, currency),
        account_id=id_of(maybe(done, "destination")),
        source_charge_id=id_of(maybe(done, "source_transaction")),
        group=maybe(done, "transfer_group"),
        movement_id=id_of(maybe(done, "balance_transaction")),
        transfer_ref=ref(done, "loom_transfer"),
    )


def _payout(done: Any) -> Payout:
    return Payout(
        id=done.id,
        amount=Money(done.amount, done.currency.upper()),
        status=done.status,
        arrives_at=datetime.fromtimestamp(done.arrival_date, UTC),
        failure_code=maybe(done, "failure_code"),
        failure_message=maybe(done, "failure_message"),
        automatic=done.automatic,
        movement_id=id_of(maybe(done, "balance_transaction")),
        payout_ref=ref(done, "loom_payout"),
    )
