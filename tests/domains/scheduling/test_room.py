"""The door of a video room: when it is open, and for whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from loom_app.domains.scheduling import actions, queries
from loom_app.integrations.video import jitsi
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, Invalid, NotFound
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot

OWN = "https://zoom.us/j/123456789?pwd=secret"


async def room(me: Actor, session_id: int):
    async with transaction(me) as tx:
        return await queries.room(tx, me, session_id)


async def test_it_opens_ten_minutes_before_and_closes_half_an_hour_after(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    start = slot(3)
    booked = await make_session(ben, offering_id, start)
    doors = {}
    for minutes in (-60 * 24, -11, -10, 0, 59, 89, 90):
        at((start + timedelta(minutes=minutes)).isoformat())
        seen = [await room(me, booked.session_id) for me in (ada, ben)]
        doors[minutes] = {one.door for one in seen}
        assert [bool(one.address) for one in seen] == [one.door == "open" for one in seen]
    assert doors == {
        -60 * 24: {"early"}, -11: {"early"}, -10: {"open"}, 0: {"open"}, 59: {"open"},
        89: {"open"}, 90: {"over"},
    }  # fmt: skip


async def test_both_meet_in_one_room_under_their_own_names(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    at(slot(3).isoformat())
    hers, his = [(await room(me, booked.session_id)).address for me in (ada, ben)]
    name = jitsi.room_name(booked.session_id)
    assert name in hers
    assert name in his
    assert "Ada%20Lindqvist" in hers
    assert "Ben%20Okafor" in his


async def test_nobody_else_learns_where_it_is(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben, cleo = await make_user(), await make_user(name="Cleo")
    booked = await make_session(ben, offering_id, slot(3))
    held = await make_hold(cleo, offering_id, slot(4))
    async with transaction(ada) as tx:
        await actions.save_meeting_link(tx, ada, OWN)
    at(slot(3).isoformat())
    for me, session_id in ((cleo, booked.session_id), (cleo, held.session_id), (ben, 99)):
        with pytest.raises(NotFound):
            await room(me, session_id)
    for me in (cleo, ben, Actor(visitor="v" * 64)):
        async with transaction(me) as tx:
            assert await tx.db.scalar(text("SELECT count(*) FROM meeting_links")) == 0


async def test_a_coach_has_a_room_of_their_own_instead(db, at):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(ada) as tx:
        await actions.save_meeting_link(tx, ada, f"  {OWN} ")
        assert await queries.meeting_link(tx, ada) == OWN
    assert (await room(ben, booked.session_id)).own == "", "not before its time"
    at(slot(3).isoformat())
    found = await room(ben, booked.session_id)
    assert (found.own, found.address) == (OWN, "")
    async with transaction(ada) as tx:
        await actions.save_meeting_link(tx, ada, "")
    assert (await room(ben, booked.session_id)).address


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "http://zoom.us/j/1", "https://", "https://a b.c", "x" * 10,
     "https://me:word@zoom.us/j/1", f"https://zoom.us/{'x' * 500}", "https://[::1", "https://é\n.x"],
)  # fmt: skip
async def test_what_is_no_safe_link_is_refused(db, url):
    ada, _ = await make_open_coach()
    async with transaction(ada) as tx:
        with pytest.raises(Invalid):
            await actions.save_meeting_link(tx, ada, url)


async def test_clients_have_no_link_and_places_no_room(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach(offering=replace(OFFERING, place="phone"))
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        with pytest.raises(Forbidden):
            await actions.save_meeting_link(tx, ben, OWN)
    at(slot(3).isoformat())
    with pytest.raises(NotFound):
        await room(ben, booked.session_id)


async def test_a_cancelled_session_has_no_room(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben = await make_user()
    booked = await make_session(ben, offering_id, slot(3))
    async with transaction(ben) as tx:
        await actions.cancel(tx, ben, booked.session_id)
    at(slot(3).isoformat())
    with pytest.raises(NotFound):
        await room(ben, booked.session_id)
