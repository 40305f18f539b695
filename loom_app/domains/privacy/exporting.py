"""All that Loom has of a person, in a file: asked for, made by a job, downloaded for a day."""

import asyncio
import json
import zipfile
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import and_, func, or_, select, text
from sqlmodel import col

from loom_app.domains.accounts.actions import require_step_up
from loom_app.domains.privacy import files, queries
from loom_app.domains.privacy.events import ExportReady
from loom_app.domains.privacy.models import DataExport
from loom_app.domains.privacy.tables import as_csv
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Conflict, TooMany
from loom_app.kit.files import avatars, store
from loom_app.kit.text import t

A_DAY = 3
LIFE = timedelta(hours=24)
STUCK = timedelta(hours=2)
WORK = Actor.system_job("privacy.work")
# tables whose rows have files, and what their names begin with
FILES = {"coach_credentials": "credential-", "message_files": ""}
_TABLES = text("SELECT loom_my_tables()")
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7305, :n)")
_ROWS = text("SELECT loom_my_rows(:name)")

_README = """This is all that Loom has of you.

data/       one file for each kind of thing, as JSON: a list of rows, each with names and values.
            Times are UTC. Amounts are in the smallest unit of their currency (cents).
tables/     the same rows once more, as tables that a spreadsheet opens (CSV). A word that begins
            like a formula has an apostrophe in front, and lists within a row are JSON.
files/      pictures and files that you have brought.
manifest.json  what is where, and how many rows it has.

Not in it: what others wrote to you, secrets such as the digest of your password, and numbers that
only Loom's inner workings need.
"""


async def ask_export(tx: Tx, me: Actor) -> int:
    """Begin an export; returns its number. Raises StepUpNeeded, Conflict while one is made, TooMany
    beyond three a day, Forbidden."""
    person_id = me.require_person()
    require_step_up(tx, me)
    async with tx.acting_as_system("privacy.ask"):
        # one at a time: two clicks wait for each other
        await tx.db.execute(_ONE_AT_A_TIME, {"n": person_id % 2**31})
        mine = col(DataExport.user_id) == person_id
        busy = col(DataExport.status).in_(("queued", "working"))
        fresh = col(DataExport.asked_at) > tx.now - STUCK
        if await tx.db.scalar(select(col(DataExport.id)).where(mine, busy, fresh)):
            raise Conflict(t("Your file is being made already."))
        today = col(DataExport.asked_at) > tx.now - timedelta(days=1)
        if (await tx.db.scalar(select(func.count()).where(mine, today)) or 0) >= A_DAY:
            raise TooMany(t("Three times a day is enough. Come back tomorrow."), retry_after=3600)
        row = DataExport(user_id=person_id, status="queued", key=store.new_key(), asked_at=tx.now)
        tx.db.add(row)
        await tx.db.flush()
        number = row.id or 0
    await audit(tx, "data.export", "user", person_id, after={"export": number})
    await tx.enqueue("privacy.export", {"id": number})
    tx.signal(f"person:{person_id}:data")
    return number


async def download(tx: Tx, me: Actor, token: str) -> Path:
    """The file behind a link of the caller's own. Raises NotFound, StepUpNeeded, Forbidden."""
    key = await queries.export_file(tx, me, token)
    require_step_up(tx, me)
    await audit(tx, "data.download", "user", me.require_person())
    return files.path_of(key)


async def make(export_id: int) -> None:
    """The job: table by table as the person themselves; what a crash left is made anew."""
    async with transaction(WORK) as tx:
        row = await tx.db.get(DataExport, export_id, with_for_update=True)
        if row is None or row.status not in ("queued", "working"):
            return
        names = list(await tx.db.scalars(_TABLES))
        row.status, row.done, row.total = "working", 0, len(names) + 1
        me, key = Actor(person_id=row.user_id), row.key
        tx.signal(f"person:{row.user_id}:data")
    part = files.path_of(key).with_suffix(".part")
    contents: dict[str, int] = {}
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, name in enumerate(names, 1):
            rows = await _rows(me, name)
            if rows:
                await asyncio.to_thread(_add_rows, archive, name, rows)
                contents[f"data/{name}.json"] = contents[f"tables/{name}.csv"] = len(rows)
            if name in FILES:
                await _add_files(archive, rows, FILES[name])
            if name == "users" and rows:
                await _add_avatar(archive, str(rows[0].get("avatar", "")))
            await _progress(export_id, number)
        told = {"made": clock.now().isoformat(), "rows": contents}
        archive.writestr("manifest.json", json.dumps(told, indent=1))
        archive.writestr("README.txt", _README)
    part.replace(files.path_of(key))
    if not await _ready(export_id, files.path_of(key).stat().st_size):
        files.remove(key)  # who asked has left meanwhile, or it took too long


def _add_rows(archive: zipfile.ZipFile, name: str, rows: list[dict[str, Any]]) -> None:
    line = json.dumps(rows, ensure_ascii=False, indent=1)
    archive.writestr(f"data/{name}.json", line)
    archive.writestr(f"tables/{name}.csv", as_csv(rows))


async def _rows(me: Actor, name: str) -> list[dict[str, Any]]:
    async with transaction(me) as tx, tx.acting_as_system("privacy.export"):
        return list(await tx.db.scalars(_ROWS, {"name": name}))


async def _add_files(archive: zipfile.ZipFile, rows: list[dict[str, Any]], before: str) -> None:
    for row in rows:
        path = store.find(str(row["key"])) if row["key"] else None
        if path is not None:
            name = PurePosixPath(str(row["name"]).replace("\\", "/")).name or "file"
            inside = f"files/{before}{row['id']}-{name}"
            await asyncio.to_thread(archive.write, path, inside)


async def _add_avatar(archive: zipfile.ZipFile, key: str) -> None:
    path = None if not key or key.startswith("/") else avatars.find(key)
    if path is not None:
        await asyncio.to_thread(archive.write, path, "files/picture.webp")


async def _progress(export_id: int, done: int) -> None:
    async with transaction(WORK) as tx:
        row = await tx.db.get(DataExport, export_id)
        if row is not None:
            row.done = done
            tx.signal(f"person:{row.user_id}:data")


async def _ready(export_id: int, size: int) -> bool:
    async with transaction(WORK) as tx:
        row = await tx.db.get(DataExport, export_id, with_for_update=True)
        if row is None or row.status == "over":
            return False
        row.status, row.done, row.bytes = "ready", row.total, size
        row.ready_at, row.expires_at = tx.now, tx.now + LIFE
        await tx.db.flush()
        await tx.emit(ExportReady(row.user_id, export_id))
        tx.signal(f"person:{row.user_id}:data")
    return True


async def clear_old() -> int:
    """Files whose day is over leave, and what was never finished; returns how many."""
    async with transaction(WORK) as tx:
        now = tx.now
        rows = list(
            await tx.db.scalars(
                select(DataExport)
                .where(
                    or_(
                        and_(col(DataExport.status) == "ready", col(DataExport.expires_at) <= now),
                        and_(
                            col(DataExport.status).in_(("queued", "working")),
                            col(DataExport.asked_at) <= now - STUCK,
                        ),
                    )
                )
                .with_for_update(skip_locked=True)
            )
        )
        for row in rows:
            row.status = "over"
            await asyncio.to_thread(files.remove, row.key)
            tx.signal(f"person:{row.user_id}:data")
    return len(rows)
