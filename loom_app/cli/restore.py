"""`restore ARCHIVE`: what `backup` wrote, into an empty database and an empty folder; then look
whether it is right: migrated, the audit trail's chain, the books.

Nothing is overwritten: a database with tables in it is refused, unless `--replace` says that they
may go, and files that are there are moved aside. Loom must not run meanwhile.
"""

import argparse
import asyncio
import contextlib
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, text

from loom_app.cli import audit, backup
from loom_app.cli.backup import DUMP, FILES, Broken
from loom_app.kit import clock
from loom_app.kit.db.engine import database_url, dispose, owner_engine
from loom_app.kit.db.migrate import migrate
from loom_app.kit.settings import settings

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_TABLES = text(
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
    " WHERE relkind = 'r' AND nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
)
_SCHEMAS = text(
    "SELECT nspname FROM pg_namespace"
    " WHERE nspname NOT LIKE 'pg\\_%' AND nspname <> 'information_schema'"
)
# roles belong to the server and not to a database: as in migration 0001
_ROLE = text(
    "DO $$ BEGIN"
    " IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'loom_app') THEN"
    "  CREATE ROLE loom_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE; END IF;"
    " IF NOT pg_has_role(current_user, 'loom_app', 'MEMBER') THEN"
    "  EXECUTE format('GRANT loom_app TO %I', current_user); END IF; END $$"
)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="loom restore")
    parser.add_argument("archive", type=Path)
    parser.add_argument("--replace", action="store_true", help="drop what the database holds")
    asked = parser.parse_args(argv)
    begun = time.monotonic()
    try:
        manifest = backup.check(asked.archive)
        restore(asked.archive, replace=asked.replace)
    except (Broken, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    migrate()
    print(f"Restored what was there at {manifest['made_at']}, in {time.monotonic() - begun:.1f} s.")
    if manifest["key"] != backup.key_mark():
        print("The key is another one than then: set LOOM_SECRET_KEY, or second factors are lost.")
    return asyncio.run(_looked_at())


def restore(archive: Path, *, replace: bool = False) -> None:
    """Raises Broken before anything was changed, or where PostgreSQL refused."""
    engine = owner_engine().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            room = _room(connection, replace=replace)
    finally:
        engine.dispose()
    root = settings().data_dir
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root) as made:
        place = Path(made)
        with tarfile.open(archive) as opened:
            opened.extractall(place, filter="data")
        url, script = database_url(), place / "database.sql"
        backup.tool("pg_restore", "--no-owner", f"--file={script}", str(place / DUMP), database=url)
        (place / "room.sql").write_text(room)
        backup.tool(  # all of it or nothing: what was there stays where it fails
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--file={place / 'room.sql'}",
            f"--file={script}",
            database=url,
        )
        # a folder of its own: the database is another one already, so that nothing may fail here
        aside = Path(tempfile.mkdtemp(prefix=f"before-{clock.now():%Y%m%dT%H%M%SZ}-", dir=root))
        for name in backup.FOLDERS:
            here, brought = root / name, place / FILES / name
            if here.exists():
                here.rename(aside / name)
            if brought.exists():
                brought.rename(here)
        with contextlib.suppress(OSError):  # not empty: as it should be
            aside.rmdir()


def _room(connection: Connection, *, replace: bool) -> str:
    """What is said before the archive's own statements: nothing, or what drops all there is."""
    if connection.scalar(_OTHERS):
        raise Broken("Somebody is connected to this database. Stop Loom first.")
    if connection.scalar(_TABLES) and not replace:
        raise Broken("This database is not empty. --replace drops what it holds.")
    connection.execute(_ROLE)
    if not replace:
        return ""
    drops = [f'DROP SCHEMA "{name}" CASCADE;' for name in connection.scalars(_SCHEMAS)]
    return "\n".join([*drops, "CREATE SCHEMA public;"])


async def _looked_at() -> int:
    try:
        return await audit.verify()
    finally:
        await dispose()
