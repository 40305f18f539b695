"""Who may know that somebody is here."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from loom_app.domains.messaging import actions, queries
from loom_app.domains.messaging.queries import PresenceView
from loom_app.domains.moderation import actions as moderation
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import presence
from tests.factories.accounts import make_user
from tests.factories.messaging import make_pair

SEEN = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
HERE = PresenceView("online")
NOTHING = PresenceView()


@pytest.fixture
def here():
    """These people have a tab open."""
    opened: list[int] = []

    def open_tabs(*people: Actor) -> None:
        for one in people:
            presence.arrived(one.require_person(), "tab")
            opened.append(one.require_person())

    yield open_tabs
    for person_id in opened:
        presence.left(person_id, "tab")
    presence._gone.clear()


async def seen_by(me: Actor, other: Actor) -> PresenceView:
    async with transaction(me) as tx:
        return (await queries.presence_of(tx, me, [other.require_person()]))[other.person_id or 0]


async def test_ada_sees_that_ben_is_here_and_later_when_he_was(db, here, at):
    ada, ben, _ = await make_pair()
    here(ben)
    assert await seen_by(ada, ben) == HERE
    now = at("2026-11-21T10:00:00+00:00")
    presence.left(ben.require_person(), "tab")
    assert await seen_by(ada, ben) == PresenceView("offline", now)
    presence._gone.clear()  # as after a restart
    async with transaction(Actor.system_job("realtime.processes")) as tx:
        await actions.note_seen(tx, [ben.require_person(), 999_999], SEEN)
    assert await seen_by(ada, ben) == PresenceView("offline", SEEN)


async def test_last_seen_never_goes_back(db):
    ada, ben, _ = await make_pair()
    for hour in (9, 8):
        async with transaction(Actor.system_job("realtime.processes")) as tx:
            await actions.note_seen(tx, [ben.require_person()], SEEN.replace(hour=hour))
    assert (await seen_by(ada, ben)).seen_at == SEEN


async def test_who_hides_is_not_seen_and_sees_nobody_until_shown_again(db, here):
    ada, ben, _ = await make_pair()
    here(ada, ben)
    for hidden, view in ((True, NOTHING), (False, HERE)):
        async with transaction(ben) as tx:
            await actions.hide_presence(tx, ben, hidden=hidden)
            assert await queries.hides_presence(tx, ben) is hidden
        assert await seen_by(ada, ben) == view
        assert await seen_by(ben, ada) == view


async def test_strangers_see_nothing_and_members_of_a_conversation_do(db, here):
    _, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marchetti")
    here(ben)
    assert await seen_by(cleo, ben) == NOTHING
    async with transaction(Actor.system_job("messaging.test")) as tx:
        await tx.db.execute(
            text("INSERT INTO conversation_members (conversation_id, user_id) VALUES (:c, :u)"),
            {"c": chat, "u": cleo.person_id},
        )
    assert await seen_by(cleo, ben) == HERE


async def test_a_block_hides_both_from_each_other(db, here):
    ada, ben, _ = await make_pair()
    here(ada, ben)
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    assert await seen_by(ada, ben) == NOTHING
    assert await seen_by(ben, ada) == NOTHING


async def test_only_members_may_be_said_to_type_and_not_the_blocked(db):
    ada, ben, chat = await make_pair()
    cleo = await make_user(name="Cleo Marchetti")

    async def may(who: Actor) -> bool:
        async with transaction(who) as tx:
            return await queries.may_type(tx, who, chat)

    assert (await may(ada), await may(ben), await may(cleo)) == (True, True, False)
    async with transaction(ben) as tx:
        await moderation.block(tx, ben, ada.require_person())
    assert (await may(ada), await may(ben)) == (False, False)
