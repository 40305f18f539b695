"""The guided path to being bookable, and what staff looks at. Pure; raises Invalid by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from loom_app.kit.errors import Invalid
from loom_app.kit.text import t
from loom_app.kit.words import limited

# in the order of the path; "hours" and "payouts" are other domains' to know
STEPS = ("profile", "specialties", "credentials", "offering", "rates", "hours", "payouts")
# what can be submitted without: free sessions need no account
OPTIONAL = frozenset({"payouts"})
CHECKS = ("identity", "credentials", "profile", "offering", "rates", "payouts")
KINDS = ("identity", "credential")
MOST_CREDENTIALS = 20
REASON_MAX = 1000


@dataclass(frozen=True, slots=True)
class CredentialEdit:
    """What the form of a proof sends; `year` 0 where none is given."""

    kind: str
    title: str
    issuer: str = ""
    year: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file as it lies in the private store, judged by its content."""

    key: str
    name: str
    mime: str
    bytes: int


def check_credential(edit: CredentialEdit, today: date) -> CredentialEdit:
    """Raises Invalid by field."""
    if edit.kind not in KINDS:
        raise Invalid(t("Choose from the list."), field="kind")
    title = limited(edit.title, 120, "title")
    if not title:
        raise Invalid(t("Say what it is: the name on the document."), field="title")
    if edit.year and not 1950 <= edit.year <= today.year:
        raise Invalid(
            t("Give a year between {low} and {high}.", low=1950, high=today.year), field="year"
        )
    return CredentialEdit(edit.kind, title, limited(edit.issuer, 120, "issuer"), edit.year)


def check_return(words: str) -> str:
    """What a coach has to mend, in words that they will read. Raises Invalid on "reason"."""
    words = limited(words, REASON_MAX, "reason")
    if len(words) < 10:
        raise Invalid(
            t("Say what has to change, in a sentence or two: the coach reads it."), field="reason"
        )
    return words


def check_ticked(ticked: Iterable[str]) -> tuple[str, ...]:
    """Every point of the list was looked at. Raises Invalid on "checks"."""
    left = [one for one in CHECKS if one not in set(ticked)]
    if left:
        raise Invalid(
            t("Tick every point that you have checked before you approve."), field="checks"
        )
    return CHECKS


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What of the page says something else than when it was last submitted, by name."""
    return sorted(name for name in after if before.get(name) != after[name])
