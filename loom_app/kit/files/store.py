"""Where private files lie: on disk, under random names that say nothing and never repeat."""

import re
import secrets
from pathlib import Path

from loom_app.kit.settings import settings

_KEY = re.compile(r"[A-Za-z0-9_-]{22}\Z")
# what is made of a picture stands beside it under its key
PARTS = ("", ".thumb", ".view")


def new_key() -> str:
    return secrets.token_urlsafe(16)


def folder() -> Path:
    return settings().data_dir / "files" / "messages"


def path_of(key: str, part: str = "") -> Path:
    """Where a key's file belongs. Raises ValueError for what is no key: it could be a path."""
    if not _KEY.match(key) or part not in PARTS:
        raise ValueError(key)
    return folder() / key[:2] / f"{key}{part}"


def make_room(key: str) -> Path:
    """The path to write a new file at; only the server's own account can read it."""
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def find(key: str, part: str = "") -> Path | None:
    path = path_of(key, part)
    return path if path.is_file() else None


def remove(key: str) -> None:
    """The file and what was made of it; a second time is nothing."""
    for part in PARTS:
        path_of(key, part).unlink(missing_ok=True)
