from datetime import date, timedelta

import pytest

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.actions import HourEdit
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid
from tests.factories.accounts import make_user
from tests.factories.coaches import make_coach

VISITOR = Actor(visitor="v" * 64)


async def test_overlaps_merge_and_an_interval_may_end_at_midnight(db, topics):
    ada, _ = await make_coach()
    async with transaction(ada) as tx:
        await actions.save_week(
            tx, ada, [HourEdit(0, 600, 720), HourEdit(0, 540, 620), HourEdit(4, 1200, 1440)]
        )
        week = await queries.week(tx, ada)
    assert [(h.weekday, h.start, h.end) for h in week.hours] == [(0, 540, 720), (4, 1200, 1440)]
    assert f"coach:{ada.person_id}:slots" in topics


@pytest.mark.parametrize(
    "hour",
    [
        HourEdit(0, 600, 600),
        HourEdit(0, 700, 600),
        HourEdit(0, -1, 600),
        HourEdit(0, 600, 1441),
        HourEdit(0, 600, 700, every_weeks=2),
        HourEdit(0, 1, 2, valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1)),
    ],
)
async def test_wrong_hours_are_refused_by_the_day_and_change_nothing(db, hour):
    ada, _ = await make_coach()
    async with transaction(ada) as tx:
        await actions.save_week(tx, ada, [HourEdit(2, 540, 600)])
    with pytest.raises(Invalid) as wrong:
        async with transaction(ada) as tx:
            await actions.save_week(tx, ada, [HourEdit(1, 540, 600), hour])
    assert wrong.value.field == "day0"
    async with transaction(ada) as tx:
        assert [h.weekday for h in (await queries.week(tx, ada)).hours] == [2]


async def test_exceptions_replace_each_other_and_can_be_dropped(db):
    ada, offering_id = await make_coach()
    today = clock.now().date()
    day = today + timedelta(days=10)
    async with transaction(ada) as tx:
        await actions.save_week(tx, ada, [HourEdit(n, 540, 600) for n in range(7)])
        await actions.save_exception(tx, ada, day, [])
        await actions.save_exception(tx, ada, day, [(600, 720)])
    async with transaction(VISITOR) as tx:
        found = await queries.month_slots(tx, VISITOR, offering_id, day, day)
    assert len(found) == 2
    for _ in range(2):
        async with transaction(ada) as tx:
            await actions.drop_exception(tx, ada, day)
            assert (await queries.week(tx, ada)).exceptions == []
    async with transaction(ada) as tx:
        with pytest.raises(Invalid):
            await actions.save_exception(tx, ada, today - timedelta(days=9), [])


async def test_only_coaches_have_hours(db):
    ben = await make_user()
    async with transaction(ben) as tx:
        with pytest.raises(Forbidden):
            await actions.save_week(tx, ben, [HourEdit(0, 540, 600)])
