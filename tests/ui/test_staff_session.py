"""A session as staff look at it."""

from datetime import timedelta

from loom_app.loom_app import app
from loom_app.ui.staff.session_state import StaffSessionState
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab


async def test_a_double_click_writes_one_note_and_the_next_form_another(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben, olga = await make_user(name="Ben"), await make_user(name="Olga", roles=["staff"])
    booked = await make_session(ben, offering_id, slot(3))
    async with Tab(app, olga) as tab:
        await tab.visit(f"/staff/sessions/{booked.session_id}", StaffSessionState.load)
        state = await tab.state(StaffSessionState)

        async def write(words: str, form: int) -> None:
            await tab.do(StaffSessionState.note({"note": words, "form": str(form)}))

        typed_in = state.form_key
        await write(" ", typed_in)
        assert "note" in state.errors
        await write("Ben rang: he is ill.", typed_in)  # what was refused can be mended
        await write("Ben rang: he is ill.", typed_in)  # a double click
        assert ([one.words for one in state.notes], state.errors) == (["Ben rang: he is ill."], {})
        await write("And again.", state.form_key)
        assert len(state.notes) == 2


async def test_staff_note_that_the_coach_did_not_come_after_reading_what_each_gets(db, at):
    at("2026-11-21T12:00Z")
    _, offering_id = await make_open_coach()
    ben, olga = await make_user(name="Ben"), await make_user(name="Olga", roles=["staff"])
    when = slot(3)
    booked = await make_session(ben, offering_id, when)
    async with Tab(app, olga) as tab:
        await tab.visit(f"/staff/sessions/{booked.session_id}", StaffSessionState.load)
        assert not (await tab.state(StaffSessionState)).session.may_be_absent
        at((when + timedelta(days=2)).isoformat())
        await tab.visit(f"/staff/sessions/{booked.session_id}", StaffSessionState.load)
        state = await tab.state(StaffSessionState)
        assert (state.session.can_cancel, state.session.may_be_absent) == (False, True)
        await tab.do(StaffSessionState.ask_absent())
        assert (state.asking, state.gives) == (True, ["Ben gets €120 back."])
        await tab.do(StaffSessionState.note_absent({"reason": " "}))
        assert (state.asking, "reason" in state.errors) == (True, True)
        await tab.do(StaffSessionState.note_absent({"reason": "Both wrote to us"}))
        assert (state.asking, state.session.status) == (False, "Coach did not come")
        assert state.history[-1].title == "The coach did not come"
        assert not state.session.may_be_absent
