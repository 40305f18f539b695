"""A coach and a client who may write to each other."""

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from tests.factories.accounts import make_user


async def make_pair() -> tuple[Actor, Actor, int]:
    """Ada, her client Ben, and their conversation's id."""
    ada = await make_user(name="Ada Lind", roles={"coach"})
    ben = await make_user(name="Ben Okafor", zone="America/New_York")
    async with transaction(ben) as tx:
        pair = (ada.require_person(), ben.require_person())
        engagement_id = await engagements.ensure(tx, *pair, "active")
        conversation_id = await actions.for_engagement(tx, engagement_id, pair)
    return ada, ben, conversation_id
