"""What an invitation may say, and how a sheet of people is read. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from charset_normalizer import from_bytes

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t

LIFE = timedelta(days=14)
RESEND_AFTER = timedelta(days=1)
MOST_MAILS = 3
NAME_MAX, NOTE_MAX = 80, 500
SHEET_ROWS = 500
SHEET_BYTES = 500_000
# what spreadsheet programs may take for a formula when such a name is exported one day
FORMULA = ("=", "+", "-", "@")
_HEADS = {
    "email": ("email", "e-mail", "mail", "address", "email address", "e-mail address"),
    "name": ("name", "full name", "client", "client name"),
    "note": ("note", "notes", "message", "personal note"),
}


@dataclass(frozen=True, slots=True)
class SheetLine:
    """A row as it was given; `line` counts from 1 as the spreadsheet does."""

    line: int
    email: str
    name: str
    note: str


def clean_guest_name(name: str) -> str:
    """One line; "" is fine. Raises Invalid."""
    cleaned = " ".join("".join(c for c in name if c.isprintable()).split())
    if len(cleaned) > NAME_MAX:
        raise Invalid(t("Use at most {n} characters.", n=NAME_MAX), field="name")
    if cleaned.startswith(FORMULA):
        raise Invalid(t("A name does not begin with {sign}.", sign=cleaned[0]), field="name")
    return cleaned


def clean_note(note: str) -> str:
    """A few words of one's own, without links: a stranger reads them. Raises Invalid."""
    cleaned = "\n".join(" ".join(line.split()) for line in note.strip().splitlines())
    cleaned = "".join(c for c in cleaned if c.isprintable() or c == "\n")
    if len(cleaned) > NOTE_MAX:
        raise Invalid(t("Use at most {n} characters.", n=NOTE_MAX), field="note")
    low = cleaned.casefold()
    if "://" in low or "www." in low:
        raise Invalid(t("Leave links out of the note: the mail has one already."), field="note")
    return cleaned


def read_sheet(raw: bytes) -> list[SheetLine]:
    """The people of a CSV in any usual encoding, with commas, semicolons or tabs; a first row of
    headings says which column is which, else they are email, name, note. Raises Invalid."""
    if len(raw) > SHEET_BYTES:
        raise Invalid(t("Choose a file of up to {n} people.", n=SHEET_ROWS), field="file")
    words = _decoded(raw)
    if "\x00" in words:
        raise Invalid(t("This is no CSV file. Save your table as CSV first."), field="file")
    try:
        rows = [
            (number, [part.strip() for part in row])
            for number, row in enumerate(_reader(words), 1)
            if any(part.strip() for part in row)
        ]
    except csv.Error:
        raise Invalid(
            t("This is no CSV file. Save your table as CSV first."), field="file"
        ) from None
    if not rows:
        raise Invalid(t("This file has no rows."), field="file")
    columns = _columns(rows[0][1])
    found = rows[1:] if columns is not None else rows
    if not found:
        raise Invalid(t("This file has headings only."), field="file")
    if len(found) > SHEET_ROWS:
        words = t("These are {n} people. Up to {most} at once.", n=len(found), most=SHEET_ROWS)
        raise Invalid(words, field="file")
    places = columns or {"email": 0, "name": 1, "note": 2}
    return [_line(number, row, places) for number, row in found]


def _reader(words: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(words), delimiter=_delimiter(words))


def _decoded(raw: bytes) -> str:
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(encoding, errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        best = from_bytes(raw, cp_isolation=["cp1252", "cp1250", "cp1251", "mac_roman"]).best()
        return str(best) if best is not None else raw.decode("cp1252", errors="replace")


def _delimiter(words: str) -> str:
    """By its first lines: what makes columns of them, a comma where nothing does."""
    try:
        return csv.Sniffer().sniff("\n".join(words.splitlines()[:20]), delimiters=",;\t|").delimiter
    except csv.Error:
        return ","


def _columns(first: list[str]) -> dict[str, int] | None:
    """Which column is which, where the first row says so."""
    heads = [head.casefold().strip(" :*") for head in first]
    found = {
        what: next((n for n, head in enumerate(heads) if head in names), -1)
        for what, names in _HEADS.items()
    }
    return found if found["email"] >= 0 else None


def _line(number: int, row: list[str], places: dict[str, int]) -> SheetLine:
    def part(what: str, most: int) -> str:
        place = places[what]
        return row[place][:most] if 0 <= place < len(row) else ""

    # one letter more than is allowed, so that what is too long is seen to be so
    return SheetLine(
        number, part("email", 400), part("name", NAME_MAX + 1), part("note", NOTE_MAX + 1)
    )
