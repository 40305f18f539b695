"""What is held in memory of coaches is never older than what the database says (OPS-18)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import event

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, TimeOffEdit
from loom_app.domains.scheduling.queries import Filters, availability, directory_rows
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import Tx, transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.versioned import Versioned
from tests.factories.coaches import OFFERING, PROFILE
from tests.factories.scheduling import ALWAYS, make_hold, make_open_coach

VISITOR = Actor(visitor="v" * 64)
OTHER = Actor(visitor="w" * 64)
MONDAY, SUNDAY = date(2027, 1, 4), date(2027, 1, 10)


@dataclass(frozen=True)
class Seen:
    """What a visitor reads of the coach."""

    cards: list[queries.CoachCard]
    month: list[datetime]


async def seen(offering_id: int) -> Seen:
    async with transaction(VISITOR) as tx:
        page = await queries.directory(tx, VISITOR, Filters(sort="soonest"))
    async with transaction(VISITOR) as tx:
        try:
            month = await queries.month_slots(tx, VISITOR, offering_id, MONDAY, SUNDAY)
        except NotFound:
            month = []
    return Seen(page.cards, month)


def forget() -> None:
    availability._open = Versioned(100)
    directory_rows._shops = Versioned(100)


Change = Callable[[Tx, Actor, int], Awaitable[Any]]
EVENINGS = [HourEdit(day, 18 * 60, 21 * 60) for day in range(7)]
CHANGES: dict[str, Change] = {
    "week": lambda tx, ada, _: actions.save_week(tx, ada, EVENINGS),
    "date": lambda tx, ada, _: actions.save_exception(tx, ada, MONDAY, ()),
    "time off": lambda tx, ada, _: actions.save_time_off(
        tx, ada, TimeOffEdit(date(2026, 12, 1), MONDAY)
    ),
    "holidays": lambda tx, ada, _: actions.save_holidays(tx, ada, "DE", "BY", ()),
    "zone": lambda tx, ada, _: accounts.save_profile(
        tx, ada, accounts.ProfileEdit("Ada Lindqvist", "Asia/Kathmandu")
    ),
    "name": lambda tx, ada, _: accounts.save_profile(
        tx, ada, accounts.ProfileEdit("Ada Berg", "Europe/Berlin")
    ),
    "headline": lambda tx, ada, _: coaches.save_profile(
        tx, ada, replace(PROFILE, slug=f"ada-lindqvist-{ada.person_id}", headline="Other words")
    ),
    "price": lambda tx, ada, number: coaches.save_offering(
        tx, ada, number, replace(OFFERING, price_minor=5_000)
    ),
    "length": lambda tx, ada, number: coaches.save_offering(
        tx, ada, number, replace(OFFERING, duration_minutes=90)
    ),
    "another offering": lambda tx, ada, _: coaches.create_offering(
        tx, ada, replace(OFFERING, name="Short", duration_minutes=15, price_minor=2_000)
    ),
    "out of sale": coaches.archive_offering,
    "unpublished": lambda tx, ada, _: coaches.unpublish(tx, ada),
}


@pytest.fixture
async def ada(db, at):
    at("2026-12-31T08:00Z")
    # from nine to five, so that another zone is another first time
    week = [HourEdit(day, 540, 1020) for day in range(7)]
    return await make_open_coach(hours=week)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_seen_at_once_and_as_if_nothing_had_been_held(ada, change):
    coach, offering_id = ada
    before = await seen(offering_id)
    assert await seen(offering_id) == before
    async with transaction(coach) as tx:
        await CHANGES[change](tx, coach, offering_id)
    after = await seen(offering_id)
    assert after != before
    forget()
    assert await seen(offering_id) == after


async def test_what_was_changed_is_seen_within_the_same_transaction_and_never_after_it_failed(ada):
    coach, offering_id = ada
    before = await seen(offering_id)

    async def try_evenings() -> None:
        async with transaction(coach) as tx:
            await actions.save_week(tx, coach, EVENINGS)
            inside = await queries.month_slots(tx, coach, offering_id, MONDAY, SUNDAY)
            assert {start.hour for start in inside} == {17, 18, 19}
            raise Invalid("undone")

    with pytest.raises(Invalid):
        await try_evenings()
    assert await seen(offering_id) == before
    async with transaction(coach) as tx:
        await actions.save_week(tx, coach, ALWAYS)
    assert len((await seen(offering_id)).month) > len(before.month)


async def test_what_is_taken_is_read_each_time(ada):
    _, offering_id = ada
    first = (await seen(offering_id)).month[0]
    await make_hold(OTHER, offering_id, first)
    assert first not in (await seen(offering_id)).month


async def test_a_coach_who_is_not_published_is_held_for_nobody_else(ada):
    """The coach's own page comes first; a visitor gets nothing from its memory."""
    coach, offering_id = ada
    async with transaction(coach) as tx:
        await coaches.unpublish(tx, coach)
        assert (await availability.hours_of(tx, [coach.require_person()])) != {}
    async with transaction(VISITOR) as tx:
        assert (await availability.hours_of(tx, [coach.require_person()])) == {}
    assert (await seen_cards()) == []
    async with transaction(coach) as tx:
        await coaches.publish(tx, coach)
    assert (await seen(offering_id)).month


async def seen_cards() -> list[queries.CoachCard]:
    async with transaction(VISITOR) as tx:
        return (await queries.directory(tx, VISITOR, Filters())).cards


async def test_hours_that_are_held_are_not_read_again(ada):
    _, offering_id = ada
    await seen(offering_id)
    statements: list[str] = []
    watched = engine.sessions().kw["bind"].sync_engine

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(watched, "before_cursor_execute", note)
    try:
        await seen(offering_id)
    finally:
        event.remove(watched, "before_cursor_execute", note)
    read = "\n".join(statements)
    assert "loom_busy" in read
    assert "weekly_hours" not in read
    assert "rating_count, coach_profiles.default_price_minor, users.name" not in read


def test_the_memory_is_bounded_and_drops_what_nobody_asks_for():
    memory: Versioned[str] = Versioned(2)
    memory.keep("a", 1, "A")
    memory.keep("b", 1, "B")
    assert memory.get("a", 1) == "A"
    memory.keep("c", 1, "C")
    assert [memory.get(key, 1) for key in "abc"] == ["A", None, "C"]
    assert memory.get("a", 2) is None
