"""What the pages of payments draw: everything already in words."""

from dataclasses import dataclass

from loom_app.domains.payments.queries import (
    DocumentView,
    DueView,
    PaymentLine,
    RequestView,
    due_words,
)
from loom_app.kit.i18n import times
from loom_app.kit.text import t

TONES = {
    "paid": "good",
    "refunded": "info",
    "waiting": "warn",
    "held": "info",
    "failed": "bad",
    "disputed": "warn",
}
REQUEST_TONES = {"open": "warn", "approved": "good", "declined": "bad", "withdrawn": "plain"}


@dataclass(frozen=True)
class PaymentRow:
    """One line of the history."""

    id: int = 0
    href: str = ""
    day: str = ""
    words: str = ""
    coach: str = ""
    amount: str = ""
    paid_with: str = ""
    note: str = ""
    status: str = ""
    tone: str = "plain"
    receipt: str = ""


@dataclass(frozen=True)
class TotalRow:
    paid: str
    refunded: str


@dataclass(frozen=True)
class UpcomingRow:
    """What is still to be paid, or is held: `label` is on the button that leads to it."""

    id: int = 0
    href: str = ""
    words: str = ""
    detail: str = ""
    amount: str = ""
    note: str = ""
    label: str = ""
    status: str = ""
    tone: str = "plain"


@dataclass(frozen=True)
class PaperRow:
    words: str
    day: str
    total: str
    href: str


@dataclass(frozen=True)
class RefundRow:
    """`retry` is the refund's id where it can become credit, 0 elsewhere."""

    amount: str
    words: str
    day: str
    tone: str
    retry: int


@dataclass(frozen=True)
class RequestRow:
    id: int = 0
    charge_href: str = ""
    words: str = ""
    client: str = ""
    coach: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    amount: str = ""
    plain_amount: str = ""
    currency: str = ""
    reason: str = ""
    wish: str = ""
    status: str = ""
    status_text: str = ""
    tone: str = "plain"
    note: str = ""
    day: str = ""


def payment_row(line: PaymentLine, zone: str) -> PaymentRow:
    back = line.refunded
    note = line.paid_with
    if back.minor and back.minor < line.amount.minor:
        note = t("{amount} came back", amount=back.format())
    elif line.decline:
        note = line.decline
    return PaymentRow(
        id=line.id,
        href=f"/payments/{line.id}",
        day=times.day_and_year(line.at, zone),
        words=line.words,
        coach=line.coach,
        amount=line.amount.format(),
        paid_with=line.paid_with or "–",
        note=note,
        status=line.status_text,
        tone=TONES[line.status],
        receipt=paper_href(line.receipt_id) if line.receipt_id else "",
    )


def upcoming_row(one: DueView, zone: str) -> UpcomingRow:
    status, tone = {
        "planned": (t("To come"), "plain"),
        "asked": (t("Waiting"), "warn"),
        "failed": (t("Not paid"), "bad"),
    }.get(one.status, (t("Held, not charged"), "info"))
    pay = one.payable and (one.of_the_price or one.status == "failed")
    return UpcomingRow(
        id=one.id,
        href=one.path,
        words=one.words,
        detail=due_words(one, zone),
        amount=one.amount.format(),
        note=one.problem if one.status == "failed" else one.card,
        label=(t("Pay now") if one.of_the_price else t("Use another card")) if pay else "",
        status=status,
        tone=tone,
    )


def paper_href(document_id: int) -> str:
    return f"/files/payments/papers/{document_id}.pdf"


def paper_row(paper: DocumentView, zone: str) -> PaperRow:
    day = times.day_and_year(paper.issued_at, zone)
    return PaperRow(paper.title, day, paper.total.format(), paper_href(paper.id))


def request_row(asked: RequestView, zone: str) -> RequestRow:
    words = {
        "open": t("Waiting for an answer"),
        "approved": t("Agreed"),
        "declined": t("Declined"),
    }.get(asked.status, t("Withdrawn"))
    client = asked.client
    return RequestRow(
        id=asked.id,
        charge_href=f"/payments/{asked.charge_id}",
        words=asked.words,
        client=client.name if client else "",
        coach=asked.coach.name if asked.coach else "",
        initials=client.initials if client else "",
        hue=client.hue if client else 0,
        avatar_url=client.avatar_url if client else "",
        amount=asked.amount.format(),
        plain_amount=str(asked.amount.decimal),
        currency=asked.amount.currency,
        reason=asked.reason,
        wish=t("as credit") if asked.as_credit else t("to the card"),
        status=asked.status,
        status_text=words,
        tone=REQUEST_TONES[asked.status],
        note=asked.note,
        day=times.day_and_year(asked.asked_at, zone),
    )
