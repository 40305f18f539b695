import pytest
from sqlalchemy import text

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.engagements import actions, queries
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from tests.factories.accounts import make_user


async def test_an_inquiry_becomes_active_and_never_the_other_way(db):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    coach, client = ada.require_person(), ben.require_person()
    found = set()
    for status in ("inquiry", "inquiry", "active", "inquiry"):
        async with transaction(ben) as tx:
            found.add(await actions.ensure(tx, coach, client, status))
    assert len(found) == 1
    async with transaction(ada) as tx:
        view = await queries.engagement(tx, ada, found.pop())
    assert view.status == "active"


async def test_the_two_see_each_other_and_nobody_else_does(db):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    cleo = await make_user(name="Cleo")
    async with transaction(ben) as tx:
        found = await actions.ensure(tx, ada.require_person(), ben.require_person(), "inquiry")
    async with transaction(ada) as tx:
        assert (await accounts.person(tx, ben.require_person())).name == "Ben"
    async with transaction(cleo) as tx:
        with pytest.raises(NotFound):
            await accounts.person(tx, ben.require_person())
        with pytest.raises(NotFound):
            await queries.engagement(tx, cleo, found)


async def test_nobody_engages_a_coach_by_hand(db):
    ada, ben = await make_user(name="Ada", roles=["coach"]), await make_user(name="Ben")
    with pytest.raises(Exception, match="row-level security"):
        async with transaction(ben) as tx:
            await tx.db.execute(
                text(
                    "INSERT INTO engagements (coach_id, client_id, status) VALUES (:a, :b, 'ended')"
                ),
                {"a": ada.person_id, "b": ben.person_id},
            )
