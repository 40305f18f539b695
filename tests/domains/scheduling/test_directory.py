from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from loom_app.domains.coaches import actions as coaches
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import HourEdit, book, save_week
from loom_app.domains.scheduling.queries import Filters, directory_times
from loom_app.domains.scheduling.rules.search import Searchable, plain, scores
from loom_app.domains.scheduling.rules.windows import windows
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PROFILE, make_coach, make_verified
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
    assert [(one.word, one.count) for one in page.specialties] == [("Career", 1), ("Leadership", 1)]


async def test_filters_sorting_and_pages(db):
    cheap = replace(OFFERING, price_minor=3_000)
    await make_open_coach()
    await make_open_coach("Ida Holm", offering=cheap)
    profile = replace(PROFILE, specialties=("Burnout",), languages=("French",))
    await make_coach("Eve Park", profile=profile)
    assert names(await look(specialties=("Burnout",))) == ["Eve"]
    assert names(await look(languages=("French",))) == ["Eve"]
    assert names(await look(languages=("Klingon",))) == []
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
    monkeypatch.setattr(directory_times, "AT_ONCE", 1)
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


def zoned(iso: str, zone: str) -> int:
    return int(datetime.fromisoformat(iso).replace(tzinfo=ZoneInfo(zone)).timestamp())


def test_windows_are_days_and_parts_of_the_day_where_the_reader_lives():
    today = date(2026, 11, 21)
    kolkata = windows("Asia/Kolkata", today, first=date(2026, 11, 23), last=date(2026, 11, 24))
    assert kolkata == [
        (zoned("2026-11-23T00:00", "Asia/Kolkata"), zoned("2026-11-25T00:00", "Asia/Kolkata"))
    ]
    evenings = windows("America/New_York", today, parts=["evening", "lunch"])
    assert len(evenings) == 14
    assert evenings[0] == (
        zoned("2026-11-21T17:00", "America/New_York"),
        zoned("2026-11-21T22:00", "America/New_York"),
    )
    # the day on which the clocks go forward has an hour less
    (short,) = windows("America/New_York", today, first=date(2027, 3, 14), last=date(2027, 3, 14))
    assert short[1] - short[0] == 23 * 3600


@pytest.mark.parametrize(
    "asked",
    [
        {"last": date(2026, 11, 20)},
        {"first": date(2026, 11, 25), "last": date(2026, 11, 24)},
        {"first": date.max},
    ],
)
def test_days_that_are_over_or_too_far_are_no_days(asked):
    assert windows("UTC", date(2026, 11, 21), **asked) == []


def test_a_month_is_the_most_that_is_looked_at():
    (span,) = windows("UTC", date(2026, 11, 21), last=date(2027, 11, 21))
    assert span[1] - span[0] == 31 * 86_400


async def test_who_is_free_in_the_evening_of_the_reader(db, at):
    """09:00 to 17:00 in Berlin ends at 21:30 in Kolkata; nobody there is up at eight."""
    at("2026-11-21T12:00Z")
    coach, offering_id = await make_coach("Ada Lindqvist")
    async with transaction(coach) as tx:
        await save_week(tx, coach, [HourEdit(day, 540, 1020) for day in range(5)])
    page = await look(parts=("evening",), zone="Asia/Kolkata")
    assert [card.next_free for card in page.cards] == [datetime(2026, 11, 23, 12, tzinfo=UTC)]
    assert page.cards[0].next_free in await _starts(offering_id, date(2026, 11, 23))
    morning = {"parts": ("morning",), "zone": "Asia/Kolkata"}
    assert names(await look(**morning)) == []
    assert [one.count for one in (await look(**morning)).specialties] == [0, 0]
    assert names(await look(first=date(2026, 11, 22), last=date(2026, 11, 22))) == []
    soon = await look(first=date(2026, 11, 24), last=date(2026, 11, 24), sort="soonest")
    assert [card.next_free for card in soon.cards] == [datetime(2026, 11, 24, 8, tzinfo=UTC)]
    await make_hold(Actor(visitor="x" * 9), offering_id, soon.cards[0].next_free)
    again = await look(first=date(2026, 11, 24), last=date(2026, 11, 24))
    assert again.cards[0].next_free == datetime(2026, 11, 24, 9, tzinfo=UTC)


async def _starts(offering_id: int, day: date) -> list[datetime]:
    async with transaction(VISITOR) as tx:
        return await queries.month_slots(tx, VISITOR, offering_id, day, day)


async def test_prices_are_compared_within_one_currency(db):
    await make_open_coach()  # 120 EUR
    await make_open_coach("Ida Holm", offering=replace(OFFERING, price_minor=3_000))
    yen = replace(OFFERING, price_minor=9_000, currency="JPY")
    await make_open_coach("Emi Sato", offering=yen)
    page = await look(price_to=100)
    assert (names(page), page.currencies) == (["Ida"], ["EUR", "JPY"])
    assert names(await look(price_from=100)) == ["Ada"]
    assert names(await look(price_from=30, price_to=30)) == ["Ida"]
    assert names(await look(currency="JPY", price_from=8_000, price_to=9_000)) == ["Emi"]
    assert names(await look(currency="JPY", price_to=8_999)) == []
    assert names(await look(currency="JPY")) == ["Emi"]
    assert names(await look(query="zzz", price_to=1)) == []


async def test_a_free_first_talk_is_not_what_coaching_costs(db):
    ada, _ = await make_open_coach()
    free = replace(OFFERING, name="Hello", price_minor=0)
    async with transaction(ada) as tx:
        talk = await coaches.create_offering(tx, ada, free)
    await make_open_coach("Ida Holm", offering=free)
    assert names(await look(price_to=100)) == ["Ida"], "she asks nothing at all"
    assert sorted(names(await look(price_to=120))) == ["Ada", "Ida"]
    found = {card.name: card for card in (await look(price_to=0)).cards}
    assert found["Ada Lindqvist"].next_offering_id == talk


async def test_ratings_and_certifications_narrow_and_order(db, cleaner):
    ada, _ = await make_open_coach()
    ida, _ = await make_open_coach("Ida Holm")
    eve, _ = await make_coach("Eve Park")
    await make_verified(eve, "ICF PCC")
    for coach, average in ((ada, 4.46), (ida, 4.9)):
        cleaner.execute(  # the owner's word: no coach writes their own
            text("UPDATE coach_profiles SET rating_count = 3, rating_avg = :n WHERE user_id = :id"),
            {"n": average, "id": coach.person_id},
        )
    assert names(await look(sort="rating")) == ["Ida", "Ada", "Eve"]
    assert names(await look(sort="rating", rating=4.5)) == ["Ida", "Ada"], "4.46 is shown as 4.5"
    assert names(await look(rating=4.9)) == ["Ida"]
    page = await look(certifications=("ICF PCC",))
    assert names(page) == ["Eve"]
    assert [(one.word, one.count) for one in page.certifications] == [("ICF PCC", 1)]


async def test_counts_say_what_each_word_would_leave(db):
    await make_open_coach()
    both = replace(PROFILE, specialties=("Burnout", "Career"), languages=("French",))
    await make_coach("Eve Park", profile=both)
    page = await look(specialties=("Burnout",), languages=("French",))
    assert {one.word: one.count for one in page.specialties} == {
        "Burnout": 1,
        "Career": 1,
        "Leadership": 0,
    }
    assert {one.word: one.count for one in page.languages} == {
        "English": 0,
        "French": 1,
        "German": 0,
    }
    assert sorted(names(await look(specialties=("Burnout", "Leadership")))) == ["Ada", "Eve"]


async def test_prices_are_ordered_within_each_currency(db):
    """9,000 yen is less than 120 euros, and nothing here knows: the commonest currency is first."""
    await make_open_coach()  # 120 EUR
    await make_open_coach("Ida Holm", offering=replace(OFFERING, price_minor=3_000))
    for name, price in (("Emi Sato", 9_000), ("Ren Abe", 100)):
        yen = replace(OFFERING, price_minor=price, currency="JPY")
        await make_open_coach(name, offering=yen)
    await make_open_coach("Kim Berg", offering=replace(OFFERING, price_minor=50_000))
    assert names(await look(sort="price")) == ["Ida", "Ada", "Kim", "Ren", "Emi"]


async def test_prices_in_a_currency_that_is_nobodys_first_are_ordered(db):
    for name, pence in (("Ada", 13_000), ("Ida", 12_500)):
        me, _ = await make_open_coach(name=name)  # 120 euros
        second = replace(OFFERING, name="In pounds", price_minor=pence, currency="GBP")
        async with transaction(me) as tx:
            await coaches.create_offering(tx, me, second)
    assert names(await look(sort="price", currency="GBP", price_from=1)) == ["Ida", "Ada"]


async def test_a_free_seat_in_a_begun_group_is_a_next_free_time(db, at):
    """Also where the group is nearer than what can be booked anew, or outside the hours."""
    at("2026-11-21T12:00Z")
    circle = replace(
        OFFERING, name="Circle", capacity=2, min_seats=2, decide_hours=72, notice_minutes=60
    )
    ada, offering_id = await make_open_coach(offering=replace(circle, price_minor=0))
    await make_coach("Eve Park")  # no hours
    ben, cleo = await make_user(name="Ben"), await make_user(name="Cleo")
    first = (await look()).cards[0].next_free
    assert first == datetime.fromisoformat("2026-11-24T12:00Z"), "before it is decided"
    begun = datetime.fromisoformat("2026-11-24T14:00Z")
    await make_hold(ben, offering_id, begun)
    async with transaction(ben) as tx:
        await book(tx, ben)
    at("2026-11-23T20:00Z")
    async with transaction(ada) as tx:
        await save_week(tx, ada, [HourEdit(3, 540, 660)])  # Thursdays now
    for sort in ("best", "soonest"):
        page = await look(sort=sort)
        found = {card.name: card.next_free for card in page.cards}
        assert found == {"Ada Lindqvist": begun, "Eve Park": None}, sort
    assert names(await look(first=begun.date(), last=begun.date())) == ["Ada"]
    assert names(await look(first=begun.date(), last=begun.date(), parts=("morning",))) == []
    await make_hold(cleo, offering_id, begun)
    after = (await look(sort="soonest")).cards[0].next_free
    assert after is not None
    assert after > begun, "no seat is left"
