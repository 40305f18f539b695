"""Ways into what paying a coach begins with: an account, and money that may be paid out."""

from loom_app.domains.payments import actions
from loom_app.domains.payments.ledger import movements
from loom_app.domains.payments.rows import locked
from loom_app.integrations.stripe.sandbox import accounts, banks
from loom_app.integrations.stripe.sandbox.onboarded import onboard
from loom_app.integrations.stripe.sandbox.ticking import opened_now
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.money import Money
from tests.domains.payments.helpers import Payments, one, rows
from tests.integrations.stripe import world

BYPASS = "4000000000000077"  # the money is there at once


async def begin_account(coach: Actor, currency: str = "USD") -> str:
    """An account at Stripe that nothing is known of; returns its id."""
    async with transaction(coach) as tx:
        await actions.begin_account(tx, coach, country="US", currency=currency)
    await actions.onboarding_link(coach)
    return (await account(coach))["processor_id"]


async def active_account(coach: Actor, currency: str = "USD", *, bank: str = "") -> str:
    """An account that was approved. `bank`: another of Stripe's test numbers."""
    account_id = await begin_account(coach, currency)
    await onboard(account_id, name="Ada Lindqvist")
    if bank:
        await give_bank(account_id, bank)
    await actions.sync_account(account_id)
    return account_id


async def give_bank(account_id: str, number: str) -> None:
    async with opened_now() as book:
        found = banks.find(number, "US")
        assert found is not None
        await accounts.give_bank(book, await accounts.living(book, account_id), found)


async def account(coach: Actor) -> dict:
    return await one("SELECT * FROM payout_accounts WHERE user_id = :id", id=coach.person_id)


async def earn(payments: Payments, minor: int = 10000, currency: str = "USD") -> int:
    """Paid, delivered, released: the coach's; returns the charge."""
    charge_id = await payments.pay(Money(minor, currency), BYPASS)
    await payments.deliver(charge_id)
    await free(charge_id)
    return charge_id


async def free(charge_id: int) -> None:
    async with transaction(Actor.system_job("payments.release")) as tx:
        await movements.released(tx, await locked(tx, charge_id))


async def ask(coach: Actor, currency: str = "USD") -> int:
    async with transaction(coach) as tx:
        return await actions.pay_out_now(tx, coach, currency)


async def fund(minor: int = 100_000, currency: str = "usd") -> None:
    """Money on Loom's own balance that no ledger knows: for what needs enough of it."""
    await world.charge(minor, currency)


async def payout(number: int) -> dict:
    return await one("SELECT * FROM payouts WHERE id = :id", id=number)


async def check_payouts() -> None:
    """A payout is worth what it settles, and no entry is settled twice."""
    wrong = await rows(
        "SELECT p.id, p.status, p.amount, coalesce(-sum(e.amount), 0) AS settles FROM payouts p"
        " LEFT JOIN payout_items i ON i.payout_id = p.id"
        " LEFT JOIN ledger_entries e ON e.id = i.entry_id AND e.currency = p.currency"
        " GROUP BY p.id HAVING coalesce(-sum(e.amount), 0)"
        "  <> CASE WHEN p.status = 'canceled' THEN 0 ELSE p.amount END"
    )
    assert not wrong, wrong
