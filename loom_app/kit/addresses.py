"""What stands in an address of a page, where nonsense asks for nothing; and addresses of mail."""

from datetime import date
from email.errors import HeaderParseError
from email.headerregistry import Address

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9000, 1, 1)


def number(text: str) -> int:
    """An id or a count; 0 where it is none, or none that the database could hold."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def last_number(path: str) -> int:
    """The number that a path ends with: 7 of `/sessions/7`; 0 where it is none."""
    return number(path.rstrip("/").rpartition("/")[2])


def day(text: str) -> date | None:
    """A day that can be reckoned with: one may go on from it, in any zone, without an overflow."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST_DAY <= found <= LAST_DAY else None


def is_header_address(text: str) -> bool:
    """Whether mail can name it as an answer's address: a@b.c in plain letters (RFC 5322)."""
    if not text.isascii() or "@" not in text.strip("@") or any(one in text for one in " \r\n<>,"):
        return False
    try:
        parsed = Address(addr_spec=text)
    except (HeaderParseError, ValueError, IndexError):
        return False
    return all(parsed.domain.split("."))
