"""Payouts as their coach sees them: how far they are, what they settle, why they failed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from loom_app.domains.payments.models import Payout, PayoutAccount
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.text import t


@dataclass(frozen=True, slots=True)
class PayoutFacts:
    """`moved`: it has reached the coach's account at Stripe. `failure_code` is Stripe's or ours.
    `waits_since`: Stripe has not the money for its next step; `waits_long`: staff was told."""

    id: int
    coach_id: int
    amount: Money
    status: str
    asked_by: str
    attempts: int
    failure_code: str
    moved: bool
    created_at: datetime
    arrives_at: datetime | None
    paid_at: datetime | None
    waits_since: datetime | None = None
    waits_long: bool = False


@dataclass(frozen=True, slots=True)
class PayoutLine:
    """What a payout settles: a part of one charge's money. `reason` is the ledger's kind."""

    payout_id: int
    charge_id: int | None
    payable_kind: str
    payable_id: int | None
    description: str
    reason: str
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Missing:
    """What Stripe waits for, in words; `ours` where the coach has to do something."""

    words: str
    urgent: bool
    ours: bool
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccountView:
    """A coach's account. `status` is none before the first step, then as `PayoutAccount` has it."""

    status: str
    country: str
    currency: str
    interval: str
    anchor: int
    minimum: int
    missing: list[Missing]
    synced_at: datetime | None

    @property
    def active(self) -> bool:
        return self.status == "active"


async def account(tx: Tx, me: Actor) -> AccountView | None:
    """One's own account; row-level security shows no other."""
    row = await tx.db.get(PayoutAccount, me.require_person(), populate_existing=True)
    if row is None:
        return None
    return AccountView(
        status=row.status,
        country=row.country,
        currency=row.currency,
        interval=row.interval,
        anchor=row.anchor,
        minimum=row.minimum,
        missing=_missing(row.requirements),
        synced_at=row.synced_at,
    )


def _missing(requirements: list[dict[str, Any]]) -> list[Missing]:
    """One line for what is asked in several: an address is one thing."""
    found: dict[str, Missing] = {}
    for one in requirements:
        if one["deadline"] == "eventually_due":
            continue
        words = requirement_words(one["what"])
        before = found.get(words)
        errors = (*(before.errors if before else ()), *one["errors"])
        urgent = one["deadline"] == "past_due" or bool(before and before.urgent)
        ours = one["awaiting"] == "user" or bool(before and before.ours)
        found[words] = Missing(words, urgent, ours, errors)
    return list(found.values())


def requirement_words(path: str) -> str:
    """Stripe's path of a requirement in a coach's words."""
    table = (
        ("external_account", t("The bank account that you want to be paid to")),
        ("payout_methods", t("The bank account that you want to be paid to")),
        ("identity.attestations", t("Your agreement to Stripe's terms")),
        ("tos_acceptance", t("Your agreement to Stripe's terms")),
        ("identity.individual.documents", t("A picture of your identity document")),
        ("identity.individual.date_of_birth", t("Your date of birth")),
        ("identity.individual.address", t("Your home address")),
        ("identity.individual.given_name", t("Your name")),
        ("identity.individual.surname", t("Your name")),
        ("identity.individual.phone", t("Your phone number")),
        ("identity.individual.email", t("Your mail address")),
        ("identity.individual.id_numbers", t("Your tax or identity number")),
        ("identity.business_details", t("Details of your business")),
        ("contact_email", t("Your mail address")),
    )
    found = next((words for start, words in table if path.startswith(start)), "")
    return found or t("Another detail that Stripe asks for on its page")


def failure_words(code: str | None) -> str:
    """Why a payout failed, and what helps."""
    words = {
        "account_closed": t("Your bank account has been closed. Give Stripe another one."),
        "no_account": t("There is no bank account for this currency. Give Stripe one."),
        "debit_not_authorized": t("Your bank does not allow this payment. Ask it, or change it."),
        "insufficient_funds": t("Stripe could not fund the payout. Send it again in a few days."),
        "invalid_currency": t("Your bank account does not take this currency."),
        "payouts_not_allowed": t("Stripe has paused your payouts: see what is missing."),
        "account_not_ready": t("Your account at Stripe could not be paid: see what is missing."),
        "insufficient_capabilities_for_transfer": t(
            "Your account at Stripe could not be paid: see what is missing."
        ),
        "pulled_back": t("The payout was called back. The money is available again."),
        "canceled": t("The payout was stopped before it left."),
    }
    return words.get(code or "", t("The bank returned the payout. Check your bank details."))


async def payout_facts(tx: Tx, payout_id: int) -> PayoutFacts:
    """One payout, as the actor may see it. Raises NotFound."""
    row = await tx.db.get(Payout, payout_id, populate_existing=True)
    if row is None:
        raise NotFound
    return _facts(row)


def _facts(row: Any) -> PayoutFacts:
    waits = row.status in ("requested", "transferred") and row.waits_since is not None
    return PayoutFacts(
        id=row.id or 0,
        coach_id=row.coach_id,
        amount=Money(row.amount, row.currency),
        status=row.status,
        asked_by=row.asked_by,
        attempts=row.attempts,
        failure_code=row.failure_code or "",
        moved=row.transfer_id is not None and row.status != "canceled",
        created_at=row.created_at,
        arrives_at=row.arrives_at,
        paid_at=row.paid_at,
        waits_since=row.waits_since if waits else None,
        waits_long=waits and row.wait_told_at is not None,
    )


_PAGE = text(
    "SELECT * FROM payouts WHERE coach_id = :coach AND id < :before ORDER BY id DESC LIMIT :most"
)
_LINES = text(
    "SELECT i.payout_id, t.charge_id, t.payable_kind, t.payable_id, c.description, t.kind,"
    " -e.amount AS minor, e.currency, t.occurred_at"
    " FROM payout_items i JOIN payouts p ON p.id = i.payout_id"
    " JOIN ledger_entries e ON e.id = i.entry_id"
    " JOIN ledger_transactions t ON t.id = e.transaction_id"
    " LEFT JOIN charges c ON c.id = t.charge_id"
    " WHERE p.coach_id = :coach AND i.payout_id = ANY(CAST(:payouts AS bigint[]))"
    " ORDER BY i.payout_id, t.occurred_at, e.id"
)


async def payouts(
    tx: Tx, me: Actor, *, before: int = 0, most: int = 20
) -> tuple[list[PayoutFacts], bool]:
    """One's own payouts, newest first, older than `before`; and whether there are more."""
    values = {"coach": me.require_person(), "before": before or 1 << 62, "most": most + 1}
    rows = (await tx.db.execute(_PAGE, values)).all()
    return [_facts(row) for row in rows[:most]], len(rows) > most


async def payout_lines(tx: Tx, me: Actor, ids: Collection[int]) -> list[PayoutLine]:
    """What these payouts of one's own settle."""
    async with tx.acting_as_system("payments.payout_lines"):
        values = {"coach": me.require_person(), "payouts": list(ids)}
        rows = (await tx.db.execute(_LINES, values)).all()
    return [
        PayoutLine(
            payout_id=row.payout_id,
            charge_id=row.charge_id,
            payable_kind=row.payable_kind or "",
            payable_id=row.payable_id,
            description=row.description or "",
            reason=row.kind,
            amount=Money(row.minor, row.currency),
            at=row.occurred_at,
        )
        for row in rows
    ]
