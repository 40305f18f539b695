"""What was paid for a session, and what a cancellation gives back, in words."""

from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from loom_app.domains.coaches.queries import price_text
from loom_app.domains.payments.queries import ChargeView, DueView
from loom_app.domains.scheduling.models import CoachingSession, Seat
from loom_app.domains.scheduling.rules import transitions
from loom_app.kit.money import Money
from loom_app.kit.text import t

BOOKING = ("full", "deposit")
TO_PAY = ("planned", "asked", "failed")
ON_CARD = ("held", "taking")


def price_words(seat: Seat) -> str:
    return t("One of a package") if seat.package_id else price_text(seat.price_minor, seat.currency)


def paid_words(
    charges: list[ChargeView], dues: list[DueView], seat: Seat, *, coaching: bool
) -> dict[str, str]:
    """What was paid; what the platform keeps is the coach's to see alone."""
    found = {"payment_status": "free", "payment_text": t("Free"), "fee_text": "", "earned_text": ""}
    if seat.package_id:
        return found | {"payment_status": "package", "payment_text": t("Paid with the package")}
    paid = [one for one in charges if one.paid]
    for_price = [one for one in paid if one.part != "no_show"]
    if not paid:
        return found | _unpaid(charges, dues, seat) if seat.price_minor else found
    if for_price:
        found |= _of_price(for_price, dues)
    if missed := [one.left for one in paid if one.part == "no_show"]:
        words = t("No-show fee of {amount} taken", amount=_sum(missed).format())
        if not _sum(missed).minor:
            words = t("The no-show fee went back")
        before = f"{found['payment_text']}. " if for_price else ""
        found |= _said(found["payment_status"] if for_price else "paid", before + words)
    if coaching and all(one.left == one.amount and not one.disputed.minor for one in paid):
        amount, fee = _sum([one.amount for one in paid]), _sum([one.fee for one in paid])
        found |= {"fee_text": fee.format(), "earned_text": (amount - fee).format()}
    return found


def _of_price(paid: list[ChargeView], dues: list[DueView]) -> dict[str, str]:
    amount, back = _sum([one.amount for one in paid]), _sum([one.refunded for one in paid])
    lost = _sum([one.lost for one in paid])
    rest = next((one for one in dues if one.of_the_price and one.status in TO_PAY), None)
    if any(one.disputed.minor for one in paid):
        return _said("disputed", t("Paid; the client's bank has asked for it back"))
    if lost.minor:
        return _said("lost", t("{part} taken back by the client's bank", part=lost.format()))
    if back.minor == amount.minor:
        return _said("refunded", t("Refunded in full"))
    if back.minor:
        words = t("{part} of {amount} refunded", part=back.format(), amount=amount.format())
        return _said("refunded", words)
    if rest is not None:
        words = t("{part} of {whole} paid", part=amount.format(), whole=rest.whole.format())
        return _said("paid", words)
    return _said("paid", t("Paid"))


def _said(status: str, words: str) -> dict[str, str]:
    return {"payment_status": status, "payment_text": words}


def _unpaid(charges: list[ChargeView], dues: list[DueView], seat: Seat) -> dict[str, str]:
    if seat.rest == "in_person" and not seat.deposit_minor:
        done = any(one.status == "in_person" for one in dues)
        words = t("Paid in person") if done else t("To be paid in person")
        return _said("in_person", words)
    if any(one.part == "later" and one.status in TO_PAY for one in dues):
        return _said("later", t("Not paid yet"))
    if any(one.part == "later" and one.status == "in_person" for one in dues):
        return _said("paid", t("Paid in person"))
    tried = [one for one in charges if one.part in BOOKING]
    if not tried or not tried[-1].open:
        return _said("none", t("Nothing was paid"))
    if seat.under_way:
        return _said("under_way", t("On its way from the bank"))
    return _said("open", t("Waiting for payment"))


@dataclass(frozen=True, slots=True)
class Case:
    """A seat that may be given up now, with what was paid for it and what is still to come."""

    session: CoachingSession
    seat: Seat
    charges: list[ChargeView]
    dues: list[DueView]
    now: datetime


def refund_text(case: Case, *, coaching: bool) -> str:
    """Said before the click: what a cancellation gives back, and what is not asked for any more."""
    return _quote(case, coaching=coaching, fault=coaching)


def told_to_staff(case: Case, name: str, *, fault: bool) -> str:
    """The same, said to staff of the client who is named."""
    return _quote(case, coaching=True, fault=fault, name=name)


def money_back(case: Case, *, fault: bool) -> Money:
    """What a cancellation gives back now; what a bank disputes waits for its word."""
    percent = _percent(case, fault=fault)
    paid = [one for one in case.charges if one.paid and one.part != "no_show"]
    left = sum(one.left.minor for one in paid if not one.disputed.minor)
    kept = transitions.kept(case.seat.price, percent).minor
    return Money(max(0, left - kept), case.seat.currency)


def _percent(case: Case, *, fault: bool) -> int:
    return transitions.percent_back(
        case.session.policy,
        case.session.starts_at,
        case.now,
        fault=fault,
        moved_at=case.seat.moved_in(case.session),
    )


def missed_text(case: Case) -> str:
    """Said to the coach before they say that the client did not come: what it means for both."""
    told = [t("They are told.")]
    if case.seat.package_id:
        told.append(t("The session counts as used, and its part of the price is yours."))
    paid = [one.left for one in case.charges if one.paid and one.part != "no_show"]
    if paid and _sum(paid).minor:
        told.append(t("The {price} that was paid stays yours.", price=_sum(paid).format()))
    for one in case.dues:
        if one.part == "no_show" and one.status == "held":
            amount = one.amount.format()
            told.append(
                t("The fee of {amount} that is held on their card is taken.", amount=amount)
            )
        elif one.of_the_price and one.status in TO_PAY:
            told.append(t("What is not paid yet is not asked for any more."))
    return " ".join(told)


def absent_text(case: Case, name: str) -> str:
    """Said before it is noted that the coach did not come: what this client, who is named, gets."""
    told: list[str] = []
    if case.seat.package_id:
        told.append(t("The session of {name} goes back into the package.", name=name))
    paid = [one for one in case.charges if one.paid]
    ours = [one for one in paid if not one.disputed.minor]
    price = [one.left for one in ours if one.part != "no_show"]
    fee = [one.left for one in ours if one.part == "no_show"]
    if price and _sum(price).minor:
        told.append(t("{name} gets {price} back.", name=name, price=_sum(price).format()))
    if fee and _sum(fee).minor:
        told.append(t("The no-show fee of {amount} goes back.", amount=_sum(fee).format()))
    if len(ours) < len(paid):
        told.append(
            t("A bank is deciding about a payment of {name}: that waits for its word.", name=name)
        )
    if cash := cash_text(case, name, coaching=True):
        told.append(cash)
    if any(one.of_the_price and one.status in TO_PAY for one in case.dues):
        told.append(t("What is not paid yet is not asked for any more."))
    if any(one.part == "no_show" and one.status in (*TO_PAY, *ON_CARD) for one in case.dues):
        told.append(t("The no-show fee is not taken."))
    return " ".join(told) or t("{name} has paid nothing, so nothing goes back.", name=name)


def in_person(dues: list[DueView]) -> int:
    """What the coach had of the price in hand, in minor units."""
    return sum(one.amount.minor for one in dues if one.of_the_price and one.status == "in_person")


def cash_text(case: Case, name: str, *, coaching: bool) -> str:
    """What the coach gives back by hand where they did not come, and to whom, or who does (`name`:
    the other side); "" where nothing was paid in person."""
    minor = in_person(case.dues)
    if not minor:
        return ""
    cash = Money(minor, case.seat.currency).format()
    if coaching:
        return t("Give back in person: {amount} to {name}.", amount=cash, name=name)
    return t("What you paid in person, {amount}, {name} gives back to you.", amount=cash, name=name)


def unpaid_text(case: Case) -> str:
    """Said to the coach before they cancel because the rest was not paid; "" where it was."""
    if not any(one.of_the_price and one.status == "failed" for one in case.dues):
        return ""
    return _quote(case, coaching=True, fault=False)


def _quote(case: Case, *, coaching: bool, fault: bool, name: str = "") -> str:
    paid = [one for one in case.charges if one.paid]
    price, percent = case.seat.price, _percent(case, fault=fault)
    if case.seat.package_id:
        if percent == 100:
            return t("The session goes back into the package.")
        return t("It is too late to give the session back: it counts as used.")
    if not paid and not case.dues:
        return t("The session is free, so there is nothing to refund.")
    who = name or (t("Your client") if coaching else "")
    sentences = [_back(paid, price, percent, who)] if paid else []
    if any(one.disputed.minor for one in paid):
        sentences = [
            t("A bank is deciding about this payment: what goes back by the policy waits for it.")
        ]
    if any(one.part == "rest" and one.status in TO_PAY for one in case.dues):
        sentences.append(t("The rest is not asked for any more."))
    if any(one.part == "later" and one.status in TO_PAY for one in case.dues):
        sentences.append(t("Nothing was paid yet, and nothing is asked for."))
    if any(one.part == "no_show" and one.status in (*TO_PAY, "held") for one in case.dues):
        sentences.append(t("The no-show fee is not taken."))
    return " ".join(sentences) or t("There is nothing left to refund.")


def _back(paid: list[ChargeView], price: Money, percent: int, who: str) -> str:
    """`who`: the client as the reader knows them, "" where it is the reader."""
    parts = [one.left for one in paid if one.part != "no_show"]
    left = _sum([Money(0, price.currency), *parts])
    back = Money(max(0, left.minor - transitions.kept(price, percent).minor), left.currency)
    amount, whole = back.format(), left.format()
    if not back.minor:
        return t("It is too late for a refund: the {price} that was paid stays.", price=whole)
    if back.minor == left.minor:
        if who:
            return t("{who} gets {price} back.", who=who, price=amount)
        return t("You get {price} back the way you paid.", price=amount)
    words = (
        t("{who} gets {amount} of {paid} back.", who=who, amount=amount, paid=whole)
        if who
        else t("You get {amount} of {paid} back.", amount=amount, paid=whole)
    )
    return f"{words} {t('The policy gives back {percent} % now.', percent=percent)}"


def _sum(amounts: list[Money]) -> Money:
    return reduce(lambda one, other: one + other, amounts)
