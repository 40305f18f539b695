"""What the session page draws of money: what is due, what was paid, and where it is."""

from dataclasses import dataclass

from loom_app.domains.payments.queries import DueView, MoneyMoment, due_words
from loom_app.kit.i18n import times
from loom_app.kit.text import t

CARD_SHOWN = ("planned", "asked", "held")


@dataclass(frozen=True)
class MoneyRow:
    """A step of the session's money."""

    what: str
    when: str
    amount: str
    note: str


@dataclass(frozen=True)
class DueRow:
    """What is still due; `pay` is the label of the button to pay it, `hand` of the one that says it
    was paid in person."""

    id: int = 0
    title: str = ""
    words: str = ""
    note: str = ""
    tone: str = "plain"
    pay: str = ""
    hand: bool = False


def due_row(one: DueView, zone: str, *, coaching: bool) -> DueRow:
    """A rest or a hold, in words for its reader."""
    hold = one.part == "no_show"
    pay = ""
    if one.payable and not coaching:
        amount = one.amount.format()
        pay = t("Hold it on a card") if hold else t("Pay {amount} now", amount=amount)
    if hold and one.status != "failed":
        pay = ""
    card = t("Card: {card}", card=one.card) if one.card and one.status in CARD_SHOWN else ""
    return DueRow(
        id=one.id,
        title=t("No-show fee") if hold else _title(one),
        words=due_words(one, zone),
        note=one.problem if one.status == "failed" and not coaching else card,
        tone={"failed": "bad", "paid": "good", "in_person": "good"}.get(one.status, "plain"),
        pay=pay,
        hand=coaching and one.of_the_price and one.status in ("planned", "asked", "failed"),
    )


def _title(one: DueView) -> str:
    if one.amount != one.whole:
        return t("The rest")
    return t("In person") if one.how == "in_person" else t("The price")


def receipt_words(part: str) -> str:
    return {
        "deposit": t("Deposit: receipt and refunds"),
        "rest": t("The rest: receipt and refunds"),
        "no_show": t("No-show fee: receipt and refunds"),
    }.get(part, t("Receipt and refunds"))


def money_row(one: MoneyMoment, zone: str, *, coaching: bool, seat_alone: bool = False) -> MoneyRow:
    """`seat_alone`: of a client in a group that takes place without them."""
    words = {
        "paid": t("Paid by your client") if coaching else t("You paid"),
        "fee": t("Platform fee"),
        "pending": t("Earned"),
        "not_held": t("Not earned after all: you did not come"),
        "available": t("Available to you"),
        "refunded": t("Given back to your client") if coaching else t("Given back to you"),
        "refund_back": t("The refund came back from the bank"),
        "disputed": t("Held: the client's bank asks for it back")
        if coaching
        else t("Your bank asks for it back"),
        "dispute_won": t("Free again: the bank agreed with you")
        if coaching
        else t("Your bank decided: the payment stands"),
        "dispute_lost": t("The client's bank took it back")
        if coaching
        else t("Your bank decided: it is yours again"),
        "payout": t("Left in a payout"),
        "arrived": t("Reached your bank"),
        "held": t("Held on the card, not charged"),
        "let_go": t("Let go, nothing was charged"),
        "in_person": t("Paid in person"),
        "not_paid": t("The card did not give it"),
    }
    reasons = {
        "client_cancelled": t("The session was cancelled by the client."),
        "coach_cancelled": t("The session was cancelled by the coach."),
        "coach_missed": t("The coach did not come."),
        "staff_cancelled": t("Our team took your seat back.")
        if seat_alone
        else t("The session was cancelled by our team."),
        "slot_lost": t("The time was gone when the payment came."),
        "duplicate": t("It was paid twice."),
        "too_few": t("Too few had booked."),
        "unpaid": t("The session was cancelled, as the rest was not paid."),
        "not_due": t("It was not due any more when the payment came."),
        "paid_twice": t("It was paid twice."),
    }
    note = reasons.get(one.reason, "")
    if one.kind == "in_person":
        note = t("Not through this platform: no fee, and nothing in a payout.")
    elif one.kind == "held" and one.until is not None:
        note = t("Until {when} at the latest.", when=times.when(one.until, zone))
    elif one.until is not None:
        note = t(
            "Available from {when}, so that there is time to say if something was wrong.",
            when=times.when(one.until, zone),
        )
    what = words.get(one.kind, t("The payout came back from the bank"))
    parts = {
        "deposit": t("the deposit"),
        "rest": t("the rest"),
        "no_show": t("the no-show fee"),
    }
    if one.part in parts:
        what = t("{what}: {part}", what=what, part=parts[one.part])
    return MoneyRow(what, times.when(one.at, zone), one.amount.format(), note)
