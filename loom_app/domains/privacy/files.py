"""Where exports lie: outside everything that is served, under random names, for a day."""

import re
from pathlib import Path

from loom_app.kit.settings import settings

_KEY = re.compile(r"[A-Za-z0-9_-]{22}\Z")


def path_of(key: str) -> Path:
    """Raises ValueError for what is no key: it could be a path."""
    if not _KEY.match(key):
        raise ValueError(key)
    folder = settings().data_dir / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{key}.zip"


def remove(key: str) -> None:
    """A second time is nothing."""
    path_of(key).unlink(missing_ok=True)
    path_of(key).with_suffix(".part").unlink(missing_ok=True)
