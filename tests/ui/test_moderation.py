"""The pages of moderators, and the page of whom they decided about."""

from sqlalchemy import text

from loom_app.domains.moderation import working
from loom_app.domains.moderation.working import Case
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.kit.security import limits
from loom_app.kit.security.headers import SESSION_HEADER
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.auth.appeal_state import AppealState
from loom_app.ui.problems import Toasts
from loom_app.ui.staff.call_off_state import CallOffState
from loom_app.ui.staff.moderation_state import CaseState, ModerationState
from tests.domains.moderation.test_work import RUDE, decide, door, reported, staff, token_of
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

VISITOR = Actor(visitor="w" * 64)
BASE = "/staff/moderation"


async def test_a_case_is_taken_noted_and_decided_and_the_queue_says_so(db):
    ben, _, case = await reported()
    olga = await staff()
    async with Tab(app, olga) as tab:
        await tab.visit(BASE, ModerationState.load)
        queue = await tab.state(ModerationState)
        assert [row.badge for row in queue.rows] == ["Filter", "Report"]
        assert (queue.open_now, queue.median) == ("2", "None decided")
        await tab.visit(queue.rows[1].href, CaseState.load)
        state = await tab.state(CaseState)
        assert state.case.who == ben.name
        assert [line.it for line in state.lines] == [False, True, False]
        await tab.do(CaseState.assign(True))
        assert state.case.mine
        for form in ("0", "0"):  # a double click: both from the first form
            await tab.do(CaseState.note({"note": "They know each other.", "form": form}))
        assert [row.title for row in state.entries] == ["Note by Olga"]
        await tab.do(CaseState.ask("warn"))
        await tab.do(CaseState.decide({"words": ""}))
        assert (set(state.errors), state.asking) == ({"words"}, "warn")
        await tab.do(CaseState.decide({"words": RUDE}))
        assert (state.case.open, state.case.outcome) == (False, "Warned by Olga")
        await tab.do(CaseState.ask("dismiss"))
        await tab.do(CaseState.decide({"words": "Or not."}))
        assert "decided this" in (await tab.state(Toasts)).items[-1].text
        await tab.visit(f"{BASE}?view=decided", ModerationState.load)
        assert [row.badge for row in queue.rows] == ["Warned"]
        await tab.visit(f"{BASE}/hit-{1}", CaseState.load)
        assert [row.id for row in state.former] == [f"{case.kind}-{case.id}"]
        for nobodys in (f"{BASE}/report-999999", f"{BASE}/nonsense"):
            await tab.visit(nobodys, CaseState.load)
            assert state.missing


async def test_others_are_led_away(db):
    await reported()
    async with Tab(app, await make_user(name="Cleo")) as tab:
        await tab.visit(BASE, ModerationState.load)
        await tab.visit(f"{BASE}/report-1", CaseState.load)
        assert not (await tab.state(ModerationState)).loaded
        assert (await tab.state(CaseState)).lines == []


async def test_who_is_suspended_reads_why_and_appeals_signed_out(db):
    limits.reset()
    ben, _, case = await reported()
    olga, omar = await staff("Olga"), await staff("Omar")
    async with Tab(app, olga) as tab:
        await tab.visit(f"{BASE}/report-{case.id}", CaseState.load)
        await tab.do(CaseState.ask("suspend"))
        await tab.do(CaseState.suspend({"words": RUDE, "days": "3"}))
        assert set((state := await tab.state(CaseState)).errors) == {"days"}
        await tab.do(CaseState.suspend({"words": RUDE, "days": "7"}))
        assert state.case.suspended
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"/appeal?token={(await door(ben)).suspended}", AppealState.load)
        page = await tab.state(AppealState)
        assert (page.kind, page.words, page.may_appeal) == ("suspend", RUDE, True)
        assert page.until.startswith("Until ")
        await tab.do(AppealState.send({"words": ""}))
        assert set(page.errors) == {"words"}
        await tab.do(AppealState.send({"words": "It was not me."}))
        assert not page.may_appeal
        assert page.stands.startswith("Your appeal is there.")
        await tab.visit("/appeal?token=1.forged", AppealState.load)
        assert (page.kind, page.problem != "") == ("", True)
    for who, problem in ((olga, True), (omar, False)):
        async with Tab(app, who) as tab:
            await tab.visit(f"{BASE}?view=appeals", ModerationState.load)
            desk = await tab.state(ModerationState)
            assert [row.mine for row in desk.appeals] == [problem]
            await tab.do(ModerationState.answer(desk.appeals[0].id, True))
            await tab.do(ModerationState.send_answer({"answer": "We were wrong."}))
            assert bool(desk.appeals) is problem
    assert (await door(ben)).token


async def test_an_open_tab_of_who_is_suspended_is_nobodys(db):
    ben, _, case = await reported()
    async with Tab(app, ben) as tab:
        assert (await session.actor_of({"headers": tab.headers})).person_id == ben.person_id
        await decide(await staff(), working.suspend, case, RUDE, 7)
        session.forget(signals.Signal(f"auth:{tab.headers[SESSION_HEADER]}"))  # as the hub does
        assert (await session.actor_of({"headers": tab.headers})).person_id is None


async def test_the_link_of_a_warning_opens_its_words(db):
    limits.reset()
    _, _, case = await reported()
    await decide(await staff(), working.warn, Case("report", case.id), RUDE)
    async with Tab(app, VISITOR) as tab:
        await tab.visit(f"/appeal?token={await token_of(case)}", AppealState.load)
        page = await tab.state(AppealState)
        assert (page.kind, page.until, page.may_appeal) == ("warn", "", True)


async def test_that_staff_looked_at_what_somebody_has_coming_stands_in_the_trail(db):
    ben, olga = await make_user(name="Ben"), await staff()
    async with Tab(app, olga) as tab:
        await tab.visit(BASE, ModerationState.load)  # the first event of a tab may come twice
        await tab.visit(f"/staff/call-off/{ben.person_id}", CallOffState.load)
        state = await tab.state(CallOffState)
        assert (state.loaded, state.name) == (True, "Ben")
        await tab.visit("/staff/call-off/999999", CallOffState.load)
        assert state.missing
    async with transaction(Actor.system_job("audit.test")) as tx:
        found = await tx.db.execute(
            text("SELECT actor, subject_id FROM audit_entries WHERE verb = 'people.look'")
        )
        assert [tuple(row) for row in found] == [(olga.label, ben.person_id)]
