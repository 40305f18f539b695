"""Reading the audit trail: all of it for staff who may, one's own for everybody. Re-exported by
`queries`."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import col

from loom_app.domains.accounts import rules
from loom_app.domains.accounts.models import Credential, User
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.audit import AuditEntry, AuditFlag, AuditSeal
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.i18n import times

PAGE = 50
READER = "audit.read"
BIGGEST = 2**63 - 1


@dataclass(frozen=True)
class TrailFilter:
    """What to look for; "" and None ask for nothing. `actor` is an id, an address of mail, or a
    label such as "system:payments.sweep"; `verb` a whole one or its first word; `subject` a kind,
    or a kind with its id: "charge 12". `until` is exclusive; `before` is the id to go on from."""

    actor: str = ""
    verb: str = ""
    subject: str = ""
    address: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int = 0


@dataclass(frozen=True)
class TrailEntry:
    """`number` is its place in the chain, 0 while it is not sealed yet."""

    id: int
    at: datetime
    actor: str
    actor_name: str
    verb: str
    subject: str
    subject_id: int
    subject_name: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    address: str
    agent: str
    session_id: int | None
    reason: str
    number: int


@dataclass(frozen=True)
class FlagView:
    id: int
    kind: str
    person_id: int | None
    person_name: str
    address: str
    detail: dict[str, Any]
    at: datetime


@dataclass(frozen=True)
class ChainView:
    """How far the chain has come: the last number, when, and how many entries wait for it."""

    last: int
    sealed_at: datetime | None
    waiting: int


def trail_filter(query: Mapping[str, str], zone: str) -> TrailFilter:
    """What an address asks for; what is nonsense in it is left out. Days are in this zone."""
    actor, verb, subject = (
        query.get(name, "").strip()[:200] for name in ("actor", "verb", "subject")
    )
    since, until = (_day(query.get(name, ""), zone) for name in ("from", "to"))
    return TrailFilter(
        actor=actor,
        verb=verb,
        subject=subject,
        address=query.get("address", "").strip()[:64],
        since=since,
        until=until + timedelta(days=1) if until else None,
    )


def _day(words: str, zone: str) -> datetime | None:
    try:
        day = datetime.fromisoformat(words)
    except ValueError:
        return None
    if not 2000 <= day.year <= 2200 or day.tzinfo is not None:
        return None
    local = times.local(clock.now(), zone)
    return local.replace(
        year=day.year, month=day.month, day=day.day, hour=0, minute=0, second=0, microsecond=0
    )


async def trail(tx: Tx, me: Actor, asked: TrailFilter, size: int = PAGE) -> list[TrailEntry]:
    """Newest first. Raises Forbidden."""
    me.require("audit.read")
    return await _trail(tx, asked, size)


async def whole_trail(me: Actor, asked: TrailFilter) -> AsyncIterator[list[TrailEntry]]:
    """Page by page, each in a transaction of its own. Raises Forbidden."""
    me.require("audit.export")
    while True:
        async with transaction(me) as tx:
            page = await _trail(tx, asked, 1000)
        if not page:
            return
        yield page
        asked = replace(asked, before=page[-1].id)


async def _trail(tx: Tx, asked: TrailFilter, size: int) -> list[TrailEntry]:
    async with tx.acting_as_system(READER):
        found = (
            select(AuditEntry, col(AuditSeal.number))
            .outerjoin(AuditSeal, col(AuditSeal.entry_id) == col(AuditEntry.id))
            .where(*await _asked(tx, asked))
            .order_by(col(AuditEntry.id).desc())
            .limit(size)
        )
        rows = [(row[0], row[1] or 0) for row in await tx.db.execute(found)]
        people = {_person(row.actor) for row, _ in rows}
        people |= {row.subject_id for row, _ in rows if row.subject in {"user", "person", "coach"}}
        named = await tx.db.execute(
            select(col(User.id), col(User.name)).where(col(User.id).in_(people))
        )
        names = {row[0]: row[1] for row in named}
    return [
        TrailEntry(
            id=row.id or 0,
            at=row.at,
            actor=row.actor,
            actor_name=names.get(_person(row.actor), ""),
            verb=row.verb,
            subject=row.subject,
            subject_id=row.subject_id,
            subject_name=names.get(row.subject_id, "")
            if row.subject in {"user", "person", "coach"}
            else "",
            before=row.before,
            after=row.after,
            address=row.address,
            agent=row.agent,
            session_id=row.session_id,
            reason=row.reason,
            number=number,
        )
        for row, number in rows
    ]


def _person(actor: str) -> int:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "person" and number.isdecimal() else 0


async def _asked(tx: Tx, asked: TrailFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.actor:
        where.append(col(AuditEntry.actor) == await _actor(tx, asked.actor))
    if asked.verb:
        verb = col(AuditEntry.verb)
        begins = func.starts_with(verb, f"{asked.verb}.")
        where.append(verb == asked.verb if "." in asked.verb else begins)
    kind, _, number = asked.subject.partition(" ")
    if kind:
        where.append(col(AuditEntry.subject) == kind)
    if number.isdecimal() and number.isascii():
        where.append(col(AuditEntry.subject_id) == min(int(number), BIGGEST))
    if asked.address:
        where.append(and_(col(AuditEntry.address) == asked.address, col(AuditEntry.address) != ""))
    return where + _between(asked)


def _between(asked: TrailFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if asked.since:
        where.append(col(AuditEntry.at) >= asked.since)
    if asked.until:
        where.append(col(AuditEntry.at) < asked.until)
    if asked.before:
        where.append(col(AuditEntry.id) < asked.before)
    return where


async def _actor(tx: Tx, words: str) -> str:
    if words.isdecimal():
        return f"person:{words}"
    if "@" not in words:
        return words
    async with tx.acting_as_system("accounts.trail"):
        found = await tx.db.scalar(
            select(col(Credential.user_id)).where(
                col(Credential.email_key) == rules.email_key(words)
            )
        )
    return f"person:{found or 0}"


async def my_trail(tx: Tx, me: Actor, before: int = 0, size: int = 20) -> list[TrailEntry]:
    """What the caller did and what was done to their account, newest first, by row-level security;
    of what others did, not from where. Raises Forbidden for visitors."""
    person_id = me.require_person()
    mine = col(AuditEntry.actor) == me.label
    about = col(AuditEntry.subject).in_(("user", "person"))
    found = (
        select(AuditEntry)
        .where(or_(mine, and_(about, col(AuditEntry.subject_id) == person_id)))
        .where(col(AuditEntry.id) < (before or BIGGEST))
        .order_by(col(AuditEntry.id).desc())
        .limit(size)
    )
    rows = list(await tx.db.scalars(found))
    return [
        TrailEntry(
            id=row.id or 0,
            at=row.at,
            actor=row.actor,
            actor_name=me.name if row.actor == me.label else "",
            verb=row.verb,
            subject=row.subject,
            subject_id=row.subject_id,
            subject_name="",
            before=None,
            after=None,
            address=row.address if row.actor in {me.label, "visitor"} else "",
            agent=row.agent if row.actor in {me.label, "visitor"} else "",
            session_id=None,
            reason=row.reason,
            number=0,
        )
        for row in rows
    ]


async def open_flags(tx: Tx, me: Actor) -> list[FlagView]:
    """What looked suspicious and nobody has looked at, newest first. Raises Forbidden."""
    me.require("audit.read")
    async with tx.acting_as_system(READER):
        rows = await tx.db.execute(
            select(AuditFlag, col(User.name))
            .outerjoin(User, col(User.id) == col(AuditFlag.person_id))
            .where(col(AuditFlag.seen_at).is_(None))
            .order_by(col(AuditFlag.id).desc())
            .limit(100)
        )
        return [
            FlagView(
                row.id or 0,
                row.kind,
                row.person_id,
                name or "",
                row.address,
                row.detail,
                row.at,
            )
            for row, name in rows
        ]


async def chain_state(tx: Tx, me: Actor) -> ChainView:
    """Raises Forbidden."""
    me.require("audit.read")
    async with tx.acting_as_system(READER):
        newest = select(AuditSeal).order_by(col(AuditSeal.number).desc()).limit(1)
        last = await tx.db.scalar(newest)
        since = last.sealed_at - timedelta(hours=1) if last else None
        sealed = select(AuditSeal).where(col(AuditSeal.entry_id) == col(AuditEntry.id))
        waiting = select(func.count(col(AuditEntry.id))).where(~sealed.exists())
        if since:
            waiting = waiting.where(col(AuditEntry.at) >= since)
        many = await tx.db.scalar(waiting) or 0
    return ChainView(last.number if last else 0, last.sealed_at if last else None, many)
