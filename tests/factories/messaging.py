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
    return ada, ben, await make_talk(ada, ben)


async def make_talk(coach: Actor, client: Actor) -> int:
    """The conversation of these two, who are engaged with each other from now on."""
    async with transaction(client) as tx:
        pair = (coach.require_person(), client.require_person())
        engagement_id = await engagements.ensure(tx, *pair, "active")
        return await actions.for_engagement(tx, engagement_id, pair)
