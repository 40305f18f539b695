"""Reading packages: what is offered, what is left, and how it came to that."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.accounts.queries import PersonView
from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.queries import OfferingView
from loom_app.domains.packages import rules
from loom_app.domains.packages.models import UNPAID, Package, PackageEntry, PackageOffer
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money, half_up
from loom_app.kit.text import t, tn

MOST = 200
NOBODY = PersonView(0, "", "UTC", "", "", 0)
_offering_ids: Any = Package.offering_ids


@dataclass(frozen=True, slots=True)
class OfferView:
    """A package on offer; `saving` is per cent less than one by one, at the least, 0 where none."""

    id: int
    coach_id: int
    name: str
    sessions: int
    price: Money
    months: int
    offering_ids: tuple[int, ...]
    archived: bool
    offerings: tuple[str, ...] = ()
    saving: int = 0

    @property
    def each(self) -> Money:
        """What a session is of it; the last takes what rounding left."""
        return rules.worth(self.price, self.sessions, 0)

    @property
    def terms_text(self) -> str:
        """ "5 sessions · $90 each · 6 months"; no line begins with a point."""
        return "\u00a0· ".join(
            [
                tn("{n} session", "{n} sessions", self.sessions),
                t("{price} each", price=self.each.format()),
                tn("to be used within {n} month", "to be used within {n} months", self.months),
            ]
        )

    @property
    def saving_text(self) -> str:
        return t("You save {n} %", n=self.saving) if self.saving else ""


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of a statement, the same for both sides; `change` is +5 or -1."""

    at: datetime
    kind: str
    words: str
    what: str
    path: str
    change: int
    left: int


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package as its two sides see it: sold = used + forfeited + refunded + left."""

    id: int
    coaching: bool
    coach: PersonView
    client: PersonView
    name: str
    price: Money
    sessions: int
    left: int
    used: int
    forfeited: int
    refunded: int
    status: str
    bought_at: datetime | None
    expires_at: datetime | None
    charge_id: int
    asked_at: datetime | None
    asked_why: str
    answer: str
    back: Money  # what the unused part is
    offering_ids: tuple[int, ...] = ()
    statement: tuple[EntryView, ...] = field(default=())

    @property
    def paid(self) -> bool:
        return self.status not in UNPAID

    @property
    def other(self) -> PersonView:
        return self.client if self.coaching else self.coach

    @property
    def left_text(self) -> str:
        return t("{left} of {n} left", left=self.left, n=self.sessions)


@dataclass(frozen=True, slots=True)
class Usable:
    """A package of the client's that a booking may be taken from."""

    id: int
    name: str
    left: int
    sessions: int
    expires_at: datetime


async def offers(tx: Tx, me: Actor, coach_id: int, *, archived: bool = False) -> list[OfferView]:
    """What a coach offers, the smallest first; to others only what can be bought."""
    shelf = col(PackageOffer.archived_at)
    rows = await tx.db.scalars(
        select(PackageOffer)
        .where(
            col(PackageOffer.coach_id) == coach_id,
            shelf.is_not(None) if archived else shelf.is_(None),
        )
        .order_by(col(PackageOffer.sessions), col(PackageOffer.id))
        .limit(MOST),
        execution_options={"populate_existing": True},
    )
    known = await coaches.offerings(tx, me, coach_id)
    return [_offer(row, known) for row in rows]


async def offer(tx: Tx, me: Actor, offer_id: int) -> OfferView:
    """One of them, as its coach or a client sees it. Raises NotFound."""
    row = await tx.db.get(PackageOffer, offer_id, populate_existing=True)
    if row is None:
        raise NotFound(t("This package is not here."))
    return _offer(row, await coaches.offerings(tx, me, row.coach_id))


def _offer(row: PackageOffer, known: Iterable[OfferingView]) -> OfferView:
    chosen = [one for one in known if one.id in row.offering_ids]
    return OfferView(
        id=row.id or 0,
        coach_id=row.coach_id,
        name=row.name,
        sessions=row.sessions,
        price=Money(row.price_minor, row.currency),
        months=row.months,
        offering_ids=tuple(row.offering_ids),
        archived=row.archived_at is not None,
        offerings=tuple(one.name for one in chosen),
        saving=_saving(row, chosen),
    )


def _saving(row: PackageOffer, chosen: list[OfferingView]) -> int:
    """Against the cheapest of what can be booked with it: never more than is true."""
    prices = [one.price_minor for one in chosen if one.currency == row.currency]
    single = min(prices, default=0) * row.sessions
    return max(0, half_up((single - row.price_minor) * 100, single)) if single else 0


async def packages(tx: Tx, me: Actor) -> list[PackageView]:
    """What the caller bought and sold, the newest first; row-level security says whose."""
    mine = me.require_person()
    rows = await tx.db.scalars(
        select(Package)
        .where(
            or_(col(Package.client_id) == mine, col(Package.coach_id) == mine),
            col(Package.status).not_in(UNPAID),
        )
        .order_by((col(Package.remaining) > 0).desc(), col(Package.id).desc())
        .limit(MOST),
        execution_options={"populate_existing": True},
    )
    return await _views(tx, mine, list(rows))


async def package(tx: Tx, me: Actor, package_id: int) -> PackageView:
    """One of them with its statement, for its two sides. Raises NotFound."""
    row = await tx.db.get(Package, package_id, populate_existing=True)
    mine = me.require_person()
    if row is None or mine not in (row.client_id, row.coach_id):
        raise NotFound(t("This package is not here."))
    if row.status in UNPAID and mine != row.client_id:
        raise NotFound(t("This package is not here."))
    return (await _views(tx, mine, [row]))[0]


async def usable(
    tx: Tx, me: Actor, coach_id: int, offering_id: int, starts_at: datetime
) -> list[Usable]:
    """The caller's packages for such a session, the one that ends first, first."""
    if me.person_id is None:
        return []
    rows = await tx.db.scalars(
        select(Package)
        .where(
            col(Package.client_id) == me.person_id,
            col(Package.coach_id) == coach_id,
            col(Package.status) == "live",
            col(Package.remaining) > 0,
            col(Package.expires_at) >= starts_at,
            _offering_ids.contains([offering_id]),
        )
        .order_by(col(Package.expires_at), col(Package.id))
        .limit(MOST)
    )
    return [
        Usable(row.id or 0, row.name, row.remaining, row.sessions, row.expires_at)
        for row in rows
        if row.expires_at is not None
    ]


async def _views(tx: Tx, mine: int, rows: list[Package]) -> list[PackageView]:
    entries: dict[int, list[PackageEntry]] = {row.id or 0: [] for row in rows}
    found = await tx.db.scalars(
        select(PackageEntry)
        .where(col(PackageEntry.package_id).in_(entries))
        .order_by(col(PackageEntry.id))
    )
    for entry in found:
        entries[entry.package_id].append(entry)
    people = await accounts.people(
        tx, {one for row in rows for one in (row.coach_id, row.client_id)}
    )
    return [_view(row, entries[row.id or 0], people, mine) for row in rows]


def _view(
    row: Package, entries: list[PackageEntry], people: dict[int, PersonView], mine: int
) -> PackageView:
    sums: Counter[str] = Counter()
    for entry in entries:
        sums[entry.kind] -= entry.sessions
    decided = rules.decided(row.price, row.sessions, entries)
    return PackageView(
        id=row.id or 0,
        coaching=row.coach_id == mine,
        coach=people.get(row.coach_id, NOBODY),
        client=people.get(row.client_id, NOBODY),
        name=row.name,
        price=Money(row.price_minor, row.currency),
        sessions=row.sessions,
        left=row.remaining,
        used=sums["used"] + sums["returned"] + sums["restored"],
        forfeited=sums["forfeited"],
        refunded=sums["refunded"],
        status=row.status,
        bought_at=row.bought_at,
        expires_at=row.expires_at,
        charge_id=row.charge_id or 0,
        asked_at=row.asked_at,
        asked_why=row.asked_why,
        answer=row.answer,
        back=rules.worth(row.price, row.sessions, decided.many, row.remaining, parts=decided.minor),
        offering_ids=tuple(row.offering_ids),
        statement=_statement(entries),
    )


def _statement(entries: list[PackageEntry]) -> tuple[EntryView, ...]:
    """What changed the balance, the oldest first."""
    lines: list[EntryView] = []
    left = 0
    for entry in entries:
        if entry.sessions == 0:
            continue
        left += entry.sessions
        what = "" if entry.what == "dispute" else entry.what
        words = _words(entry)
        lines.append(EntryView(entry.at, entry.kind, words, what, entry.path, entry.sessions, left))
    return tuple(lines)


def _words(entry: PackageEntry) -> str:
    if entry.what == "dispute":
        return t("Taken back by the bank")
    return {
        "bought": t("Bought"),
        "used": t("Booked"),
        "returned": t("Given back"),
        "restored": t("Given back: the coach did not come"),
        "forfeited": t("Not used in time"),
        "refunded": t("Refunded"),
    }[entry.kind]
