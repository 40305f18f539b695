"""The editor of hours as a tab sees it."""

from typing import Any

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.actions import HourEdit
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.availability.state import AvailabilityState
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab

DRAWN: Any = AvailabilityState.drawn  # five arguments are more than Reflex's types know


async def stored(coach) -> list[tuple[int, int, int, int]]:
    async with transaction(coach) as tx:
        found = await queries.week(tx, coach)
    return [(hour.weekday, hour.start, hour.end, hour.every_weeks) for hour in found.hours]


async def test_hours_are_typed_copied_and_saved(db, at):
    at("2026-11-21T12:00Z")
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        await tab.do(AvailabilityState.add(0))
        await tab.do(AvailabilityState.add(0))
        await tab.do(AvailabilityState.set_start(0, 1, "16:00"))
        await tab.do(AvailabilityState.set_end(0, 1, "00:00"))
        await tab.do(AvailabilityState.ask_copy(0))
        await tab.do(AvailabilityState.copy_day({f"copy{n}": "on" for n in range(5)}))
        await tab.do(AvailabilityState.set_rhythm(4, 1, "2b"))
        await tab.do(AvailabilityState.remove(1, 0))
        assert await stored(ada) == [], "nothing before it is saved"
        await tab.do(AvailabilityState.save())
        state = await tab.state(AvailabilityState)
        assert not state.changed
        assert [(row.start, row.end) for row in state.days[0].hours] == [("09:00", "00:00")]
        assert state.days[4].hours[1].rhythm == "2b"
    whole = (540, 1440, 1)
    assert await stored(ada) == [
        (0, *whole), (1, 960, 1440, 1), (2, *whole), (3, *whole), (4, 540, 1020, 1),
        (4, 960, 1440, 2),
    ]  # fmt: skip


async def test_undone_to_the_end_nothing_is_left_to_save(db):
    ada, _ = await make_open_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        await tab.do(AvailabilityState.remove(0, 0))
        await tab.do(AvailabilityState.add(0))
        await tab.do(AvailabilityState.undo)
        assert (await tab.state(AvailabilityState)).changed
        await tab.do(AvailabilityState.undo)
        state = await tab.state(AvailabilityState)
        assert (state.changed, state.can_undo) == (False, False)


async def test_hours_that_are_not_saved_yet_outlive_a_lost_connection(db):
    ada, _ = await make_open_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        await tab.do(AvailabilityState.remove(0, 0))
        await tab.reconnect(AvailabilityState.load)
        state = await tab.state(AvailabilityState)
        assert (state.days[0].hours, state.changed, state.can_undo) == ([], True, True)
        await tab.do(AvailabilityState.discard)
        assert (await tab.state(AvailabilityState)).days[0].hours
        await tab.do(AvailabilityState.remove(0, 0))
        await tab.visit("/availability", AvailabilityState.load)  # gone to anew
        assert not (await tab.state(AvailabilityState)).changed


async def test_what_is_no_time_is_said_at_its_day(db):
    ada, _ = await make_coach()
    async with transaction(ada) as tx:
        await scheduling.save_week(tx, ada, [HourEdit(2, 540, 600)])
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        for value in ("", "25:00", "ab:cd", "08:60"):
            await tab.do(AvailabilityState.set_end(2, 0, value))
            await tab.do(AvailabilityState.add(2))
            await tab.do(AvailabilityState.remove(2, 1))
            await tab.do(AvailabilityState.save())
            assert "day2" in (await tab.state(AvailabilityState)).errors, value
        assert await stored(ada) == [(2, 540, 600, 1)]
        await tab.do(AvailabilityState.discard())
        assert (await tab.state(AvailabilityState)).days[2].hours[0].end == "10:00"


async def test_forged_days_change_nothing(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        for weekday in (-1, 7, 10**9):
            await tab.do(AvailabilityState.add(weekday))
            await tab.do(AvailabilityState.set_start(weekday, 0, "09:00"))
            await tab.do(AvailabilityState.ask_copy(weekday))
            await tab.do(AvailabilityState.copy_day({"copy3": "on"}))
            await tab.do(DRAWN(weekday, -1, 0, 0, 60))
            await tab.do(DRAWN(0, weekday, 0, 60, 60))
            await tab.do(DRAWN(0, 5, 0, 0, 60))
            await tab.do(DRAWN(0, -1, weekday, 0, 60))
            await tab.do(AvailabilityState.undo())
        await tab.do(AvailabilityState.save())
        await tab.do(AvailabilityState.drop_exception("never"))
        assert "day" in (await tab.state(AvailabilityState)).errors
    assert await stored(ada) == []


async def test_a_day_off_shows_what_is_booked_on_it(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    await make_session(await make_user(), offering_id, slot())
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        await tab.do(AvailabilityState.save_exception({"day": "", "start": "", "end": ""}))
        assert "day" in (await tab.state(AvailabilityState)).errors
        await tab.do(
            AvailabilityState.save_exception({"day": "2026-11-24", "start": "", "end": ""})
        )
        state = await tab.state(AvailabilityState)
        assert [(row.words, row.booked) for row in state.exceptions] == [
            ("Day off", "1 session is booked")
        ]
        await tab.do(AvailabilityState.choose_kind(False))
        await tab.do(
            AvailabilityState.save_exception(
                {"day": "2026-11-25", "start": "10:00", "end": "00:00"}
            )
        )
        assert (await tab.state(AvailabilityState)).exceptions[1].words == "10:00–24:00"
        await tab.do(AvailabilityState.drop_exception("2026-11-24"))
        assert len((await tab.state(AvailabilityState)).exceptions) == 1


async def test_a_client_is_sent_away(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        assert tab.redirected_to() == "/sessions"


async def test_hours_are_drawn_moved_resized_and_undone(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)

        async def week() -> list[tuple[int, str]]:
            days = (await tab.state(AvailabilityState)).days
            return [(day.weekday, block.words) for day in days for block in day.blocks]

        await tab.do(DRAWN(1, -1, 1, 600, 720))
        await tab.do(DRAWN(1, -1, 1, 480, 540))
        assert await week() == [(1, "08:00–09:00"), (1, "10:00–12:00")]
        await tab.do(AvailabilityState.set_rhythm(1, 1, "2b"))
        await tab.do(DRAWN(1, 1, 3, 1320, 1440))
        assert await week() == [(1, "08:00–09:00"), (3, "22:00–24:00")]
        assert (await tab.state(AvailabilityState)).days[3].hours[0].rhythm == "2b"
        assert (await tab.state(AvailabilityState)).days[3].blocks[0].seldom
        await tab.do(DRAWN(1, 0, 1, 450, 540))
        assert (await week())[0] == (1, "07:30–09:00")
        for _ in range(2):
            await tab.do(AvailabilityState.undo())
        assert await week() == [(1, "08:00–09:00"), (1, "10:00–12:00")]
        await tab.do(AvailabilityState.set_end(1, 0, ""))
        assert await week() == [(1, "10:00–12:00")], "what is no time is not drawn"
        await tab.do(AvailabilityState.undo())
        await tab.do(AvailabilityState.save())
        assert not (await tab.state(AvailabilityState)).can_undo
    assert await stored(ada) == [(1, 480, 540, 1), (1, 600, 720, 2)]


async def test_hours_hold_from_a_date_until_another(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/availability", AvailabilityState.load)
        await tab.do(AvailabilityState.add(0))
        await tab.do(AvailabilityState.set_from(0, 0, "2027-01-04"))
        for last in ("never", "2026-01-01"):
            await tab.do(AvailabilityState.set_to(0, 0, last))
            await tab.do(AvailabilityState.save())
            assert "day0" in (await tab.state(AvailabilityState)).errors
        await tab.do(AvailabilityState.set_to(0, 0, "2027-03-01"))
        await tab.do(AvailabilityState.save())
        row = (await tab.state(AvailabilityState)).days[0].hours[0]
    assert (row.valid_from, row.valid_to) == ("2027-01-04", "2027-03-01")
    async with transaction(ada) as tx:
        (hour,) = (await queries.week(tx, ada)).hours
    assert (str(hour.valid_from), str(hour.valid_to)) == ("2027-01-04", "2027-03-01")
