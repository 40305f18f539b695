"""What in the trail looks suspicious: looked for when entries are sealed, each thing said once."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, text

from loom_app.domains.accounts.devices import browser_and_system, country
from loom_app.domains.accounts.events import LooksSuspicious
from loom_app.kit.audit.chain import EntriesSealed
from loom_app.kit.db.transaction import Tx

FAILURES_OF_ACCOUNT = 10
FAILURES_FROM_ADDRESS = 20
WRONG_CODES = 5
EXPORTS = 5
HOUR, DAY, REMEMBERED = timedelta(hours=1), timedelta(days=1), timedelta(days=180)

SIGN_INS = ("account.sign_in", "account.verify")
FAILED = ("account.sign_in_failed", "account.proof_failed")
CODES = ("account.code_failed", "account.recovery_failed")
TAKEN_OUT = ("audit.export", "data.export", "data.download", "payments.export", "earnings.export")

_SEALED = text(
    "SELECT e.id, e.at, e.actor, e.verb, e.subject_id, e.address, e.agent FROM audit_seals s"
    " JOIN audit_entries e ON e.id = s.entry_id"
    " WHERE s.number BETWEEN :first AND :last AND e.verb = ANY (:verbs) ORDER BY s.number"
)
_OF_PERSON = text(
    "SELECT count(*) FROM audit_entries WHERE subject = 'user' AND subject_id = :person"
    " AND verb = ANY (:verbs) AND at > :since AND at <= :at"
)
_FROM_ADDRESS = text(
    "SELECT count(*) FROM audit_entries WHERE address = :address"
    " AND verb = ANY (:verbs) AND at > :since AND at <= :at"
)
_BY_ACTOR = text(
    "SELECT count(*) FROM audit_entries WHERE actor = :actor"
    " AND verb = ANY (:verbs) AND at > :since AND at <= :at"
)
_EARLIER = text(
    "SELECT DISTINCT address, agent FROM audit_entries WHERE subject = 'user'"
    " AND subject_id = :person AND verb = ANY (:verbs) AND at > :since AND id < :id"
    " AND agent <> '' ORDER BY 1, 2 LIMIT 200"
)
_FLAG = text(
    "INSERT INTO audit_flags (key, kind, person_id, address, detail, at)"
    " SELECT :key, :kind, (SELECT id FROM users WHERE id = :person), :address,"
    " CAST(:detail AS jsonb), :at ON CONFLICT DO NOTHING RETURNING id"
)


@dataclass(frozen=True, slots=True)
class _Found:
    kind: str
    key: str
    person_id: int | None
    address: str
    detail: dict[str, Any]


async def look(tx: Tx, event: EntriesSealed) -> None:
    """Flag what is odd among these entries; inside the transaction that seals them."""
    verbs = [*SIGN_INS, *FAILED, *CODES, *TAKEN_OUT]
    values = {"first": event.first, "last": event.last, "verbs": verbs}
    for row in (await tx.db.execute(_SEALED, values)).mappings().all():
        for found in await _odd(tx, row):
            await _flag(tx, row, found)


async def _odd(tx: Tx, row: RowMapping) -> list[_Found]:
    if row["verb"] in FAILED:
        return await _failures(tx, row)
    if row["verb"] in CODES:
        return await _often(tx, row, "wrong_codes", CODES, WRONG_CODES)
    if row["verb"] in TAKEN_OUT:
        return await _exports(tx, row)
    return await _new_place(tx, row)


async def _failures(tx: Tx, row: RowMapping) -> list[_Found]:
    found = await _often(tx, row, "many_failures", FAILED, FAILURES_OF_ACCOUNT)
    if row["address"]:
        values = {"address": row["address"], "verbs": list(FAILED), "at": row["at"]}
        many = await tx.db.scalar(_FROM_ADDRESS, values | {"since": row["at"] - HOUR}) or 0
        if many >= FAILURES_FROM_ADDRESS:
            key = f"many_failures_from:{row['address']}:{row['at']:%Y-%m-%d}"
            found.append(
                _Found("many_failures_from", key, None, row["address"], {"many": int(many)})
            )
    return found


async def _often(
    tx: Tx, row: RowMapping, kind: str, verbs: tuple[str, ...], most: int
) -> list[_Found]:
    """More than is usual within an hour, about one account."""
    person = row["subject_id"]
    if not person:
        return []
    values = {"person": person, "verbs": list(verbs), "at": row["at"], "since": row["at"] - HOUR}
    many = await tx.db.scalar(_OF_PERSON, values) or 0
    if many < most:
        return []
    key = f"{kind}:{person}:{row['at']:%Y-%m-%d}"
    return [_Found(kind, key, person, row["address"], {"many": int(many)})]


async def _exports(tx: Tx, row: RowMapping) -> list[_Found]:
    values = {"actor": row["actor"], "verbs": list(TAKEN_OUT), "at": row["at"]}
    many = await tx.db.scalar(_BY_ACTOR, values | {"since": row["at"] - DAY}) or 0
    if many < EXPORTS:
        return []
    who = row["actor"].partition(":")[2]
    key = f"many_exports:{row['actor']}:{row['at']:%Y-%m-%d}"
    person = int(who) if who.isdecimal() else None
    return [_Found("many_exports", key, person, row["address"], {"many": int(many)})]


async def _new_place(tx: Tx, row: RowMapping) -> list[_Found]:
    """A country that is new, or, where that is not known, a device in a network that is new."""
    values = {"person": row["subject_id"], "verbs": list(SIGN_INS), "id": row["id"]}
    since = row["at"] - REMEMBERED
    earlier = (await tx.db.execute(_EARLIER, values | {"since": since})).all()
    if not earlier or not row["agent"]:
        return []
    where, device = country(row["address"]), browser_and_system(row["agent"])
    lands = {country(one.address) for one in earlier} - {""}
    devices = {browser_and_system(one.agent) for one in earlier}
    networks = {_network(one.address) for one in earlier}
    abroad = bool(where and lands and where not in lands)
    unknown = device not in devices and _network(row["address"]) not in networks
    if not abroad and not unknown:
        return []
    kind = "new_country" if abroad else "new_device"
    detail = {"country": where, "browser": device[0], "system": device[1]}
    return [_Found(kind, f"{kind}:{row['id']}", row["subject_id"], row["address"], detail)]


def _network(address: str) -> str:
    """Its neighbourhood: people's addresses change within it from day to day."""
    if ":" in address:
        return ":".join(address.split(":")[:3])
    return ".".join(address.split(".")[:3])


async def _flag(tx: Tx, row: RowMapping, found: _Found) -> None:
    values = {
        "key": found.key,
        "kind": found.kind,
        "person": found.person_id,
        "address": found.address,
        "detail": json.dumps(found.detail),
        "at": row["at"],
    }
    flag_id = await tx.db.scalar(_FLAG, values)
    if flag_id is not None:
        tx.signal("staff:audit")
        await tx.emit(
            LooksSuspicious(flag_id, found.kind, found.person_id, found.address, found.detail)
        )
