"""Mails about what is still due for a session: a rest, or a fee that is held on the card."""

from collections.abc import Awaitable, Callable

from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.payments import queries as payments
from loom_app.domains.payments.queries import DueView
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.text import t


async def _due(tx: Tx, facts: Facts) -> DueView:
    async with tx.acting_as_system("payments.mail"):
        return await payments.due(tx, facts["due_id"])


def _letter(
    due: DueView, person: PersonView, subject: str, lines: list[str]
) -> tuple[Letter, None]:
    return Letter(
        subject=subject,
        lines=lines,
        facts=[
            (t("What"), due.words),
            (t("How much"), due.amount.format()),
            (t("Session"), times.when(due.until, person.zone)),
        ],
        action=t("Open the session"),
        path=due.path,
    ), None


async def _soon(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the client, a day before."""
    due = await _due(tx, facts)
    amount, when = due.amount.format(), times.when(due.at, person.zone)
    card = due.card or t("your saved card")
    if due.of_the_price:
        subject = t("Soon we charge {amount} for {what}", amount=amount, what=due.words)
        lines = [
            t("on {when} we charge {card} with {amount}.", when=when, card=card, amount=amount),
            t("You need not do anything. On the page of the session you can pay it now instead."),
        ]
    else:
        subject = t("Soon we hold {amount} on your card", amount=amount)
        lines = [
            t("on {when} we hold {amount} on {card}.", when=when, card=card, amount=amount),
            t("It is not a charge. It is let go after the session, and taken only if you do not"
              " come."),
        ]  # fmt: skip
    return _letter(due, person, subject, lines)


async def _failed(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the client: what their card said, and what to do."""
    due = await _due(tx, facts)
    amount, start = due.amount.format(), times.when(due.until, person.zone)
    if due.of_the_price:
        subject = t("We could not charge {amount} for {what}", amount=amount, what=due.words)
        first = t("{amount} of your session could not be charged.", amount=amount)
        more = t("Pay it by {when} on the page of the session; your booking stands.", when=start)
    elif facts["late"]:
        subject = t("The fee of {amount} was not taken", amount=amount)
        first = t("the hold on your card had ended, so the fee was not taken.")
        more = t("You need not do anything.")
    else:
        subject = t("We could not hold {amount} on your card", amount=amount)
        first = t("this session asks for a hold on your card, and your card did not give it.")
        more = t("Use another card on the page of the session; your booking stands.")
    said = [facts["problem"]] if facts["problem"] and not facts["late"] else []
    return _letter(due, person, subject, [first, *said, more])


async def _failed_coach(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the coach: the session stands, and what can be done."""
    due = await _due(tx, facts)
    amount, name = due.amount.format(), facts["client"]
    if due.of_the_price:
        subject = t("{amount} for {what} is not paid yet", amount=amount, what=due.words)
        lines = [
            t("the card of {name} did not give it. They know, and can pay it.", name=name),
            t("We try once a day until the session begins, and it stays booked. On its page you"
              " can cancel it, or say that it was paid in person."),
        ]  # fmt: skip
    elif facts["late"]:
        subject = t("The fee of {amount} was not taken", amount=amount)
        lines = [t("the hold on the card of {name} had ended before it was taken.", name=name)]
    else:
        subject = t("{amount} could not be held on a card", amount=amount)
        lines = [
            t("the card of {name} did not give the hold. They know.", name=name),
            t("We try once a day until the session begins. Without a hold there is no fee."),
        ]
    return _letter(due, person, subject, lines)


WRITERS: dict[str, Callable[[Tx, Facts, PersonView], Awaitable[tuple[Letter, None]]]] = {
    "due.soon": _soon,
    "due.failed": _failed,
    "due.failed_coach": _failed_coach,
}
