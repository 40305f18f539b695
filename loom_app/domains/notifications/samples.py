"""Every mail with sample data, for `/dev/mail/gallery`: the real templates over real rows.

Rows come from the database, which the demo fills. What no demo has (a fee that failed, a time that
is kept) is written in a transaction that never commits. Links to accounts in these mails open
nothing; the one that ends a topic is its reader's own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging import queries as messaging
from loom_app.domains.notifications import mails
from loom_app.domains.notifications.catalogue import TOPICS
from loom_app.domains.notifications.layout import Facts
from loom_app.integrations.mail.message import Mail
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import NotFound

GALLERY = Actor.system_job("notifications.gallery")
ADDRESS = "somebody@loom.test"

_SEATS = text(
    "SELECT s.id AS seat_id, s.session_id, s.coach_id, s.client_id, s.starts_at"
    " FROM seats s JOIN coaching_sessions c ON c.id = s.session_id"
    " WHERE s.status = :status AND s.client_id IS NOT NULL AND c.capacity = 1"
    " AND (s.status <> 'confirmed' OR s.starts_at > :now)"
    " AND s.client_id NOT IN (SELECT client_id FROM seats WHERE status = 'held'"
    " AND client_id IS NOT NULL) ORDER BY s.starts_at DESC LIMIT 3"
)
_KEEP = text(
    "UPDATE seats SET status = 'held', hold_expires_at = :until, offered = :offered,"
    " booked_by = CASE WHEN :offered THEN NULL ELSE coach_id END WHERE id = :seat"
)
_ENTRY = text("SELECT id, client_id FROM waitlist_entries ORDER BY id DESC LIMIT 1")
_OFFER = text(
    "INSERT INTO waitlist_offers (entry_id, seat_id, starts_at, made_at, until)"
    " VALUES (:entry, :seat, :starts_at, :now, :until) RETURNING id"
)
_PACKAGE = text(
    "INSERT INTO packages (offer_id, coach_id, client_id, name, sessions, price_minor, currency,"
    " months, offering_ids, charge_id, status, bought_at, expires_at, asked_at, asked_why, answer)"
    " SELECT offer_id, coach_id, client_id, name, sessions, price_minor, currency, months,"
    " offering_ids, charge_id, 'live', :now, :until, :now, 'I am moving away.', 'All the best.'"
    " FROM packages ORDER BY id DESC LIMIT 1"
    " RETURNING id AS package_id, client_id, coach_id, sessions, price_minor AS minor"
)
_FILL = text(
    "INSERT INTO package_entries (package_id, kind, sessions, minor, at)"
    " VALUES (:package_id, 'bought', :sessions, :minor, :now)"
)
_CHARGE = text(
    "SELECT id AS charge_id, payer_id, coach_id, amount AS minor, currency, description"
    " FROM charges WHERE status = 'succeeded' AND payable_kind = 'seat' AND amount > 0"
    " ORDER BY id DESC LIMIT 1"
)
_DOCUMENT = text(
    "INSERT INTO documents (seller_id, number, kind, payer_id, charge_id, total, currency, content,"
    " issued_at) VALUES (:coach_id, 9999999, 'receipt', :payer_id, :charge_id, :minor, :currency,"
    " CAST(:content AS jsonb), :now) RETURNING id"
)
_METHOD = text(
    "INSERT INTO payment_methods (user_id, processor_id, kind, brand, last4, exp_month, exp_year)"
    " VALUES (:payer_id, 'pm_gallery', 'card', 'visa', '4242', 12, 2026) RETURNING id"
)
_DUE = text(
    "INSERT INTO dues (payable_kind, payable_id, part, how, payer_id, coach_id, amount, currency,"
    " whole, description, path, due_at, until_at, release_at) VALUES ('seat', 0, 'rest', 'card',"
    " :payer_id, :coach_id, :minor, :currency, 2 * :minor, :description, '/sessions', :until,"
    " :until, :until) RETURNING id"
)
_REQUEST = text(
    "INSERT INTO refund_requests (charge_id, asked_by, amount, currency, reason, status, note,"
    " decided_by, decided_at) VALUES (:charge_id, :payer_id, :minor, :currency, :reason,"
    " 'approved', :note, :coach_id, :now) RETURNING id"
)
_GATHER = text(
    "INSERT INTO deliveries (user_id, event, channel, key, facts, status, created_at, due_at)"
    " VALUES (:person, :event, 'mail', :key, CAST(:facts AS jsonb), 'gathered', :now, :now)"
    " RETURNING id"
)
_SUSPENDED = text(
    "INSERT INTO moderation_decisions (person_id, kind, words, until_at, at) VALUES (:person,"
    " 'suspend', 'You went on writing to somebody who had asked you to stop.', :until, :now)"
    " RETURNING id"
)
_UPHELD = text(
    "INSERT INTO appeals (decision_id, person_id, words, status, answer, at, decided_at) VALUES"
    " (:decision, :person, 'I did not know.', 'upheld', 'They had told you twice.', :now, :now)"
    " RETURNING id"
)
_RETURNED = text(
    "INSERT INTO coach_decisions (coach_id, kind, words, at) VALUES (:coach, 'returned',"
    " 'The scan of your certificate cannot be read. Please add it once more.', :now) RETURNING id"
)


class _NeverCommit(Exception):
    """The way out of the transaction."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`mail` is None where the database has nothing to show it with."""

    event: str
    topic: str
    mail: Mail | None


Row = Mapping[str, Any]
Owed = tuple[int, Facts]  # to whom, and what the delivery would keep


async def samples(only: str = "") -> list[Sample]:
    """Of every event of the catalogue, or of one; as the catalogue has them."""
    found: list[Sample] = []
    try:
        async with transaction(GALLERY) as tx:
            owed = await _owed(tx)
            for topic in TOPICS:
                for event in topic.events:
                    if only in ("", event):
                        mail = await _mail(tx, event, owed.get(event))
                        found.append(Sample(event, topic.alone, mail))
            raise _NeverCommit  # noqa: TRY301
    except _NeverCommit:
        return found


async def _mail(tx: Tx, event: str, owed: Owed | None) -> Mail | None:
    if owed is None:
        return None
    try:
        person = await accounts.person(tx, owed[0])
        return await mails.make(tx, 0, event, owed[1], person, ADDRESS)
    except NotFound:
        return None


async def _owed(tx: Tx) -> dict[str, Owed]:
    seats = await _seats(tx, "confirmed")
    over, off = await _seats(tx, "completed"), await _seats(tx, "cancelled")
    found: dict[str, Owed] = {}
    if seats and over and off:
        found |= _of_sessions(seats[0], over[0], off[0]) | _of_accounts(tx, seats[0])
    if len(seats) > 2:
        found |= await _kept(tx, seats[1], seats[2])
    found |= await _of_packages(tx) | await _of_payments(tx)
    if seats:
        coach = seats[0]["coach_id"]
        async with tx.acting_as_system("coaches.gallery"):
            about = {"decision_id": await tx.db.scalar(_RETURNED, {"coach": coach, "now": tx.now})}
        found |= dict.fromkeys(("coach.returned", "coach.hidden"), (coach, about))
        found |= await _of_moderation(tx, seats[0]["client_id"])
    async with tx.acting_as_system("messaging.unread"):
        waiting = await messaging.waiting(tx, since=tx.now - timedelta(days=365))
    if waiting:
        one = waiting[0]
        found["message.unread"] = one.person_id, {"conversation_id": one.conversation_id}
    if "session.booked" in found:
        found["summary"] = await _summary(tx, found)
    return found


async def _seats(tx: Tx, status: str) -> list[Row]:
    async with tx.acting_as_system("scheduling.gallery"):
        rows = await tx.db.execute(_SEATS, {"status": status, "now": tx.now})
    return [dict(row) for row in rows.mappings()]


def _of_sessions(coming: Row, over: Row, off: Row) -> dict[str, Owed]:
    client, coach = coming["client_id"], coming["coach_id"]

    def about(row: Row, **more: Any) -> Facts:
        return {"session_id": row["session_id"], "seat_id": row["seat_id"], **more}

    start = coming["starts_at"]
    old = (start - timedelta(days=1)).isoformat()
    missed = about(over, client_id=over["client_id"], times=3, minor=2500, currency="USD")
    plain = ("booked", "relocated", "lost", "awaited", "unpaid", "kept_over")
    return {
        **{f"session.{name}": (client, about(coming)) for name in plain},
        "session.moved": (client, about(coming, by="coach", old_starts_at=old)),
        "session.reminder": (client, about(coming, starts_at=start.isoformat())),
        "session.cancelled": (off["client_id"], about(off)),
        "session.completed": (over["client_id"], about(over)),
        "session.rated": (over["coach_id"], about(over, stars=5)),
        "session.missed": (over["client_id"], missed),
        "session.missed_running": (coach, missed),
        "session.coach_missed": (over["client_id"], missed | {"in_person": 4000}),
        "session.coach_missed_running": (coach, missed),
        "report.month": (over["coach_id"], {"month": f"{over['starts_at']:%Y-%m}"}),
    }


def _of_accounts(tx: Tx, row: Row) -> dict[str, Owed]:
    client, coach = row["client_id"], row["coach_id"]
    at = tx.now.isoformat()
    strange = {
        "kind": "new_device",
        "at": at,
        "browser": "Firefox",
        "system": "Linux",
        "country": "Norway",
        "address": "203.0.113.7",
    }
    links = [
        "verify",
        "known",
        "reset",
        "new_address",
        "former_address",
        "factor_asked",
        "factor_due",
    ]
    opened: dict[str, Owed] = {
        f"account.{name}": (client, {"link_id": 0, "at": at}) for name in links
    }
    ways = {
        f"account.{name}": (client, {"provider": "google", "visit_id": 0})
        for name in ("connect", "linked", "unlinked")
    }
    return {
        **opened,
        **ways,
        "account.password": (client, {"at": at}),
        "account.second_factor": (client, {"at": at, "what": "on", "left": 10}),
        "account.signed_out": (client, {"at": at}),
        "account.suspicious": (client, strange),
        "account.leaving": (client, {"due": (tx.now + timedelta(days=30)).isoformat()}),
        "account.leaving_waits": (client, {}),
        "data.ready": (client, {}),
        "test": (client, {}),
        "invitation.accepted": (coach, {"client_id": client}),
        "invitation.joined": (coach, {"user_id": client}),
        "audit.suspicious": (coach, {"kind": "many_failures", "many": 12}),
        "books.differ": (coach, {"many": 2}),
        "coach.waiting": (client, {"coach_id": coach}),
        "case.waiting": (coach, {"report_id": 1}),
        "appeal.waiting": (coach, {}),
        "report.decided": (client, {"acted": True}),
        "moderation.over": (client, {}),
        "moderation.shown": (client, {}),
        "coach.verified": (coach, {"first": True, "published": True}),
        "texts.capped": (coach, {"cents": 5000}),
    }


async def _kept(tx: Tx, mine: Row, offered: Row) -> dict[str, Owed]:
    """A time that a coach keeps for a client, and one that is offered to who waits for it."""
    until = tx.now + timedelta(hours=20)
    async with tx.acting_as_system("scheduling.gallery"):
        for row, to_waiting in ((mine, False), (offered, True)):
            values = {"seat": row["seat_id"], "until": until, "offered": to_waiting}
            await tx.db.execute(_KEEP, values)
        entry = (await tx.db.execute(_ENTRY)).first()
        found: dict[str, Owed] = {
            "session.kept": (mine["client_id"], {"session_id": mine["session_id"]})
        }
        if entry:
            values = {
                "entry": entry.id,
                "seat": offered["seat_id"],
                "starts_at": offered["starts_at"],
                "now": tx.now,
                "until": until,
            }
            offer = await tx.db.scalar(_OFFER, values)
            found["waitlist.offered"] = entry.client_id, {"offer_id": offer}
            found["waitlist.ended"] = entry.client_id, {"entry_id": entry.id, "why": "passed"}
    return found


async def _of_moderation(tx: Tx, person_id: int) -> dict[str, Owed]:
    values = {"person": person_id, "now": tx.now, "until": tx.now + timedelta(days=7)}
    async with tx.acting_as_system("moderation.gallery"):
        decision = await tx.db.scalar(_SUSPENDED, values)
        appeal = await tx.db.scalar(_UPHELD, {**values, "decision": decision})
    return {
        "moderation.decided": (person_id, {"decision_id": decision}),
        "moderation.answered": (person_id, {"appeal_id": appeal}),
    }


async def _of_packages(tx: Tx) -> dict[str, Owed]:
    values = {"now": tx.now, "until": tx.now + timedelta(days=14)}
    async with tx.acting_as_system("packages.gallery"):
        row = (await tx.db.execute(_PACKAGE, values)).mappings().first()
        if row is None:
            return {}
        await tx.db.execute(_FILL, {**row, "now": tx.now})
    about = {"package_id": row["package_id"], "sessions": 2, "minor": row["minor"]}
    to_client = ("bought", "ending", "ended", "answered")
    found: dict[str, Owed] = {f"package.{name}": (row["client_id"], about) for name in to_client}
    return found | {"package.asked": (row["coach_id"], about)}


async def _of_payments(tx: Tx) -> dict[str, Owed]:
    async with tx.acting_as_system("payments.gallery"):
        charge = (await tx.db.execute(_CHARGE)).mappings().first()
        if charge is None:
            return {}
        row: Row = {str(name): value for name, value in charge.items()}
        paid = {
            **row,
            "now": tx.now,
            "until": tx.now + timedelta(days=1),
            "reason": "I fell ill.",
            "note": "Get well soon.",
            "content": json.dumps(_paper(row)),
        }
        made = {
            name: await tx.db.scalar(statement, paid)
            for name, statement in (
                ("document_id", _DOCUMENT),
                ("method_id", _METHOD),
                ("due_id", _DUE),
                ("request_id", _REQUEST),
            )
        }
    return _to_payer(row, made) | _to_seller(tx, row, made)


def _paper(row: Row) -> dict[str, Any]:
    party = {"name": "Somebody", "address": "12 Elm Street", "tax_id": ""}
    return {
        "seller": party,
        "buyer": party,
        "words": row["description"],
        "total": row["minor"],
        "tax": {"name": "", "bps": 0, "minor": 0},
        "net": row["minor"],
        "paid_at": "2026-11-21T12:00:00+00:00",
        "credit": 0,
        "paid_with": "Visa •••• 4242",
    }


def _to_payer(row: Row, made: Row) -> dict[str, Owed]:
    payer = row["payer_id"]
    amount = {name: row[name] for name in ("minor", "currency", "charge_id")}
    return {
        "payment.document": (payer, {"document_id": made["document_id"]}),
        "payment.card_expiring": (payer, {"method_id": made["method_id"]}),
        "payment.refund_failed": (payer, amount),
        "payment.refund_decided": (payer, {"request_id": made["request_id"]}),
        "payment.credit_expiring": (payer, amount | {"expires_at": "2026-12-31T00:00:00+00:00"}),
        "due.soon": (payer, {"due_id": made["due_id"]}),
        "due.failed": (payer, {"due_id": made["due_id"], "late": False, "problem": ""}),
    }


def _to_seller(tx: Tx, row: Row, made: Row) -> dict[str, Owed]:
    coach = row["coach_id"]
    amount = {name: row[name] for name in ("minor", "currency")}
    payout = {"failure": "account_closed", "moved": True, "coach": "Somebody", "payout_id": 7}
    about = amount | payout | {"since": tx.now.isoformat()}
    dispute = {"what": row["description"], "reason": "fraudulent", "due_by": tx.now.isoformat()}
    late = {"due_id": made["due_id"], "client": "Somebody", "late": False, "problem": ""}
    return {
        **{f"payout.{name}": (coach, about) for name in ("paid", "failed", "waits")},
        **{f"account.{name}": (coach, {}) for name in ("active", "restricted", "closed")},
        "payment.refund_asked": (coach, {"request_id": made["request_id"]}),
        "due.failed_coach": (coach, late),
        "dispute.opened": (coach, amount | dispute | {"outcome": ""}),
        "dispute.closed": (coach, amount | dispute | {"outcome": "won"}),
    }


async def _summary(tx: Tx, found: Mapping[str, Owed]) -> Owed:
    person, about = found["session.booked"]
    ids = []
    for number, event in enumerate(("session.booked", "session.relocated")):
        key = f"gallery:{tx.now.isoformat()}:{number}"
        values = {"person": person, "event": event, "key": key, "now": tx.now}
        ids.append(await tx.db.scalar(_GATHER, values | {"facts": json.dumps(about)}))
    return person, {"ids": ids, "digest": "weekly"}
