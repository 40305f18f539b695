"""Passwords that are known from breaches, looked up in a file on this machine.

The file is that of Have I Been Pwned, "ordered by hash" (`LOOM_BREACHED_PASSWORDS`): lines of a
SHA-1 in upper case hex, a colon and a number. It has many gigabytes, so it is searched where it
lies: some forty reads, and nothing leaves the machine.
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from loom_app.kit import outside
from loom_app.kit.settings import settings

HEX = 40


def is_breached(password: str) -> bool:
    """Whether the file lists it; never where none is set. Raises OSError where it is not there."""
    path = settings().breached_passwords
    if path is None:
        return False
    wanted = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper().encode()
    with outside.calling("breached"):
        return _listed(path, wanted)


def _listed(path: Path, wanted: bytes) -> bool:
    """The first line whose hash is not below the wanted one, by halving the file."""
    with path.open("rb") as file:
        low, high = 0, os.fstat(file.fileno()).st_size
        while low < high:
            middle = (low + high) // 2
            start, line = _line_from(file, middle)
            if not line or line[:HEX].upper() >= wanted:
                high = middle
            else:
                low = start + len(line)
        _, line = _line_from(file, low)
        return line[:HEX].upper() == wanted


def _line_from(file: BinaryIO, place: int) -> tuple[int, bytes]:
    """The first whole line that begins at a place or behind it, and where it begins."""
    start = max(place - 1, 0)
    file.seek(start)
    if place:
        start += len(file.readline())
    return start, file.readline()
