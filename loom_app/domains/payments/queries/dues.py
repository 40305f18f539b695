"""What is still due, held, or was paid in person: as the two sides and the mails see it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.payments.actions.payable import Payable
from loom_app.domains.payments.models import OF_THE_PRICE, OPEN, Due
from loom_app.domains.payments.rows import cards_for
from loom_app.domains.payments.ways import method_words
from loom_app.domains.payments.words import part_words
from loom_app.integrations.stripe.errors import decline_words
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.money import Money
from loom_app.kit.text import t

_due: Any = Due
UPCOMING = (*OPEN, "held", "taking")


@dataclass(frozen=True, slots=True)
class DueView:
    """`part` is rest, later or no_show, `how` card or in_person; `at` when it is asked for, `until`
    the start of the session, `release_at` the end of a hold. `payable`: the client can pay now."""

    id: int
    part: str
    how: str
    status: str
    words: str
    coach: str
    amount: Money
    whole: Money
    at: datetime
    until: datetime
    release_at: datetime
    card: str
    problem: str
    path: str
    charge_id: int
    payable: bool
    payer_id: int
    coach_id: int
    payable_of: Payable

    @property
    def of_the_price(self) -> bool:
        """A rest, or the whole price of a later session; else a fee that is held."""
        return self.part in OF_THE_PRICE


async def upcoming(tx: Tx, me: Actor, *, most: int = 100) -> list[DueView]:
    """What the caller has still to pay or has held on a card, the soonest first."""
    statement = (
        select(Due)
        .where(
            _due.payer_id == me.require_person(),
            _due.status.in_(UPCOMING),
            _due.release_at > tx.now,
        )
        .order_by(_due.due_at, _due.id)
        .limit(most)
    )
    return await _views(tx, statement)


async def dues_of(tx: Tx, payable: Payable) -> list[DueView]:
    """Everything that is or was due for a payable, for its two sides."""
    return (await dues_of_each(tx, [payable]))[payable]


async def dues_of_each(tx: Tx, payables: Collection[Payable]) -> dict[Payable, list[DueView]]:
    """The same for each of these, in as many statements as for one."""
    found: dict[Payable, list[DueView]] = {one: [] for one in payables}
    which = [(one.kind, one.id) for one in found]
    asked = select(Due).where(tuple_(_due.payable_kind, _due.payable_id).in_(which))
    for view in await _views(tx, asked.order_by(_due.id)) if which else ():
        found[view.payable_of].append(view)
    return found


async def due(tx: Tx, due_id: int) -> DueView:
    """For the mail about it, acting as a system of payments. Raises NotFound."""
    found = await _views(tx, select(Due).where(_due.id == due_id))
    if not found:
        raise NotFound
    return found[0]


async def _views(tx: Tx, statement: Any) -> list[DueView]:
    rows = list(await tx.db.scalars(statement, execution_options={"populate_existing": True}))
    people = await accounts.people(tx, {row.coach_id for row in rows})
    by_card = [row for row in rows if row.how == "card"]
    cards = {row.id: card for row, card in zip(by_card, await cards_for(tx, by_card), strict=True)}
    found: list[DueView] = []
    for row in rows:
        coach, card = people.get(row.coach_id), cards.get(row.id)
        # the coach does not see the card: row-level security keeps it from them
        words = method_words(card.kind, card.brand, card.last4) if card else ""
        found.append(_view(tx, row, coach.name if coach else "", words))
    return found


def _view(tx: Tx, row: Due, coach: str, card: str) -> DueView:
    over = row.until_at if row.part == "no_show" else row.release_at
    return DueView(
        id=row.id or 0,
        part=row.part,
        how=row.how,
        status=row.status,
        words=part_words(row.part, row.description),
        coach=coach,
        amount=Money(row.amount, row.currency),
        whole=Money(row.whole, row.currency),
        at=max(row.due_at, tx.now) if row.status == "planned" else row.due_at,
        until=row.until_at,
        release_at=row.release_at,
        card=card,
        problem=_problem(row.problem),
        path=row.path,
        charge_id=row.charge_id or 0,
        payable=row.status in OPEN and row.how == "card" and over > tx.now,
        payer_id=row.payer_id,
        coach_id=row.coach_id,
        payable_of=Payable(row.payable_kind, row.payable_id),
    )


def _problem(code: str | None) -> str:
    if code is None:
        return ""
    if code == "no_card":
        return t("No card is saved.")
    if code == "released":
        return t("The bank had let go of it already.")
    return decline_words(code)


def due_words(one: DueView, zone: str) -> str:
    """What becomes of it, and when, as both sides may read it."""
    amount, when = one.amount.format(), times.when(one.at, zone)
    over = times.when(one.release_at, zone)
    gone = t("{amount} is not asked for any more.", amount=amount)
    shared = {
        "asked": t("{amount} is being asked for at this moment.", amount=amount),
        "in_person": t("{amount} was paid in person.", amount=amount),
        "paid": t("{amount} is paid.", amount=amount),
    }
    if one.part == "no_show":
        held = {
            "planned": t("{amount} is held on the card from {when}.", amount=amount, when=when),
            "failed": t("{amount} could not be held on the card.", amount=amount),
            "held": t("{amount} is held, not charged, until {when}.", amount=amount, when=over),
            "taking": t("{amount} is being taken as the no-show fee.", amount=amount),
            "paid": t("{amount} was taken as the no-show fee.", amount=amount),
            "letting_go": t("{amount} is let go, nothing is charged.", amount=amount),
            "released": t("{amount} was let go, nothing was charged.", amount=amount),
        }
        return (shared | held).get(one.status, gone)
    planned = t("{amount} is charged on {when}.", amount=amount, when=when)
    if one.how == "in_person":
        planned = t("{amount} is paid in person, on the day.", amount=amount)
    rest = {"planned": planned, "failed": t("{amount} could not be charged.", amount=amount)}
    return (shared | rest).get(one.status, gone)
