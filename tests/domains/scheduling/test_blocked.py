import pytest

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, slot


@pytest.mark.parametrize("blocker", ["coach", "client"])
async def test_two_of_whom_one_blocked_the_other_do_not_book(db, blocker):
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    one, other = (ada, ben) if blocker == "coach" else (ben, ada)
    async with transaction(ada) as tx:  # they know each other
        await engagements.ensure(tx, ada.require_person(), ben.require_person(), "active")
    async with transaction(one) as tx:
        await moderation.block(tx, one, other.require_person())
    with pytest.raises(NotFound, match="cannot book"):
        await make_hold(ben, offering_id, slot(days=4))
    async with transaction(one) as tx:
        await moderation.unblock(tx, one, other.require_person())
    assert await make_hold(ben, offering_id, slot(days=4))
