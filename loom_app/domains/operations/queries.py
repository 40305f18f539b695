"""Pages of a listing: searched, filtered, sorted; for who has its permission."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    DateTime,
    Float,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    bindparam,
    column,
    func,
    literal,
    or_,
    select,
    text,
    true,
)

from loom_app.domains.operations.listing import Link, Listing
from loom_app.domains.operations.listings import listings
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money

_KINDS: dict[str, Any] = {
    "text": Text,
    "number": BigInteger,
    "numbers": ARRAY(BigInteger),
    "decimal": Float,
    "time": DateTime(timezone=True),
    "yes": Boolean,
    "money": BigInteger,
}
_WHY = text(
    "SELECT DISTINCT ON (key) key, last_error FROM outbox_jobs WHERE key = ANY(:keys)"
    " ORDER BY key, id DESC"
)


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition on a column. `op`: contains, eq, has, in, gte, lte, empty or filled."""

    name: str
    op: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions that hold together, or of which one does (`either`)."""

    either: bool = False
    parts: "Sequence[Group | Clause]" = ()


@dataclass(frozen=True, slots=True)
class Ask:
    """Which rows: words to search for, conditions, an order of (column, descending), and how many
    at most; fewer than none is all of them."""

    words: str = ""
    where: Group = field(default_factory=Group)
    order: Sequence[tuple[str, bool]] = ()
    skip: int = 0
    most: int = 100


Row = dict[str, Any]


def listing_for(me: Actor, key: str) -> Listing:
    """Raises NotFound for no such list, Forbidden."""
    found = listings().get(key)
    if found is None:
        raise NotFound
    me.require(found.permission)
    return found


def visible(me: Actor) -> list[Listing]:
    """What somebody may look at."""
    return [one for one in listings().values() if me.may(one.permission)]


async def page(tx: Tx, me: Actor, key: str, ask: Ask) -> list[Row]:
    """Rows by column, money in words. Raises Forbidden, NotFound."""
    listing = listing_for(me, key)
    table = _table(me, listing)
    order = [table.c[name].desc() if down else table.c[name] for name, down in ask.order]
    found = select(table).where(_condition(listing, table, ask))
    found = found.order_by(*order, table.c.id.desc()).offset(ask.skip)
    if ask.most >= 0:
        found = found.limit(ask.most)
    return await _rows(tx, listing, found)


async def count(tx: Tx, me: Actor, key: str, ask: Ask) -> int:
    """How many rows there are. Raises Forbidden, NotFound."""
    listing = listing_for(me, key)
    table = _table(me, listing)
    async with tx.acting_as_system(listing.system):
        many = select(func.count()).select_from(table).where(_condition(listing, table, ask))
        return await tx.db.scalar(many) or 0


async def chosen(tx: Tx, me: Actor, key: str, ids: Sequence[int]) -> list[Row]:
    """These rows, as many as there are. Raises Forbidden, NotFound."""
    listing = listing_for(me, key)
    table = _table(me, listing)
    return await _rows(tx, listing, select(table).where(table.c.id.in_(ids)))


async def look(tx: Tx, me: Actor, key: str, row_id: int) -> Row | None:
    """One row, for its own page; of what is personal, that staff looked stands in the trail.
    Raises Forbidden, NotFound."""
    found = await chosen(tx, me, key, [row_id])
    subject = listings()[key].personal
    if found and subject:
        await audit(tx, f"{key}.look", subject, row_id)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Way:
    """Where a link leads: the list, and the row there (`row_id`) or the condition on its rows; or
    the `page` of the app."""

    title: str
    key: str
    row_id: int = 0
    clause: Clause | None = None
    page: str = ""


def ways(me: Actor, key: str, row: Row) -> list[Way]:
    """What is connected with a row, in lists that the caller may see.

    Raises Forbidden, NotFound.
    """
    listing = listing_for(me, key)
    found: list[Way] = []
    if listing.page is not None and me.may(listing.page[0]):
        _, words, path = listing.page
        found.append(Way(words, key, row["id"], page=f"{path}{row['id']}"))
    for link in listing.links:
        target = listings()[link.key]
        if me.may(target.permission):
            found += _ways(link, target, row[link.by])
    return found


def _ways(link: Link, target: Listing, value: Any) -> list[Way]:
    if value is None:
        return []
    if link.column:
        kinds = {one.name: one.kind for one in target.columns}
        op = "has" if kinds[link.column] == "numbers" else "eq"
        return [Way(link.title, link.key, clause=Clause(link.column, op, value))]
    if isinstance(value, list):
        return [Way(f"{link.title} {one}", link.key, row_id=one) for one in value]
    return [Way(link.title, link.key, row_id=value)]


def _table(me: Actor, listing: Listing) -> Subquery:
    kinds = {one.name: _KINDS[one.kind] for one in listing.columns} | {"id": BigInteger}
    named = [column(name, kinds[name]) for name in listing.names]
    words = text(listing.sql)
    if listing.blind:
        words = words.bindparams(bindparam("me", me.person_id, BigInteger))
    return words.columns(*named).subquery("listed")


async def _rows(tx: Tx, listing: Listing, found: Select[Any]) -> list[Row]:
    async with tx.acting_as_system(listing.system):
        rows = [dict(one) for one in (await tx.db.execute(found)).mappings()]
    money = [one.name for one in listing.columns if one.kind == "money"]
    for row in rows:
        for name in money:
            if row[name] is not None:
                row[name] = Money(row[name], row["currency"]).format()
    if listing.key == "webhooks":
        await _say_why(tx, rows)
    return rows


async def _say_why(tx: Tx, rows: list[Row]) -> None:
    """Why an event was not handled is known to its work in the queue."""
    keys = {f"payments.process_event:{row['id']}": row for row in rows}
    async with tx.acting_as_system("worker"):
        for one in await tx.db.execute(_WHY, {"keys": list(keys)}):
            keys[one.key]["why"] = one.last_error or ""


def _condition(listing: Listing, table: Subquery, ask: Ask) -> ColumnElement[bool]:
    words = ask.words.strip()[:200]
    found = _group(table, ask.where)
    if not words:
        return found
    hits = [table.c[one.name].icontains(words, autoescape=True) for one in _searched(listing)]
    if words.isdecimal() and len(words) < 19:
        hits.append(table.c.id == int(words))
    return and_(found, or_(*hits))


def _searched(listing: Listing) -> list[Any]:
    return [one for one in listing.columns if one.found]


def _group(table: Subquery, group: Group) -> ColumnElement[bool]:
    parts = [_group(table, o) if isinstance(o, Group) else _clause(table, o) for o in group.parts]
    if not parts:
        return true()
    return or_(*parts) if group.either else and_(*parts)


def _clause(table: Subquery, clause: Clause) -> ColumnElement[bool]:
    where, value = table.c[clause.name], clause.value
    match clause.op:
        case "contains":
            found = where.icontains(str(value), autoescape=True)
        case "has":
            found = literal(value, BigInteger) == any_(where)
        case "in":
            found = where.in_(list(value))
        case "gte":
            found = where >= value
        case "lte":
            found = where <= value
        case "empty":
            found = where.is_(None)
        case "filled":
            found = where.is_not(None)
        case _:
            found = where == value
    return found
