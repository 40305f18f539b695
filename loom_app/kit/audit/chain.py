"""The chain over the trail: sealing, verifying, and forgetting what is old.

Business transactions only insert entries. A few seconds later one process at a time, under an
advisory lock, gives the new ones numbers and hashes; nobody waits for it. What a database owner
could rewrite as a whole is held by signatures with the application's key: checkpoints beside the
chain, and its head in a file outside the database.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import RowMapping, text

from loom_app.kit.actor import Actor
from loom_app.kit.audit.entries import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.events import Event
from loom_app.kit.security import tokens
from loom_app.kit.settings import settings

SEALER = Actor.system_job("audit.seal")
VERIFIER = Actor.system_job("audit.verify")
KEEPER = Actor.system_job("audit.retention")
SECONDS = 3.0
BATCH = 2000
BEGINNING = "0" * 64
SLOW_COMMIT = timedelta(hours=1)  # an entry may be of a transaction that began long ago
CHECKPOINT_EVERY = timedelta(hours=1)
UNSEALED_IS_WRONG = timedelta(minutes=10)

log = structlog.get_logger("audit")

_COLUMNS = (
    "id, at, actor, verb, subject, subject_id, before, after, address, agent, session_id, reason"
)
_LOCK = text("SELECT pg_try_advisory_xact_lock(7304)")
_HEAD = text("SELECT number, hash, sealed_at FROM audit_seals ORDER BY number DESC LIMIT 1")
_NEW = text(
    f"SELECT {_COLUMNS} FROM audit_entries e WHERE at >= :since"
    " AND NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.entry_id = e.id)"
    " ORDER BY id LIMIT :most"
)
_SEAL = text(
    "INSERT INTO audit_seals (number, entry_id, hash, sealed_at)"
    " SELECT number, entry_id, hash, :now FROM"
    " unnest(CAST(:numbers AS bigint[]), CAST(:ids AS bigint[]), CAST(:hashes AS text[]))"
    " AS v (number, entry_id, hash)"
)
_BASE = text(
    "SELECT kind, number, hash, at, mac FROM audit_checkpoints WHERE kind = 'base'"
    " ORDER BY number DESC LIMIT 1"
)
_CHECKPOINTS = text(
    "SELECT kind, number, hash, at, mac FROM audit_checkpoints WHERE number >= :base ORDER BY id"
)
_LAST_CHECKPOINT = text("SELECT max(at) FROM audit_checkpoints WHERE kind = 'seal'")
_CHECKPOINT = text(
    "INSERT INTO audit_checkpoints (kind, number, hash, at, mac)"
    " VALUES (:kind, :number, :hash, :at, :mac)"
)
_PAGE = text(
    "SELECT s.number, s.entry_id, s.hash, e.*"
    f" FROM audit_seals s LEFT JOIN (SELECT {_COLUMNS} FROM audit_entries) e ON e.id = s.entry_id"
    " WHERE s.number > :after ORDER BY s.number LIMIT :most"
)
_UNSEALED = text(
    "SELECT e.id, e.at FROM audit_entries e"
    " WHERE NOT EXISTS (SELECT 1 FROM audit_seals s WHERE s.entry_id = e.id) ORDER BY e.id"
)
_OLD = text(
    "SELECT s.number, s.hash FROM audit_seals s WHERE s.number < coalesce("
    " (SELECT min(k.number) FROM audit_seals k JOIN audit_entries e ON e.id = k.entry_id"
    " WHERE e.at >= :cut), (SELECT max(number) FROM audit_seals))"
    " ORDER BY s.number DESC LIMIT 1"
)
_FORGET = text("SELECT loom_audit_forget(:upto)")


@dataclass(frozen=True, slots=True)
class EntriesSealed(Event):
    """Entries have their places in the chain: numbers from the first to the last."""

    first: int
    last: int


@dataclass(slots=True)
class Verdict:
    """How the chain is: nothing in `problems` where it holds. `waiting` entries are too new to be
    sealed; `base` is the number up to which the retention has forgotten."""

    entries: int = 0
    base: int = 0
    last: int = 0
    waiting: int = 0
    problems: list[str] = field(default_factory=list[str])


def entry_hash(before: str, number: int, row: RowMapping) -> str:
    """SHA-256 over the hash before, the number, and the entry in one canonical form."""
    told = {name: row[name] for name in _COLUMNS.split(", ") if name != "at"}
    told |= {"at": int(row["at"].timestamp() * 1_000_000), "number": number, "prev": before}
    line = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(line.encode()).hexdigest()


async def keep_sealing() -> None:
    """Every few seconds, as long as the process lives; of several processes one at a time."""
    while True:
        try:
            await seal()
        except Exception:  # the database may be away; the next round tries again
            log.exception("audit.seal_failed")
        await asyncio.sleep(SECONDS)


async def seal() -> int:
    """Give all new entries their places; returns how many there were."""
    sealed = 0
    while True:
        async with transaction(SEALER) as tx:
            head = await _seal_some(tx)
        if head is None:
            return sealed
        count, number, last = head
        sealed += count
        await asyncio.to_thread(_write_head, number, last)
        if count < BATCH:
            return sealed


async def _seal_some(tx: Tx) -> tuple[int, int, str] | None:
    """How many, and the new head; None where nothing is new or another process is at it."""
    if not await tx.db.scalar(_LOCK):
        return None
    head = (await tx.db.execute(_HEAD)).first()
    number, before = (head.number, head.hash) if head else await _base(tx)
    since = head.sealed_at - SLOW_COMMIT if head else datetime(1, 1, 2, tzinfo=tx.now.tzinfo)
    rows = (await tx.db.execute(_NEW, {"since": since, "most": BATCH})).mappings().all()
    if not rows:
        return None
    first, hashes = number + 1, list[str]()
    for row in rows:
        number += 1
        before = entry_hash(before, number, row)
        hashes.append(before)
    values = {"numbers": list(range(first, number + 1)), "ids": [row["id"] for row in rows]}
    await tx.db.execute(_SEAL, values | {"hashes": hashes, "now": tx.now})
    last = await tx.db.scalar(_LAST_CHECKPOINT)
    if last is None or tx.now - last >= CHECKPOINT_EVERY:
        await _checkpoint(tx, "seal", number, before)
    await tx.emit(EntriesSealed(first, number))
    return len(rows), number, before


async def _base(tx: Tx) -> tuple[int, str]:
    row = (await tx.db.execute(_BASE)).first()
    return (row.number, row.hash) if row else (0, BEGINNING)


def _mac(kind: str, number: int, digest: str, at: datetime) -> str:
    return tokens.seal(f"{kind}:{number}:{digest}:{int(at.timestamp() * 1_000_000)}", "audit")


async def _checkpoint(tx: Tx, kind: str, number: int, digest: str) -> None:
    mac = _mac(kind, number, digest, tx.now)
    values = {"kind": kind, "number": number, "hash": digest, "at": tx.now, "mac": mac}
    await tx.db.execute(_CHECKPOINT, values)
    log.info("audit.checkpoint", kind=kind, number=number, digest=digest)


def _head_file() -> Path:
    return settings().data_dir / "audit" / "head"


def _write_head(number: int, digest: str) -> None:
    """The newest head, signed, outside the database: a tail that is cut off is missed by it."""
    file = _head_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_suffix(".new")
    fresh.write_text(tokens.signed(f"{number}:{digest}", "audit head"))
    fresh.replace(file)


def _read_head(verdict: Verdict) -> tuple[int, str]:
    try:
        kept = _head_file().read_text()
    except OSError:
        return 0, ""
    number, _, digest = (tokens.unsigned(kept, "audit head") or "").partition(":")
    if not number.isdecimal():
        verdict.problems.append(f"the head kept in {_head_file()} is not signed by this key")
        return 0, ""
    return int(number), digest


async def verify() -> Verdict:
    """Walk the whole chain and compare it with entries, checkpoints and the kept head."""
    verdict = Verdict()
    async with transaction(VERIFIER) as tx:
        known = await _known(tx, verdict)
        before, number = known.get(verdict.base, BEGINNING), verdict.base
        async for row in _walk(tx, verdict.base):
            number += 1
            if row["number"] != number:
                gone = row["number"] - number
                verdict.problems.append(f"{gone} missing from number {number} on")
                number, before = row["number"], ""
            _check(verdict, row, before, known)
            before = row["hash"]
            verdict.entries += 1
        verdict.last = number
        for place in sorted(known):
            if place > number:
                verdict.problems.append(f"cut off: number {place} was there, {number} is the last")
        for one in await tx.db.execute(_UNSEALED):
            verdict.waiting += 1
            if tx.now - one.at > UNSEALED_IS_WRONG:
                verdict.problems.append(f"entry {one.id} was never sealed")
    return verdict


async def _known(tx: Tx, verdict: Verdict) -> dict[int, str]:
    """Number → hash of what is signed: checkpoints, and the head in the file."""
    verdict.base, digest = await _base(tx)
    known: dict[int, str] = {verdict.base: digest}
    for one in await tx.db.execute(_CHECKPOINTS, {"base": verdict.base}):
        if one.mac != _mac(one.kind, one.number, one.hash, one.at):
            verdict.problems.append(f"checkpoint {one.number} is not signed by this key")
        else:
            known[one.number] = one.hash
    number, digest = await asyncio.to_thread(_read_head, verdict)
    if number >= verdict.base and number:
        if known.get(number, digest) != digest:
            verdict.problems.append(f"number {number} is not what the kept head says")
        known[number] = digest
    return known


def _check(verdict: Verdict, row: RowMapping, before: str, known: dict[int, str]) -> None:
    number = row["number"]
    if row["id"] is None:
        verdict.problems.append(f"entry {row['entry_id']} (number {number}) was deleted")
    elif before and row["hash"] != entry_hash(before, number, row):
        verdict.problems.append(f"entry {row['id']} (number {number}) is not what was sealed")
    if known.get(number, row["hash"]) != row["hash"]:
        verdict.problems.append(f"number {number} is not what was signed")


async def _walk(tx: Tx, after: int) -> AsyncIterator[RowMapping]:
    while True:
        page = (await tx.db.execute(_PAGE, {"after": after, "most": BATCH})).mappings().all()
        for row in page:
            yield row
        if len(page) < BATCH:
            return
        after = page[-1]["number"]


async def retain() -> int:
    """Forget what is older than the setting says, up to a signed checkpoint from which the rest can
    still be verified; returns the number up to which is forgotten, 0 where nothing was."""
    days = settings().audit_days
    if not days:
        return 0
    async with transaction(KEEPER) as tx:
        old = (await tx.db.execute(_OLD, {"cut": tx.now - timedelta(days=days)})).first()
        if old is None:
            return 0
        await _checkpoint(tx, "base", old.number, old.hash)
        await tx.db.execute(_FORGET, {"upto": old.number})
        await audit(tx, "audit.forget", "audit", old.number, after={"days": days})
        return int(old.number)
