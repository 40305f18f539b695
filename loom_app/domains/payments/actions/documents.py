"""Receipts and credit notes: numbered without gaps by seller, frozen, never taken back."""

from typing import Any

from sqlalchemy import func, select, text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments import rules
from loom_app.domains.payments.events import DocumentIssued
from loom_app.domains.payments.models import BillingDetails, Charge, Document, Refund
from loom_app.domains.payments.rows import locked
from loom_app.domains.payments.words import part_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid
from loom_app.kit.text import t
from loom_app.kit.words import limited

DOCUMENTS = Actor.system_job("payments.documents")
_document: Any = Document

# the row lock holds until the commit: a number that is given out is used, or given out again
_NUMBER = text(
    "INSERT INTO document_counters AS c (seller_id, last) VALUES (:seller, 1)"
    " ON CONFLICT (seller_id) DO UPDATE SET last = c.last + 1 RETURNING last"
)
# by credit notes, less what undid them
_GIVEN_BACK = text(
    "SELECT coalesce(-sum(total), 0)::bigint,"
    " coalesce(-sum((content #>> '{tax,minor}')::bigint), 0)::bigint"
    " FROM documents WHERE charge_id = :charge AND refund_id IS NOT NULL"
)
_SAVE = text(
    "INSERT INTO billing_details (user_id, name, address, tax_id, tax_name, tax_bps, updated_at)"
    " VALUES (:user, :name, :address, :tax_id, :tax_name, :tax_bps, :now)"
    " ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, address = excluded.address,"
    "  tax_id = excluded.tax_id, tax_name = excluded.tax_name, tax_bps = excluded.tax_bps,"
    "  updated_at = excluded.updated_at"
)


async def save_billing(  # noqa: PLR0913 - a form
    tx: Tx,
    me: Actor,
    *,
    name: str,
    address: str,
    tax_id: str = "",
    tax_name: str = "",
    tax_bps: int = 0,
) -> None:
    """What stands on the caller's papers from now on; what was issued stays. Raises Invalid."""
    name, address = limited(name, 120, "name"), limited(address, 500, "address")
    tax_id, tax_name = limited(tax_id, 40, "tax_id"), limited(tax_name, 40, "tax_name")
    if not 0 <= tax_bps <= 5000:
        raise Invalid(t("A tax is between 0 and 50 percent."), field="tax_rate")
    if tax_bps and not tax_name:
        raise Invalid(t("Name the tax, for example VAT."), field="tax_name")
    values = {
        "user": me.require_person(),
        "name": name,
        "address": address,
        "tax_id": tax_id,
        "tax_name": tax_name,
        "tax_bps": tax_bps,
        "now": tx.now,
    }
    await tx.db.execute(_SAVE, values)


async def issue_receipt(charge_id: int) -> int:
    """The receipt of a paid charge, once; returns the paper's id."""
    async with transaction(DOCUMENTS) as tx:
        return await _receipt(tx, await locked(tx, charge_id))


async def issue_credit_note(refund_id: int) -> int:
    """What says that a refund was made: words and tax are those of the receipt that it refers to,
    which is issued before."""
    async with transaction(DOCUMENTS) as tx:
        refund = await _refund(tx, refund_id)
        charge = await locked(tx, refund.charge_id)
        receipt = await _paper(tx, await _receipt(tx, charge))
        before, taxed = (await tx.db.execute(_GIVEN_BACK, {"charge": charge.id})).one()
        tax = rules.tax_given_back(
            receipt.content["tax"]["minor"], receipt.total, before, taxed, refund.amount
        )
        content = _like(receipt, -refund.amount, -tax) | {
            "refers_to": receipt.number,
            "reason": refund.reason,
            "as_credit": refund.as_credit,
        }
        return await _issue(tx, charge, "credit_note", content, refund_id)


async def issue_correction(refund_id: int) -> int:
    """A refund that had a credit note came back: a receipt over the same amount undoes it.

    0 where no credit note was issued.
    """
    async with transaction(DOCUMENTS) as tx:
        refund = await _refund(tx, refund_id)
        charge = await locked(tx, refund.charge_id)
        known = await _known(tx, charge, "credit_note", refund_id)
        if known is None:
            return 0
        note = await _paper(tx, known)
        tax = note.content["tax"]["minor"]
        content = _like(note, -note.total, -tax) | {"refers_to": note.number, "undoes": True}
        return await _issue(tx, charge, "receipt", content, refund_id)


async def _receipt(tx: Tx, charge: Charge) -> int:
    content = await _content(tx, charge) | {
        "credit": charge.credit,
        "paid_with": charge.paid_with,
    }
    return await _issue(tx, charge, "receipt", content, None)


async def _issue(
    tx: Tx, charge: Charge, kind: str, content: dict[str, Any], refund_id: int | None
) -> int:
    """Number it and keep it; the charge is locked, so each cause has one paper."""
    known = await _known(tx, charge, kind, refund_id)
    if known is not None:
        return known
    paper = Document(
        seller_id=charge.coach_id,
        number=await tx.db.scalar(_NUMBER, {"seller": charge.coach_id}) or 0,
        kind=kind,
        payer_id=charge.payer_id,
        charge_id=charge.id or 0,
        refund_id=refund_id,
        total=content["total"],
        currency=charge.currency,
        content=content,
        issued_at=tx.now,
    )
    tx.db.add(paper)
    await tx.db.flush()
    await tx.emit(DocumentIssued(paper.id or 0, charge.payer_id))
    tx.signal(f"person:{charge.payer_id}:payments")
    return paper.id or 0


async def _content(tx: Tx, charge: Charge) -> dict[str, Any]:
    """All that stands on a receipt, frozen: names and addresses as they are now."""
    total = charge.amount
    seller, buyer = await _party(tx, charge.coach_id), await _party(tx, charge.payer_id)
    bps = seller.pop("tax_bps")
    tax_name = seller.pop("tax_name")
    del buyer["tax_bps"], buyer["tax_name"]
    tax = rules.tax_within(total, bps)
    return {
        "seller": seller,
        "buyer": buyer,
        "words": part_words(charge.part, charge.description),
        "total": total,
        "tax": {"name": tax_name, "bps": bps, "minor": tax},
        "net": total - tax,
        "paid_at": charge.paid_at.isoformat() if charge.paid_at else "",
    }


def _like(paper: Document, total: int, tax: int) -> dict[str, Any]:
    """The same names, words and rate as on a paper that was issued, for another sum."""
    kept = {name: paper.content[name] for name in ("seller", "buyer", "words", "paid_at")}
    taxes = paper.content["tax"] | {"minor": tax}
    return {**kept, "total": total, "tax": taxes, "net": total - tax}


async def _party(tx: Tx, person_id: int) -> dict[str, Any]:
    details = await tx.db.get(BillingDetails, person_id, populate_existing=True)
    async with tx.acting_as_system("accounts.documents"):
        name = (await accounts.person(tx, person_id)).name
    return {
        "name": (details.name if details else "") or name,
        "address": details.address if details else "",
        "tax_id": details.tax_id if details else "",
        "tax_name": details.tax_name if details else "",
        "tax_bps": details.tax_bps if details else 0,
    }


async def _known(tx: Tx, charge: Charge, kind: str, refund_id: int | None) -> int | None:
    return await tx.db.scalar(
        select(_document.id).where(
            _document.charge_id == charge.id,
            _document.kind == kind,
            func.coalesce(_document.refund_id, 0) == (refund_id or 0),
        )
    )


async def _paper(tx: Tx, document_id: int) -> Document:
    found = await tx.db.get(Document, document_id)
    assert found is not None  # noqa: S101 - papers are never taken back
    return found


async def _refund(tx: Tx, refund_id: int) -> Refund:
    found = await tx.db.get(Refund, refund_id)
    assert found is not None  # noqa: S101 - the job came from its row
    return found
