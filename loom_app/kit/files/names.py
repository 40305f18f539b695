"""Names that people gave their files: kept for reading, never for deciding or for paths."""

import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import quote

from loom_app.kit.text import t

LONGEST = 120
_FORBIDDEN = re.compile(r'[/\\:*?"<>|]')


def clean(name: str) -> str:
    """The last part of a path, without what hides or breaks: control characters, and the marks
    that write from right to left, so that "gpj.exe" is not read as "exe.jpg"."""
    last = re.split(r"[/\\]", name)[-1]
    shown = "".join(
        c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    )
    shown = " ".join(_FORBIDDEN.sub("_", shown).split()).strip(". ")
    if len(shown) > LONGEST:
        ending = PurePosixPath(shown).suffix[:12]
        shown = shown[: LONGEST - len(ending)].rstrip() + ending
    return shown or t("File")


def in_address(name: str) -> str:
    """As the last part of an address, where it is for people only: the file is found by its id."""
    return quote(name, safe="") if name not in {"thumb", "view", "discard"} else f"{name}_"
