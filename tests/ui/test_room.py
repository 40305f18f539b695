"""The page of a video room."""

from datetime import timedelta

from loom_app.loom_app import app
from loom_app.ui.sessions.room_state import RoomState
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab


async def test_another_room_of_the_same_tab_leads_to_its_own_conversation(db):
    _ada, adas = await make_open_coach()
    _eve, eves = await make_open_coach("Eve Moreau")
    ben = await make_user()
    first = await make_session(ben, adas, slot(3))
    second = await make_session(ben, eves, slot(3) + timedelta(hours=3))
    talks = []
    async with Tab(app, ben) as tab:
        for booked in (first, second):
            await tab.visit(f"/sessions/{booked.session_id}/room", RoomState.open)
            talks.append((await tab.state(RoomState)).conversation)
    assert talks[0].startswith("/messages/")
    assert talks[1].startswith("/messages/")
    assert talks[0] != talks[1]
