"""Mails to coaches about being paid."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.payments.queries import dispute_reason, failure_words
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t


async def _paid(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    return Letter(
        subject=t("{amount} is in your bank account", amount=amount),
        lines=[
            t("your payout of {amount} has arrived.", amount=amount),
            t("If your bank does not show it yet, look again tomorrow."),
        ],
        action=t("See what is in it"),
        path="/earnings/payouts",
    ), None


async def _failed(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    safe = (
        t("The money is safe in your account at Stripe. You can send it again.")
        if facts["moved"]
        else t("Nothing was moved: the money is still available in your earnings.")
    )
    return Letter(
        subject=t("A payout of {amount} did not arrive", amount=amount),
        lines=[failure_words(facts["failure"]), safe],
        action=t("Open your payouts"),
        path="/earnings/payouts",
    ), None


async def _waits(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To staff: a coach's money does not go on."""
    amount = Money(facts["minor"], facts["currency"]).format()
    return Letter(
        subject=t("A payout of {amount} waits for money at Stripe", amount=amount),
        lines=[
            t("Stripe says again and again that the balance does not hold enough for it."),
            t(
                "See in Stripe whether there is a balance in {currency}. Where Stripe turns"
                " {currency} into another currency, take it out of LOOM_SETTLED_CURRENCIES and"
                " pay this one by hand. `check-stripe` says which they are.",
                currency=facts["currency"],
            ),
            t("The coach reads on the payouts page that you look into it."),
        ],
        facts=[
            (t("Coach"), facts["coach"]),
            (t("Payout"), str(facts["payout_id"])),
            (t("Waits since"), times.when(datetime.fromisoformat(facts["since"]), person.zone)),
        ],
        action=t("Open the money desk"),
        path="/staff/money",
    ), None


async def _active(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("You can be paid now"),
        lines=[t("your payout account is ready. Your paid offerings can be booked from now on.")],
        action=t("Open your earnings"),
        path="/earnings",
    ), None


async def _stopped(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your payout account needs you"),
        lines=[
            t("Stripe cannot pay you at the moment, so paid offerings cannot be booked."),
            t("What is booked stays, and what you have earned is kept for you."),
        ],
        action=t("See what is missing"),
        path="/earnings/account",
    ), None


async def _closed(_tx: Tx, _facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    return Letter(
        subject=t("Your payout account is closed"),
        lines=[
            t("your account at Stripe is closed, so paid offerings cannot be booked any more."),
            t("What is booked stays, and what you have earned is kept for you. Write to us."),
        ],
        action=t("Open your earnings"),
        path="/earnings",
    ), None


async def _disputed(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    lines = [
        t("the bank of a client wants {amount} back.", amount=amount),
        t("It was paid for: {what}.", what=facts["what"]),
        dispute_reason(facts["reason"]),
        t("What you earned with it is held until the bank has decided."),
    ]
    if facts["due_by"]:
        due = times.when(datetime.fromisoformat(facts["due_by"]), person.zone)
        lines.append(t("You can say what happened until {when}.", when=due))
    return Letter(
        subject=t("A payment of {amount} is disputed", amount=amount),
        lines=lines,
        action=t("Answer the dispute"),
        path="/earnings/disputes",
    ), None


async def _decided(_tx: Tx, facts: Facts, _person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    paid_for = t("It was paid for: {what}.", what=facts["what"])
    if facts["outcome"] == "lost":
        subject = t("The dispute of {amount} is lost", amount=amount)
        lines = [
            t("the bank has given {amount} back to the client.", amount=amount),
            paid_for,
            t("Your part of it was taken from your earnings. The bank's fee is ours."),
        ]
    else:
        subject = t("The dispute of {amount} is over: the payment stands", amount=amount)
        lines = [t("the bank has closed the case, and the payment stands."), paid_for]
        if facts["outcome"] == "won":
            lines.append(t("What was held of your earnings is yours again."))
    return Letter(
        subject=subject, lines=lines, action=t("See the dispute"), path="/earnings/disputes"
    ), None


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "payout.paid": _paid,
    "payout.failed": _failed,
    "payout.waits": _waits,
    "account.active": _active,
    "account.restricted": _stopped,
    "account.closed": _closed,
    "dispute.opened": _disputed,
    "dispute.closed": _decided,
}
