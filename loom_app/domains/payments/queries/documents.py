"""Reading papers, and drawing them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from loom_app.domains.payments.models import BillingDetails, Document
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.paper import Paper
from loom_app.kit.text import t

_document: Any = Document


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A paper as it was issued; `content` as `actions/documents.py` froze it."""

    id: int
    kind: str
    number: str
    charge_id: int
    refund_id: int | None
    total: Money
    issued_at: datetime
    content: dict[str, Any]

    @property
    def title(self) -> str:
        if self.kind == "credit_note":
            return t("Credit note {number}", number=self.number)
        return t("Receipt {number}", number=self.number)

    @property
    def filename(self) -> str:
        return f"loom-{self.kind.replace('_', '-')}-{self.number}.pdf"


@dataclass(frozen=True, slots=True)
class BillingView:
    name: str = ""
    address: str = ""
    tax_id: str = ""
    tax_name: str = ""
    tax_bps: int = 0


async def billing(tx: Tx, me: Actor) -> BillingView:
    """The caller's own details."""
    found = await tx.db.get(BillingDetails, me.require_person(), populate_existing=True)
    if found is None:
        return BillingView()
    return BillingView(found.name, found.address, found.tax_id, found.tax_name, found.tax_bps)


async def document(tx: Tx, document_id: int) -> DocumentView:
    """For its buyer and its seller: row-level security decides. Raises NotFound."""
    found = await tx.db.get(Document, document_id)
    if found is None:
        raise NotFound
    return _view(found)


async def documents_of(tx: Tx, charge_id: int) -> list[DocumentView]:
    """All papers of a charge that the caller may see, in order."""
    found = await tx.db.scalars(
        select(Document).where(_document.charge_id == charge_id).order_by(_document.id)
    )
    return [_view(one) for one in found]


def _view(one: Document) -> DocumentView:
    return DocumentView(
        id=one.id or 0,
        kind=one.kind,
        number=number_words(one.seller_id, one.number),
        charge_id=one.charge_id,
        refund_id=one.refund_id,
        total=Money(one.total, one.currency),
        issued_at=one.issued_at,
        content=one.content,
    )


def number_words(seller_id: int, number: int) -> str:
    """A number that says whose series it is of."""
    return f"{seller_id}-{number:05}"


def draw(paper: DocumentView) -> bytes:
    """The paper as PDF. Takes a tenth of a second: call it in a thread."""
    said = paper.content
    sheet = Paper(
        paper.title,
        t("Sold by {name} through Loom. All amounts in {currency}.",
          name=said["seller"]["name"], currency=paper.total.currency),
    )  # fmt: skip
    day = times.day_and_year(paper.issued_at, "UTC")
    sheet.heading(paper.title, t("Issued on {day}", day=day))
    sheet.blocks([(t("From"), _party(said["seller"])), (t("To"), _party(said["buyer"]))])
    sheet.sums(_rows(paper), (t("Total"), paper.total.format()))
    for line in _notes(paper):
        sheet.words(line)
    return sheet.bytes()


def _party(party: dict[str, Any]) -> str:
    tax = t("Tax number {number}", number=party["tax_id"]) if party["tax_id"] else ""
    return "\n".join(part for part in (party["name"], party["address"], tax) if part)


def _rows(paper: DocumentView) -> list[tuple[str, str]]:
    said, currency = paper.content, paper.total.currency
    tax = said["tax"]
    if not tax["bps"]:
        return [(said["words"], paper.total.format())]
    percent = f"{tax['bps'] / 100:g}"
    return [
        (said["words"], Money(said["net"], currency).format()),
        (f"{tax['name']} {percent} %", Money(tax["minor"], currency).format()),
    ]


def _notes(paper: DocumentView) -> list[str]:
    said, currency = paper.content, paper.total.currency
    refers = number_words(int(paper.number.split("-")[0]), said.get("refers_to", 0))
    lines: list[str] = []
    if paper.kind == "credit_note":
        lines.append(t("This refers to receipt {number}.", number=refers))
        lines.append(t("Given as credit.") if said["as_credit"] else t("Sent back to the card."))
    elif said.get("undoes"):
        lines.append(
            t("The bank did not take the refund: this undoes credit note {number}.", number=refers)
        )
    else:
        if said["credit"]:
            credit = Money(said["credit"], currency).format()
            lines.append(t("{amount} of it was paid with credit.", amount=credit))
        if said["paid_with"]:
            lines.append(t("Paid with {card}.", card=said["paid_with"]))
    if not said["tax"]["bps"]:
        lines.append(t("No tax is charged."))
    return lines
