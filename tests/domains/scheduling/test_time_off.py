"""Away: days and hours off, and holidays; who is booked meanwhile is said."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, TimeOffEdit
from loom_app.domains.scheduling.errors import SlotClosed
from loom_app.domains.scheduling.rules import holidays
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.factories.scheduling import make_hold, make_open_coach, make_session

VISITOR = Actor(visitor="v" * 64)
NINE_TO_NOON = [HourEdit(day, 540, 720) for day in range(7)]
TUESDAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def today(at):
    at("2026-11-21T12:00Z")


async def starts(offering_id: int, first: date, last: date | None = None) -> list[str]:
    """On the coach's clock, Berlin: an hour ahead of UTC in winter."""
    async with transaction(VISITOR) as tx:
        found = await queries.month_slots(tx, VISITOR, offering_id, first, last or first)
    return [f"{one.astimezone(UTC):%d %H}" for one in found]


async def away(coach: Actor, *args, **more) -> int:
    async with transaction(coach) as tx:
        return await actions.save_time_off(tx, coach, TimeOffEdit(*args, **more))


async def test_days_off_close_all_of_them_and_win_over_a_dates_own_hours(db, topics):
    ada, offering_id = await make_open_coach(hours=NINE_TO_NOON)
    async with transaction(ada) as tx:
        await actions.save_exception(tx, ada, TUESDAY, [(600, 660)])
    made = await away(ada, TUESDAY, date(2026, 11, 25), reason="  A wedding ")
    assert f"coach:{ada.person_id}:slots" in topics
    assert await starts(offering_id, TUESDAY, date(2026, 11, 26)) == ["26 08", "26 09", "26 10"]
    with pytest.raises(SlotClosed):
        await make_hold(await make_user(), offering_id, datetime(2026, 11, 25, 8, tzinfo=UTC))
    async with transaction(ada) as tx:
        assert [one.reason for one in await queries.time_off(tx, ada)] == ["A wedding"]
        await actions.drop_time_off(tx, ada, made)
        await actions.drop_time_off(tx, ada, made)
    assert await starts(offering_id, TUESDAY) == ["24 09"]


async def test_hours_off_keep_the_grid_of_starts_and_need_no_buffer(db):
    ada, offering_id = await make_open_coach(hours=[HourEdit(1, 540, 840)])
    await away(ada, TUESDAY, TUESDAY, 600, 690)  # 10:00 to 11:30 in Berlin
    assert await starts(offering_id, TUESDAY) == ["24 08", "24 11", "24 12"]


async def test_only_the_coach_reads_why(db):
    ada, _ = await make_open_coach()
    await away(ada, TUESDAY, TUESDAY, reason="Surgery")
    for other in (VISITOR, await make_user()):
        async with transaction(other) as tx:
            assert (await tx.db.execute(text("SELECT * FROM time_off"))).all() == []
    eve, _ = await make_coach("Eve Moreau")
    async with transaction(eve) as tx:
        assert await queries.time_off(tx, eve) == []
    async with transaction(ada) as tx:
        (mine,) = await queries.time_off(tx, ada)
    async with transaction(eve) as tx:
        await actions.drop_time_off(tx, eve, mine.id)
    async with transaction(ada) as tx:
        assert len(await queries.time_off(tx, ada)) == 1, "another's stays"


async def test_who_is_booked_meanwhile_is_listed_and_stays(db):
    ada, offering_id = await make_open_coach()
    ben = await make_user(name="Ben Okafor")
    inside = await make_session(ben, offering_id, datetime(2026, 11, 24, 22, tzinfo=UTC))
    await make_session(ben, offering_id, datetime(2026, 11, 24, 23, tzinfo=UTC))  # the 25th there
    await away(ada, TUESDAY, TUESDAY)
    async with transaction(ada) as tx:
        (found,) = await queries.time_off(tx, ada)
        assert [(one.session_id, one.clients) for one in found.booked] == [
            (inside.session_id, ["Ben Okafor"])
        ]
        assert (await queries.session(tx, ada, inside.session_id)).status == "confirmed"


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        (TimeOffEdit(TUESDAY, date(2026, 11, 23)), "last_day"),
        (TimeOffEdit(TUESDAY, TUESDAY, 600, 600), "end"),
        (TimeOffEdit(TUESDAY, TUESDAY, -1, 600), "end"),
        (TimeOffEdit(TUESDAY, TUESDAY, 0, 1441), "end"),
        (TimeOffEdit(date(2026, 11, 1), date(2026, 11, 19)), "last_day"),
        (TimeOffEdit(TUESDAY, date(2029, 1, 1)), "last_day"),
        (TimeOffEdit(TUESDAY, date(2027, 11, 30)), "last_day"),
        (TimeOffEdit(TUESDAY, TUESDAY, reason="x" * 201), "reason"),
    ],
)
async def test_what_is_no_time_off_is_refused(db, edit, field):
    ada, _ = await make_coach()
    with pytest.raises(Invalid) as wrong:
        async with transaction(ada) as tx:
            await actions.save_time_off(tx, ada, edit)
    assert wrong.value.field == field


async def test_time_off_is_for_coaches_and_has_an_end(db, monkeypatch):
    ben = await make_user()
    with pytest.raises(Forbidden):
        await away(ben, TUESDAY, TUESDAY)
    async with transaction(ben) as tx:
        with pytest.raises(Forbidden):
            await actions.save_holidays(tx, ben, "DE", "", ())
    monkeypatch.setattr("loom_app.domains.scheduling.actions.time_off.MOST", 1)
    ada, _ = await make_coach()
    await away(ada, TUESDAY, TUESDAY)
    with pytest.raises(Invalid):
        await away(ada, TUESDAY, TUESDAY)


async def holidays_of(coach: Actor, country: str, region: str = "", working=()) -> None:
    async with transaction(coach) as tx:
        await actions.save_holidays(tx, coach, country, region, working)


CHRISTMAS = date(2026, 12, 25)


async def test_holidays_close_but_for_those_worked_on_and_dates_with_own_hours(db):
    ada, offering_id = await make_open_coach(hours=NINE_TO_NOON)
    await holidays_of(ada, "DE", "BE")
    assert await starts(offering_id, CHRISTMAS, date(2026, 12, 27)) == ["27 08", "27 09", "27 10"]
    await holidays_of(ada, "DE", "BE", ["Second Day of Christmas", "No such day"])
    assert len(await starts(offering_id, CHRISTMAS, date(2026, 12, 26))) == 3
    async with transaction(ada) as tx:
        await actions.save_exception(tx, ada, CHRISTMAS, [(600, 660)])
        view = await queries.holiday_calendar(tx, ada)
    assert await starts(offering_id, CHRISTMAS) == ["25 09"]
    days = {one.name: one for one in view.days}
    assert days["Second Day of Christmas"].working
    assert not days["Christmas Day"].working
    assert days["Good Friday"].day == date(2027, 3, 26), "the next one"
    assert (view.country, view.region, dict(view.regions)["BY"]) == ("DE", "BE", "Bayern")
    await away(ada, CHRISTMAS, CHRISTMAS)
    assert await starts(offering_id, CHRISTMAS) == []


async def test_a_country_is_looked_at_before_it_is_kept_and_taken_back(db):
    ada, offering_id = await make_open_coach(hours=NINE_TO_NOON)
    async with transaction(ada) as tx:
        assert (await queries.holiday_calendar(tx, ada)).days == []
        assert (await queries.holiday_calendar(tx, ada, "XX")).country == ""
        seen = await queries.holiday_calendar(tx, ada, "GB", "nowhere")
    assert seen.region == ""
    assert "Boxing Day" in [one.name for one in seen.days]
    assert len(await starts(offering_id, CHRISTMAS)) == 3, "looking changes nothing"
    await holidays_of(ada, "GB", "SCT")
    assert await starts(offering_id, CHRISTMAS) == []
    await holidays_of(ada, "")
    assert len(await starts(offering_id, CHRISTMAS)) == 3


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("DE", "CA"), ("de", "")])
async def test_unknown_countries_and_regions_are_refused(db, country, region):
    ada, _ = await make_coach()
    with pytest.raises(Invalid):
        await holidays_of(ada, country, region)


def test_every_country_can_be_read_and_is_named():
    for code, name in holidays.countries().items():
        assert name
        holidays.in_years(code, "", 2026, 2026)
    assert holidays.regions("XX") == {}
    assert holidays.in_years("DE", "XX", 2026, 2026) == {}
    # what the library adds to a name is no other holiday
    assert "Independence Day" in holidays.in_years("US", "", 2026, 2026)[date(2026, 7, 3)]
    assert date(2026, 7, 3) not in holidays.closed("US", "", ("Independence Day",), 2026, 2026)


async def test_a_move_goes_nowhere_into_time_off(db):
    ada, offering_id = await make_open_coach(hours=NINE_TO_NOON)
    ben = await make_user()
    booking = await make_session(ben, offering_id, datetime(2026, 11, 26, 8, tzinfo=UTC))
    await away(ada, TUESDAY, TUESDAY)
    async with transaction(ben) as tx:
        found = await queries.move_slots(tx, ben, booking.session_id, TUESDAY, TUESDAY)
    assert found == []
