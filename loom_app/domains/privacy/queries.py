"""What stands in the way of leaving, what would be lost, and how an export gets on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlmodel import col

from loom_app.domains.privacy import files
from loom_app.domains.privacy.models import AccountDeletion, DataExport
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.kit.security import tokens
from loom_app.kit.text import t, tn

LINK = "data export"
path_of = files.path_of


@dataclass(frozen=True)
class ExportView:
    """`status` is queued, working, ready or over; `token` signs the link while it is ready."""

    id: int
    status: str
    done: int
    total: int
    bytes: int
    expires_at: datetime | None
    token: str


@dataclass(frozen=True)
class Hindrance:
    """What must be settled before one can leave, and where."""

    words: str
    href: str


async def my_export(tx: Tx, me: Actor) -> ExportView | None:
    """The newest of the caller's. Raises Forbidden for visitors."""
    found = select(DataExport).where(col(DataExport.user_id) == me.require_person())
    row = await tx.db.scalar(
        found.order_by(col(DataExport.id).desc()).limit(1),
        execution_options={"populate_existing": True},
    )
    if row is None:
        return None
    ready = row.status == "ready" and row.expires_at is not None and row.expires_at > tx.now
    status = "over" if row.status == "ready" and not ready else row.status
    token = tokens.signed(f"{row.id}:{row.key}", LINK) if ready else ""
    return ExportView(row.id or 0, status, row.done, row.total, row.bytes, row.expires_at, token)


async def export_file(tx: Tx, me: Actor, token: str) -> str:
    """The key of the caller's own file behind a link. Raises NotFound, for an old link too."""
    number, _, key = (tokens.unsigned(token, LINK) or "").partition(":")
    row = await tx.db.get(DataExport, int(number)) if number.isdecimal() else None
    if row is None or row.user_id != me.require_person() or row.key != key:
        raise NotFound
    if row.status != "ready" or row.expires_at is None or row.expires_at <= tx.now:
        raise NotFound
    return row.key


async def leaving_at(tx: Tx, me: Actor) -> datetime | None:
    """The day on which the caller leaves; None for who stays, and for visitors."""
    if me.person_id is None:
        return None
    found = select(col(AccountDeletion.due_at)).where(
        col(AccountDeletion.user_id) == me.person_id, col(AccountDeletion.done_at).is_(None)
    )
    return await tx.db.scalar(found)


_HINDRANCES = text(
    """
    SELECT
      (SELECT count(*) FROM seats WHERE (client_id = :me OR coach_id = :me)
        AND status IN ('held', 'confirmed', 'in_progress')) AS sessions,
      (SELECT count(*) FROM dues WHERE (payer_id = :me OR coach_id = :me)
        AND status IN ('planned', 'asked', 'failed', 'held', 'taking', 'letting_go')) AS dues,
      (SELECT count(*) FROM charges WHERE (payer_id = :me OR coach_id = :me)
        AND status IN ('created', 'pending', 'held')) AS charges,
      (SELECT count(*) FROM disputes d JOIN charges c ON c.id = d.charge_id
        WHERE (c.payer_id = :me OR c.coach_id = :me) AND d.closed_at IS NULL) AS disputes,
      (SELECT count(*) FROM refund_requests r JOIN charges c ON c.id = r.charge_id
        WHERE (c.payer_id = :me OR c.coach_id = :me) AND r.status = 'open') AS requests,
      (SELECT count(*) FROM payouts WHERE coach_id = :me
        AND status IN ('requested', 'transferred', 'in_transit')) AS payouts
    """
)
_SOLD = text(
    "SELECT count(*) FROM packages WHERE coach_id = :me AND remaining > 0"
    " AND status IN ('live', 'disputed')"
)
_BALANCE = text(
    "SELECT count(*) FROM (SELECT e.currency FROM ledger_entries e"
    " JOIN ledger_accounts a ON a.id = e.account_id WHERE a.person_id = :me"
    " AND a.kind IN ('coach_pending', 'coach_payable', 'coach_held', 'coach_balance')"
    " GROUP BY a.id, e.currency HAVING sum(e.amount) <> 0) open"
)
_LAST_OWNER = text(
    "SELECT count(*) FILTER (WHERE m.user_id = :me) = 1 AND count(*) = 1"
    " FROM staff_members m JOIN staff_roles r ON r.id = m.role_id WHERE r.owner"
)
_LOSSES = text(
    "SELECT currency, sum(remaining) AS minor FROM credit_lots WHERE person_id = :me"
    " AND remaining > 0 GROUP BY currency ORDER BY currency"
)
_PACKAGES = text(
    "SELECT coalesce(sum(remaining), 0) FROM packages WHERE client_id = :me AND remaining > 0"
    " AND status = 'live'"
)


async def hindrances(tx: Tx, me: Actor) -> list[Hindrance]:
    """What this person must settle before leaving, whoever's transaction it is; nothing where all
    is. Raises Forbidden."""
    person = {"me": me.require_person()}
    async with tx.acting_as_system("payments.leaving"):
        row = (await tx.db.execute(_HINDRANCES, person)).mappings().one()
        balance = await tx.db.scalar(_BALANCE, person)
    async with tx.acting_as_system("packages.leaving"):
        sold = await tx.db.scalar(_SOLD, person)
    async with tx.acting_as_system("accounts.leaving"):
        last_owner = await tx.db.scalar(_LAST_OWNER, person)
    asked = [
        (row["sessions"], t("Sessions are booked: cancel them, or wait for them."), "/sessions"),
        (row["dues"], t("Something is still to be paid."), "/payments"),
        (row["charges"], t("A payment is under way."), "/payments"),
        (row["disputes"], t("A payment is disputed."), "/payments"),
        (row["requests"], t("A refund request waits for its answer."), "/payments"),
        (row["payouts"], t("A payout is under way."), "/earnings/payouts"),
        (sold, t("Clients have sessions left of packages."), "/packages"),
        (balance, t("There is money in your balance: have it paid out."), "/earnings/payouts"),
        (last_owner, t("You are the only owner of Loom here."), "/staff/roles"),
    ]
    return [Hindrance(words, href) for there, words, href in asked if there]


async def losses(tx: Tx, me: Actor) -> list[str]:
    """What would be worth nothing any more. Raises Forbidden."""
    person = {"me": me.require_person()}
    rows = await tx.db.execute(_LOSSES, person)
    found = [
        t("Credit of {amount}", amount=Money(int(row.minor), row.currency).format()) for row in rows
    ]
    many = await tx.db.scalar(_PACKAGES, person) or 0
    if many:
        found.append(
            tn("{n} session of a package", "{n} sessions of packages", int(many)),
        )
    return found
