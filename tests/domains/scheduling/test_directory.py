import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import HourEdit, save_week
from loom_app.domains.scheduling.queries import Filters
from loom_app.domains.scheduling.rules.search import Searchable, plain, scores
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.coaches import OFFERING, PROFILE, make_coach
from tests.factories.scheduling import make_hold, make_open_coach

VISITOR = Actor(visitor="v" * 64)


async def look(**filters) -> queries.DirectoryPage:
    async with transaction(VISITOR) as tx:
        return await queries.directory(tx, VISITOR, Filters(**filters))


def names(page: queries.DirectoryPage) -> list[str]:
    return [card.name.split()[0] for card in page.cards]


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("ada", True),
        ("Lindqvist", True),
        ("lindquist", True),
        ("carreer", True),
        ("leadrship ada", True),
        ("LEAD", True),
        ("", True),
        ("ada burnout", False),
        ("zzz", False),
        ("%_\\' OR 1=1", False),
    ],
)
def test_search_forgives_typos(query, fits):
    thing = Searchable("Ada Lindqvist", ["Career change", "Leadership"], "Clear thinking")
    assert bool(scores(query, [thing])[0]) is fits


def test_accents_do_not_matter():
    assert plain("Zoë Ångström-Peña") == ["zoe", "angstrom", "pena"]


async def test_only_published_coaches_with_something_to_book(db):
    await make_open_coach()
    await make_coach("Dora Draft", published=False)
    ida, offering_id = await make_coach("Ida Holm")
    async with transaction(ida) as tx:
        await coaches.archive_offering(tx, ida, offering_id)
    page = await look()
    assert (names(page), page.total, page.pages) == (["Ada"], 1, 1)
    assert page.specialties == ["Career", "Leadership"]


async def test_filters_sorting_and_pages(db):
    cheap = replace(OFFERING, price_minor=3_000)
    await make_open_coach()
    await make_open_coach("Ida Holm", offering=cheap)
    profile = replace(PROFILE, specialties=("Burnout",), languages=("French",))
    await make_coach("Eve Park", profile=profile)
    assert names(await look(specialty="Burnout")) == ["Eve"]
    assert names(await look(language="French")) == ["Eve"]
    assert names(await look(language="Klingon")) == []
    assert names(await look(query="burnuot")) == ["Eve"]
    assert names(await look(sort="price"))[0] == "Ida"
    assert names(await look(sort="soonest"))[-1] == "Eve", "she has no open hours"
    second = await look(page=2, page_size=2)
    assert (len(second.cards), second.page, second.pages, second.total) == (1, 2, 2, 3)
    assert (await look(page=99, page_size=2)).page == 2


async def test_the_soonest_order_is_exact_however_few_are_looked_at(db, monkeypatch):
    for n, (weekday, start) in enumerate([(0, 600), (3, 540), (1, 900), (5, 480), (3, 570)]):
        coach, offering_id = await make_coach(f"Coach {n}")
        async with transaction(coach) as tx:
            await save_week(tx, coach, [HourEdit(weekday, start, start + 120)])
        first = (await look(query=f"coach {n}")).cards[0].next_free
        if n % 2 and first is not None:
            await make_hold(Actor(visitor=f"{n}" * 9), offering_id, first)
    whole = await look(sort="soonest")
    times = [card.next_free for card in whole.cards]
    assert times == sorted(times, key=lambda one: one or 0)
    monkeypatch.setattr(sys.modules[queries.DirectoryPage.__module__], "AT_ONCE", 1)
    for page in (1, 2, 3):
        part = await look(sort="soonest", page=page, page_size=2)
        assert part.cards == whole.cards[page * 2 - 2 : page * 2]
        assert part.total == 5


async def test_the_next_free_time_is_true_at_once(db):
    ada, offering_id = await make_open_coach()
    async with transaction(ada) as tx:
        await save_week(tx, ada, [HourEdit(day, 540, 660) for day in range(7)])
    for sort in ("best", "soonest"):
        card = (await look(sort=sort)).cards[0]
        assert card.next_free is not None
        assert card.next_offering_id == offering_id
        async with transaction(VISITOR) as tx:
            day = card.next_free.date()
            free = await queries.month_slots(
                tx, VISITOR, offering_id, day - timedelta(days=1), day + timedelta(days=1)
            )
        assert free[0] == card.next_free
        await make_hold(Actor(visitor=sort * 9), offering_id, card.next_free)
        following = (await look(sort=sort)).cards[0].next_free
        assert following == free[1]


async def test_who_cannot_be_paid_has_no_times_but_free_ones(db):
    coach, _ = await make_open_coach()
    async with transaction(Actor.system_job("payments.test")) as tx:
        await tx.db.execute(text("UPDATE payout_accounts SET status = 'restricted'"))
    assert [card.next_free for card in (await look()).cards] == [None]
    assert [card.next_free for card in (await look(sort="soonest")).cards] == [None]
    async with transaction(coach) as tx:
        free = await coaches.create_offering(tx, coach, replace(OFFERING, price_minor=0))
    assert (await look()).cards[0].next_offering_id == free
