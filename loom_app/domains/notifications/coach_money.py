"""Mails to coaches about being paid."""

from collections.abc import Awaitable, Callable
from typing import Any

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Letter
from loom_app.domains.payments.queries import failure_words
from loom_app.kit.db.transaction import Tx
from loom_app.kit.money import Money
from loom_app.kit.settings import settings
from loom_app.kit.text import t

Facts = dict[str, Any]


async def _paid(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    return Letter(
        subject=t("{amount} is in your bank account", amount=amount),
        greeting=t("Hello {name},", name=person.name),
        lines=[t("your bank has confirmed a payout of {amount}.", amount=amount)],
        action=t("See what is in it"),
        link=f"{settings().base_url}/earnings/payouts",
    ), None


async def _failed(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    safe = (
        t("The money is safe in your account at Stripe. You can send it again.")
        if facts["moved"]
        else t("Nothing was moved: the money is still available in your earnings.")
    )
    return Letter(
        subject=t("A payout of {amount} did not arrive", amount=amount),
        greeting=t("Hello {name},", name=person.name),
        lines=[failure_words(facts["failure"]), safe],
        action=t("Open your payouts"),
        link=f"{settings().base_url}/earnings/payouts",
    ), None


async def _active(_tx: Tx, _facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("You can be paid now"),
        greeting=t("Hello {name},", name=person.name),
        lines=[t("your payout account is ready. Your paid offerings can be booked from now on.")],
        action=t("Open your earnings"),
        link=f"{settings().base_url}/earnings",
    ), None


async def _stopped(_tx: Tx, _facts: Facts, person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your payout account needs you"),
        greeting=t("Hello {name},", name=person.name),
        lines=[
            t("Stripe cannot pay you at the moment, so paid offerings cannot be booked."),
            t("What is booked stays, and what you have earned is kept for you."),
        ],
        action=t("See what is missing"),
        link=f"{settings().base_url}/earnings/account",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "payout.paid": _paid,
    "payout.failed": _failed,
    "account.active": _active,
    "account.restricted": _stopped,
    "account.closed": _stopped,
}
