"""Pure rules of packages: what may be offered, and what each session of one is worth."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from loom_app.domains.coaches.queries import OfferingView, check_currency, check_price
from loom_app.kit.errors import Invalid
from loom_app.kit.money import Money, card_step
from loom_app.kit.text import t
from loom_app.kit.words import limited

SESSIONS = (2, 100)
MONTHS = (1, 36)
MOST_OFFERINGS = 20
NOTICES = (14, 3)  # days before it ends


@dataclass(frozen=True, slots=True)
class OfferEdit:
    """What a coach offers: so many sessions of any of these offerings."""

    name: str
    sessions: int
    price_minor: int
    currency: str
    months: int
    offering_ids: tuple[int, ...]


def check_offer(edit: OfferEdit, known: Collection[OfferingView]) -> OfferEdit:
    """As it is kept; `known` are the coach's offerings on sale. Raises Invalid by field."""
    name = limited(edit.name, 80, "name")
    if not name:
        raise Invalid(t("Give it a name."), field="name")
    if not SESSIONS[0] <= edit.sessions <= SESSIONS[1]:
        raise Invalid(t("A package has 2 to 100 sessions."), field="sessions")
    if not MONTHS[0] <= edit.months <= MONTHS[1]:
        raise Invalid(t("Give 1 to 36 months."), field="months")
    chosen = _chosen(edit, known)
    check_currency(edit.currency)
    check_price(edit.price_minor, edit.currency, "price_minor")
    if edit.price_minor < edit.sessions * card_step(edit.currency):
        raise Invalid(t("This price is too small or too large for a card."), field="price_minor")
    return replace(edit, name=name, offering_ids=tuple(sorted(one.id for one in chosen)))


def _chosen(edit: OfferEdit, known: Collection[OfferingView]) -> list[OfferingView]:
    """What can be booked with it: of one length and one currency, and not free."""
    chosen = [one for one in known if one.id in set(edit.offering_ids)]
    if not chosen or len(chosen) != len(set(edit.offering_ids)) or len(chosen) > MOST_OFFERINGS:
        raise Invalid(t("Choose what can be booked with it."), field="offering_ids")
    if any(one.price_minor == 0 for one in chosen):
        raise Invalid(t("A free offering needs no package."), field="offering_ids")
    if len({one.duration_minutes for one in chosen}) > 1:
        raise Invalid(t("Choose offerings of one length."), field="offering_ids")
    if any(one.currency != edit.currency for one in chosen):
        raise Invalid(t("Its price is in the currency of its offerings."), field="currency")
    return chosen


def worth(
    price: Money, sessions: int, decided: int, more: int = 1, *, parts: int | None = None
) -> Money:
    """The part of a price that `more` sessions are after `decided` of them, whose `parts` sum to so
    many minor units; where it is left out, none of these was ever given back.

    Each is the price by their number, rounded down to what a card can be paid back; the last one
    takes what rounding left, so that all parts sum to the price.
    """
    step = card_step(price.currency)
    each = price.minor // sessions // step * step
    if decided + more < sessions:
        return Money(each * more, price.currency)
    if parts is None:
        parts = price.minor if decided >= sessions else each * decided
    return Money(price.minor - parts, price.currency)


class Entry(Protocol):
    """A line of a package's ledger, as far as it decides something."""

    kind: str
    sessions: int
    payable_kind: str | None
    payable_id: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """So `many` sessions of a package are decided, and what their parts of the price sum to, in
    minor units; `parts` are of each payable that earned one, before what a bank took of it."""

    many: int = 0
    minor: int = 0
    parts: Mapping[tuple[str | None, int | None], int] = field(default_factory=dict)


def decided(price: Money, sessions: int, entries: Iterable[Entry]) -> Decided:
    """What a package's entries, oldest first, come to. A session that is restored takes along the
    part that it had: which one has what rounding left depends on the order."""
    many, minor = 0, 0
    parts: dict[tuple[str | None, int | None], int] = {}
    for one in entries:
        key = (one.payable_kind, one.payable_id)
        if one.kind in ("earned", "forfeited", "refunded"):
            more = 1 if one.kind == "earned" else -one.sessions
            part = worth(price, sessions, many, more, parts=minor).minor
            many, minor = many + more, minor + part
            if one.kind == "earned":
                parts[key] = part
        elif one.kind == "restored":
            many, minor = many - 1, minor - parts[key]
    return Decided(many, minor, parts)
