"""Times shared in a conversation, chosen from, and settled when one of them is booked."""

import uuid
from datetime import timedelta

import pytest

from loom_app.domains.engagements import actions as engagements
from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.queries import Proposal
from loom_app.domains.moderation import actions as moderation
from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot

TIMES = (10, 12, 14)


@pytest.fixture
async def practice(db):
    """Ada with an offering, her client Ben, and their conversation."""
    ada, offering = await make_open_coach()
    ben = await make_user()
    pair = (ada.require_person(), ben.require_person())
    async with transaction(ben) as tx:
        engagement_id = await engagements.ensure(tx, *pair, "active")
        chat = await actions.for_engagement(tx, engagement_id, pair)
    return ada, ben, chat, offering


async def propose(me: Actor, chat: int, offering: int, hours=TIMES, client_id="") -> int:
    async with transaction(me) as tx:
        row = await actions.propose(
            tx,
            me,
            chat,
            client_id=client_id or str(uuid.uuid4()),
            offering_id=offering,
            times=[slot(hour=hour) for hour in hours],
        )
    return row.id


async def proposal(me: Actor, message_id: int) -> Proposal:
    async with transaction(me) as tx:
        return await queries.proposal(tx, me, message_id)


async def test_ada_proposes_and_both_see_the_times_in_order(practice):
    ada, ben, chat, offering = practice
    message = await propose(ada, chat, offering, (14, 10, 12, 10))
    for who in (ada, ben):
        found = await proposal(who, message)
        assert found.times == [slot(hour=hour) for hour in TIMES]
        assert (found.coach_id, found.client_id) == (ada.person_id, ben.person_id)
        assert (found.picked, found.session_id) == (None, 0)
    async with transaction(ben) as tx:
        (card,) = await queries.conversations(tx, ben)
        assert (card.preview, card.unread) == ("Times for Clarity session", 1)


async def test_the_same_proposal_twice_is_one(practice):
    ada, _, chat, offering = practice
    cid = str(uuid.uuid4())
    first = await propose(ada, chat, offering, client_id=cid)
    assert await propose(ada, chat, offering, client_id=cid) == first


@pytest.mark.parametrize("days", [[], [1, 2, 3, 4, 5, 6], [-1]])
async def test_one_to_five_coming_times_are_proposed(practice, days):
    ada, _, chat, offering = practice
    async with transaction(ada) as tx:
        with pytest.raises(Invalid):
            await actions.propose(
                tx,
                ada,
                chat,
                client_id=str(uuid.uuid4()),
                offering_id=offering,
                times=[tx.now + timedelta(days=n) for n in days],
            )


async def test_strangers_neither_propose_nor_see_nor_choose(practice):
    ada, ben, chat, offering = practice
    cleo, others = await make_open_coach("Cleo Marchetti")
    message = await propose(ben, chat, offering)
    for work in (
        lambda: propose(cleo, chat, offering),
        lambda: propose(cleo, chat, others),
        lambda: propose(ben, chat, others),
        lambda: proposal(cleo, message),
        lambda: pick(cleo, message, 10),
    ):
        with pytest.raises(NotFound):
            await work()
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    with pytest.raises(Forbidden):
        await propose(ada, chat, offering)


async def pick(me: Actor, message: int, hour: int) -> None:
    async with transaction(me) as tx:
        await actions.pick_time(tx, me, message, slot(hour=hour))


async def test_a_coach_chooses_from_what_the_client_proposed(practice):
    ada, ben, chat, offering = practice
    message = await propose(ben, chat, offering)
    with pytest.raises(NotFound):  # one does not choose from one's own
        await pick(ben, message, 12)
    with pytest.raises(Invalid):
        await pick(ada, message, 16)
    await pick(ada, message, 12)
    assert (await proposal(ben, message)).picked == slot(hour=12)
    await pick(ada, message, 14)  # until it is booked, it may be another
    assert (await proposal(ben, message)).picked == slot(hour=14)


async def test_a_booking_settles_the_proposals_of_its_time_and_no_others(practice):
    ada, ben, chat, offering = practice
    settled = await propose(ada, chat, offering)
    other = await propose(ada, chat, offering, (16,))
    booking = await make_session(ben, offering, slot(hour=12))
    found = await proposal(ada, settled)
    assert (found.picked, found.session_id) == (slot(hour=12), booking.session_id)
    assert (await proposal(ada, other)).session_id == 0
    mine = await propose(ben, chat, offering, (18,))
    await make_session(ben, offering, slot(hour=18))
    with pytest.raises(Conflict):
        await pick(ada, mine, 18)


async def test_a_held_time_settles_nothing(practice):
    ada, ben, chat, offering = practice
    message = await propose(ada, chat, offering)
    await make_hold(ben, offering, slot(hour=12))
    async with transaction(ben) as tx:
        await scheduling.release(tx, ben)
    assert (await proposal(ada, message)).session_id == 0


async def test_a_deleted_proposal_is_gone(practice):
    ada, ben, chat, offering = practice
    message = await propose(ada, chat, offering)
    async with transaction(ada) as tx:
        await actions.delete(tx, ada, message)
    with pytest.raises(NotFound):
        await proposal(ben, message)
    await make_session(ben, offering, slot(hour=12))  # and does not stand in a booking's way
