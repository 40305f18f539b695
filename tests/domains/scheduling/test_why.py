"""Every closed time explains itself, and no bookable one does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loom_app.domains.coaches.actions import OfferingEdit
from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit, TimeOffEdit
from loom_app.domains.scheduling.rules.slots import DAY, Hours, Offer, Taken, slots
from loom_app.domains.scheduling.rules.why import Asked, Block, reasons, shown, stretches
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from tests.domains.scheduling.test_slots import cases
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, make_session

Case = tuple[Hours, Offer, Taken, int, int]


def asked(case: Case) -> Asked:
    hours, offer, taken, now, _ = case
    # the middle of each blocked range is the session, the rest its own buffers
    blocks = [
        Block(a + (b - a) // 4, b - (b - a) // 4, a, b, n) for n, (a, b) in enumerate(taken.blocked)
    ]
    return Asked(hours, offer, blocks, taken.counted, now, taken.rooms)


@settings(max_examples=120, deadline=None)
@given(cases(), st.integers(-DAY, 7 * DAY))
def test_a_start_is_bookable_or_has_a_reason_never_both(case: Case, anywhere: int) -> None:
    hours, offer, taken, now, last = case
    bookable = set(slots(hours, offer, taken, now=now, first=now - DAY, last=last))
    question = asked(case)
    assert all(reasons(question, start) == () for start in bookable)
    first = now // 900 * 900
    for start in {*range(first - DAY, last, 2700), now + anywhere} - bookable:
        if start < last:
            assert reasons(question, start), datetime.fromtimestamp(start, UTC)


@settings(max_examples=60, deadline=None)
@given(cases(), st.lists(st.integers(0, 6 * DAY - 1), min_size=20, max_size=20))
def test_stretches_have_no_gaps_and_say_what_holds_at_each_instant(
    case: Case, offsets: list[int]
) -> None:
    question = asked(case)
    first, last = case[3], case[4]
    found = stretches(question, first, last)
    assert (found[0].start, found[-1].end) == (first, last)
    assert all(a.end == b.start and a.reasons != b.reasons for a, b in pairwise(found))
    for start in (first + one for one in offsets):
        (here,) = (one for one in found if one.start <= start < one.end)
        assert here.reasons == shown(reasons(question, start))


MONDAY = date(2026, 11, 23)
OFFER = OfferingEdit(
    name="Clarity session",
    duration_minutes=60,
    price_minor=12_000,
    currency="EUR",
    buffer_after=30,
    notice_minutes=24 * 60,
    window_days=5,
    per_day=2,
)


@pytest.fixture
def today(at):
    at("2026-11-23T07:00Z")


async def said(coach, offering_id: int) -> dict[str, list[str]]:
    """By weekday: from, to, and the kinds of reasons."""
    async with transaction(coach) as tx:
        found = await queries.why_closed(tx, coach, offering_id, MONDAY)
    return {
        f"{day.day:%a}": [
            f"{one.start:%H:%M}-{one.end:%H:%M} {' '.join(r.kind for r in one.reasons)}"
            for one in day.stretches
        ]
        for day in found.days
    }


async def test_a_week_explains_itself(db, today):
    hours = [HourEdit(day, 540, 900) for day in range(6)]
    ada, offering_id = await make_open_coach(offering=OFFER, zone="UTC", hours=hours)
    ben, eve = await make_user(name="Ben Okafor"), await make_user()
    booked = await make_session(ben, offering_id, datetime(2026, 11, 24, 11, tzinfo=UTC))
    await make_hold(eve, offering_id, datetime(2026, 11, 26, 9, tzinfo=UTC))
    async with transaction(ada) as tx:
        await actions.save_exception(tx, ada, date(2026, 11, 25), [(600, 660)])
        await actions.save_time_off(
            tx, ada, TimeOffEdit(date(2026, 11, 27), date(2026, 11, 27), 540, 720)
        )
        await actions.save_holidays(tx, ada, "US", "", ["Thanksgiving Day"])
        week = await queries.why_closed(tx, ada, offering_id, MONDAY)
    found = await said(ada, offering_id)
    assert found["Mon"] == [
        "00:00-07:00 past", "07:00-09:00 outside", "09:00-14:00 notice",
        "14:00-15:00 short notice", "15:00-00:00 outside",
    ]  # fmt: skip
    assert found["Tue"] == [
        "00:00-09:00 outside", "09:00-09:30 ", "09:30-10:00 buffer", "10:00-12:00 busy",
        "12:00-12:30 buffer", "12:30-14:00 ", "14:00-15:00 short", "15:00-00:00 outside",
    ]  # fmt: skip
    assert found["Wed"] == ["00:00-10:00 exception", "10:00-10:00 ", "10:00-11:00 short",
                            "11:00-00:00 exception"]  # fmt: skip
    assert found["Thu"][1:3] == ["09:00-10:00 hold", "10:00-10:30 buffer"]
    assert found["Fri"][:2] == ["00:00-08:00 outside", "08:00-12:00 away"]
    assert found["Sun"] == ["00:00-00:00 window"]
    tuesday = week.days[1]
    assert tuesday.free == [
        datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 13, 14)
    ]  # fmt: skip
    assert week.sessions[booked.session_id] == "Clarity session"
    assert not any(r.session_id for one in week.days[0].stretches for r in one.reasons)


async def test_a_holiday_and_full_days_and_weeks_say_so(db, today):
    offer = replace(OFFER, notice_minutes=0, buffer_after=0, per_day=1, per_week=2)
    hours = [HourEdit(day, 540, 900) for day in range(6)]
    ada, offering_id = await make_open_coach(offering=offer, zone="UTC", hours=hours)
    ben = await make_user()
    await make_session(ben, offering_id, datetime(2026, 11, 24, 9, tzinfo=UTC))
    async with transaction(ada) as tx:
        await actions.save_holidays(tx, ada, "US", "", [])
    found = await said(ada, offering_id)
    assert found["Thu"] == ["00:00-00:00 holiday"]
    assert found["Tue"][1:3] == ["09:00-10:00 busy day_limit", "10:00-14:00 day_limit"]
    await make_session(ben, offering_id, datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert (await said(ada, offering_id))["Fri"][1] == "09:00-14:00 week_limit"


async def test_only_the_coach_is_told(db, today):
    ada, offering_id = await make_open_coach(offering=OFFER)
    for other in (await make_user(), (await make_open_coach("Eve Moreau"))[0]):
        async with transaction(other) as tx:
            with pytest.raises(NotFound):
                await queries.why_closed(tx, other, offering_id, MONDAY)
    async with transaction(ada) as tx:
        far = await queries.why_closed(tx, ada, offering_id, MONDAY + timedelta(days=365))
    assert len(far.days) == 7
