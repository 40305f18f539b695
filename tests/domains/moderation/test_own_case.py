"""Nobody of staff sees or works on what was reported about themselves (COM-12)."""

from dataclasses import replace

import pytest

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.messaging import queries as messages
from loom_app.domains.moderation import queries, working
from loom_app.domains.operations import queries as admin
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from tests.domains.moderation.test_work import RUDE, appeal, decide, reported, staff, token_of


async def test_a_moderator_does_not_see_the_case_about_themselves(db):
    ben, ada, case = await reported()  # and the filter hit upon what Ben wrote
    olga = await staff()
    await decide(olga, working.note, case, "Ben is one of us.")
    ben, ada = (replace(one, powers=olga.powers) for one in (ben, ada))
    for status in ("open", "closed"):
        async with transaction(ben) as tx:
            assert await queries.queue(tx, ben, status=status) == []
            figures = await queries.figures(tx, ben)
            assert (figures.open, figures.oldest, figures.decided) == (0, None, 0)
            assert await admin.page(tx, ben, "reports", admin.Ask()) == []
            assert await admin.count(tx, ben, "reports", admin.Ask()) == 0
            assert await admin.look(tx, ben, "reports", case.id) is None
        if status == "open":
            await decide(olga, working.warn, case, RUDE)
    async with transaction(olga) as tx:
        (hit,) = await queries.queue(tx, olga)
        assert await admin.count(tx, olga, "reports", admin.Ask()) == 1
    for one in (case, hit.case):
        async with transaction(ben) as tx:
            with pytest.raises(NotFound):
                await queries.case(tx, ben, one.kind, one.id)
            with pytest.raises(NotFound):
                await queries.entries(tx, ben, one)
            with pytest.raises(NotFound):
                await messages.around_case(tx, ben, one.kind, one.id)
        with pytest.raises(NotFound):
            await decide(ben, working.note, one, "It was not like that.")
    async with transaction(ben) as tx:
        with pytest.raises(NotFound):
            await working.assign(tx, ben, hit.case, mine=True)
    async with transaction(ada) as tx:  # who reported may look, and not decide
        assert (await queries.case(tx, ada, case.kind, case.id)).outcome == "warn"


async def test_a_moderator_takes_nothing_back_that_was_decided_about_themselves(db):
    ben, _, case = await reported()
    olga = await staff()
    await decide(olga, working.suspend, case, RUDE, 7)
    with pytest.raises(NotFound):
        await decide(replace(ben, powers=olga.powers), working.take_back, case, "It is fine.")
    async with transaction(olga) as tx:
        assert await accounts.is_suspended(tx, ben.require_person())


async def test_a_moderator_does_not_see_who_decided_about_them(db):
    ben, _, case = await reported()
    olga = await staff()
    await decide(olga, working.warn, case, RUDE)
    await appeal(await token_of(case))
    ben = replace(ben, powers=olga.powers)
    async with transaction(olga) as tx:
        assert len(await queries.open_appeals(tx, olga)) == 1
    async with transaction(ben) as tx:
        assert await queries.open_appeals(tx, ben) == []
