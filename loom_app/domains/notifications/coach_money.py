"""Mails to coaches about being paid."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Letter
from loom_app.domains.payments.queries import dispute_reason, failure_words
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
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


async def _disputed(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    lines = [
        t("a payer's bank wants {amount} back for: {what}.", amount=amount, what=facts["what"]),
        dispute_reason(facts["reason"]),
        t("What you earned with it is held until the bank has decided."),
    ]
    if facts["due_by"]:
        due = times.when(datetime.fromisoformat(facts["due_by"]), person.zone)
        lines.append(t("You can say what happened until {when}.", when=due))
    return Letter(
        subject=t("A payment of {amount} is disputed", amount=amount),
        greeting=t("Hello {name},", name=person.name),
        lines=lines,
        action=t("Answer the dispute"),
        link=f"{settings().base_url}/earnings/disputes",
    ), None


async def _decided(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    lost = facts["outcome"] == "lost"
    return Letter(
        subject=t("The dispute of {amount} is lost", amount=amount)
        if lost
        else t("The dispute of {amount} is over: the payment stands", amount=amount),
        greeting=t("Hello {name},", name=person.name),
        lines=[
            t("the bank has given the money back to the payer, for: {what}.", what=facts["what"])
            if lost
            else t("the payment stays, for: {what}.", what=facts["what"]),
            t("Your part of it was taken from your earnings. The bank's fee is ours.")
            if lost
            else t("What was held of your earnings is yours again."),
        ],
        action=t("See the dispute"),
        link=f"{settings().base_url}/earnings/disputes",
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "payout.paid": _paid,
    "payout.failed": _failed,
    "account.active": _active,
    "account.restricted": _stopped,
    "account.closed": _stopped,
    "dispute.opened": _disputed,
    "dispute.closed": _decided,
}
