"""Mails about a client's money: papers, cards, credit, money back."""

import asyncio

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.notifications.layout import Facts, Letter
from loom_app.domains.payments import queries as payments
from loom_app.integrations.mail.message import Attachment
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t


async def document(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, Attachment]:
    """A receipt or a credit note, with the paper in the mail."""
    async with tx.acting_as_system("payments.mail"):
        paper = await payments.document(tx, facts["document_id"])
    drawn = await asyncio.to_thread(payments.draw, paper)
    said = {
        "credit_note": t("here is your credit note: it says what you were given back."),
        "receipt": t("thank you. Your receipt is in this mail; you can get it again any time."),
    }
    letter = Letter(
        subject=paper.title,
        lines=[said[paper.kind]],
        facts=[(t("What"), paper.content["words"]), (t("Total"), paper.total.format())],
        action=t("Open the payment"),
        path=f"/payments/{paper.charge_id}",
    )
    return letter, Attachment(drawn, paper.filename, "application", "pdf")


async def refund_failed(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    return Letter(
        subject=t("Your bank did not take the refund"),
        lines=[
            t("we sent {amount} back to your card, and your bank did not take it.", amount=amount),
            t("The money is safe with us. You can take it as credit for your next session."),
        ],
        action=t("Take it as credit"),
        path=f"/payments/{facts['charge_id']}",
    ), None


async def card_expiring(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    async with tx.acting_as_system("payments.mail"):
        card = await payments.method(tx, facts["method_id"])
    if card is None:
        raise NotFound
    return Letter(
        subject=t("Your card runs out soon: {card}", card=card.words),
        lines=[
            t("{card} works until {month}.", card=card.words, month=card.expires),
            t("Save another one, and booking goes on as it does now."),
        ],
        action=t("See your cards"),
        path="/payments/methods",
    ), None


async def credit_expiring(_tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    amount = Money(facts["minor"], facts["currency"]).format()
    day = times.day_and_year(times.instant(facts["expires_at"]), person.zone)
    return Letter(
        subject=t("{amount} of credit is yours until {day}", amount=amount, day=day),
        lines=[
            t("you have {amount} of credit that runs out on {day}.", amount=amount, day=day),
            t("It is used first when you book your next session."),
        ],
        action=t("Find a time"),
        path="/coaches",
    ), None


async def refund_asked(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the coach."""
    async with tx.acting_as_system("payments.mail"):
        asked = await payments.request(tx, facts["request_id"])
    if asked is None:
        raise NotFound
    name = (await accounts.person(tx, asked.client_id)).name
    amount = asked.amount.format()
    return Letter(
        subject=t("{name} asks for {amount} back", name=name, amount=amount),
        lines=[
            t("{name} asks for a refund and writes:", name=name),
            t("“{reason}”", reason=asked.reason),
        ],
        facts=[(t("What"), asked.words), (t("How much"), amount)],
        action=t("Answer"),
        path="/payments/requests",
    ), None


async def refund_decided(tx: Tx, facts: Facts, person: PersonView) -> tuple[Letter, None]:
    """To the client."""
    async with tx.acting_as_system("payments.mail"):
        asked = await payments.request(tx, facts["request_id"])
    if asked is None:
        raise NotFound
    amount = asked.amount.format()
    note = [t("“{note}”", note=asked.note)] if asked.note else []
    if asked.status == "approved":
        subject = t("{amount} comes back to you", amount=amount)
        lines = [
            t("your coach has agreed to a refund of {amount}.", amount=amount),
            *note,
            t("It goes back the way you paid. Banks take 5 to 10 days to show it."),
        ]
    else:
        subject = t("Your coach has not agreed to a refund")
        lines = [t("your coach has decided not to refund {amount}.", amount=amount), *note]
    return Letter(
        subject=subject,
        lines=lines,
        facts=[(t("What"), asked.words)],
        action=t("Open the payment"),
        path=f"/payments/{asked.charge_id}",
    ), None


WRITERS = {
    "payment.document": document,
    "payment.refund_failed": refund_failed,
    "payment.card_expiring": card_expiring,
    "payment.credit_expiring": credit_expiring,
    "payment.refund_asked": refund_asked,
    "payment.refund_decided": refund_decided,
}
