import pytest
from sqlalchemy import text

from loom_app.domains.moderation import actions, queries
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.realtime import signals
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair


async def stored(table: str) -> list[tuple]:
    async with transaction(Actor.system_job("moderation.test")) as tx:
        return [tuple(row) for row in await tx.db.execute(text(f"SELECT * FROM {table}"))]


async def between(one: Actor, other: Actor) -> bool:
    async with transaction(one) as tx:
        return await queries.is_blocked_between(tx, one.require_person(), other.require_person())


async def test_a_block_works_both_ways_until_it_is_lifted(db):
    ada, ben, _ = await make_pair()
    for _ in range(2):
        async with transaction(ben) as tx:
            await actions.block(tx, ben, ada.require_person())
    assert await between(ada, ben)
    assert await between(ben, ada)
    async with transaction(ben) as tx:
        assert [one.name for one in await queries.blocked_by_me(tx, ben)] == ["Ada Lind"]
        assert await queries.blocked_with(tx, ada.require_person()) == {ben.person_id}
    async with transaction(ben) as tx:
        await actions.unblock(tx, ben, ada.require_person())
    assert not await between(ada, ben)


async def test_the_blocked_one_neither_sees_nor_lifts_it(db):
    ada, ben, _ = await make_pair()
    async with transaction(ben) as tx:
        await actions.block(tx, ben, ada.require_person())
    async with transaction(ada) as tx:
        assert await queries.blocked_by_me(tx, ada) == []
        assert (await tx.db.execute(text("SELECT * FROM blocks"))).all() == []
        await actions.unblock(tx, ada, ben.require_person())
    assert await between(ada, ben)


async def test_nobody_blocks_themselves_or_whom_they_cannot_see(db):
    ben, cleo = await make_user(), await make_user(name="Cleo Marsh")
    for other, problem in ((ben, Invalid), (cleo, NotFound)):
        with pytest.raises(problem):
            async with transaction(ben) as tx:
                await actions.block(tx, ben, other.require_person())
    assert await stored("blocks") == []


async def test_both_hear_of_a_block_at_once(db):
    ada, ben, _ = await make_pair()
    heard: list[str] = []
    stop = signals.listen(lambda signal: heard.append(signal.topic))
    async with transaction(ben) as tx:
        await actions.block(tx, ben, ada.require_person())
    stop()
    assert set(heard) == {f"person:{one.person_id}:blocks" for one in (ada, ben)}


async def test_a_report_reaches_staff_once_and_nobody_else(db):
    ada, ben, _ = await make_pair()
    for _ in range(2):
        async with transaction(ben) as tx:
            await actions.report(tx, ben, ada.require_person(), reason="spam", words=" Ads. ")
    (report,) = await stored("reports")
    assert report[1:4] == (ben.person_id, ada.person_id, None)
    assert report[5:7] == ("spam", "Ads.")
    for one in (ada, ben):
        async with transaction(one) as tx:
            assert (await tx.db.execute(text("SELECT * FROM reports"))).all() == []


async def test_nobody_reports_a_stranger_or_themselves(db):
    ben, cleo = await make_user(), await make_user(name="Cleo Marsh")
    for other in (ben, cleo):
        with pytest.raises(NotFound):
            async with transaction(ben) as tx:
                await actions.report(tx, ben, other.require_person(), reason="spam", words="")
    assert await stored("reports") == []
