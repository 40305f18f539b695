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


def incoming(key: str, part: str = "") -> Path:
    """Where a file is written until it is whole and known; readable by the server's account only.

    What a crash leaves lies here and nowhere else, so that it can be told from what is kept.
    """
    path_of(key, part)
    place = folder() / "incoming"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    return place / f"{key}{part}"


def settle(key: str) -> None:
    """Move a file and what was made of it to where it is kept."""
    path_of(key).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for part in PARTS:
        if (written := incoming(key, part)).exists():
            written.rename(path_of(key, part))


def clear_incoming(before: float) -> None:
    """Remove what was begun before an instant (seconds since the epoch) and never became whole."""
    for path in list(incoming(new_key()).parent.iterdir()):
        if path.stat().st_mtime < before:
            path.unlink(missing_ok=True)


def find(key: str, part: str = "") -> Path | None:
    path = path_of(key, part)
    return path if path.is_file() else None


def remove(key: str) -> None:
    """The file and what was made of it, wherever they lie; a second time is nothing."""
    for part in PARTS:
        incoming(key, part).unlink(missing_ok=True)
        path_of(key, part).unlink(missing_ok=True)
