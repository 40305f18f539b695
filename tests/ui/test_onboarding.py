"""The pages of a coach's path and of the staff who decide on it."""

from loom_app.domains.coaches import onboarding
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.offerings.profile_state import CoachProfileState
from loom_app.ui.onboarding.proofs_state import ProofsState
from loom_app.ui.onboarding.state import OnboardingState
from loom_app.ui.problems import Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.staff.coaches_state import CoachQueueState, CoachSheetState
from tests.domains.coaches.test_standing import newcomer, prove, send_back, submit
from tests.factories.accounts import make_user
from tests.ui.tab import Tab

PROOF = {"kind": "identity", "title": "Passport", "issuer": "", "year": ""}


async def test_the_path_says_where_one_stands_and_leads_on(db):
    nora = await newcomer()
    async with Tab(app, nora) as tab:
        await tab.visit("/become-a-coach", OnboardingState.load)
        state = await tab.state(OnboardingState)
        assert (state.standing.kind, state.done) == ("new", 5)
        assert state.following == "/become-a-coach/proofs"
        await tab.do(OnboardingState.put_off("credentials", True))
        assert state.following == "/earnings/account"
        await tab.do(OnboardingState.submit())
        assert "a document that shows who you are" in state.problem
        await prove(nora)
        await tab.do(OnboardingState.submit())
        assert (state.standing.kind, state.problem) == ("waiting", "")
        assert [row.title for row in state.history] == ["Submitted"]
        await send_back(
            await make_user(name="Olga", roles=["staff"]), nora, "The scan cannot be read."
        )
        await tab.visit("/become-a-coach", OnboardingState.load)
        assert (state.standing.kind, state.standing.reason) == (
            "changes",
            "The scan cannot be read.",
        )
        await tab.visit("/profile", CoachProfileState.load)
        assert not (await tab.state(CoachProfileState)).verified
        await tab.do(Viewer.arrive())
        assert (await tab.state(Viewer)).standing == "changes"


async def test_a_client_begins_and_goes_on_as_a_coach(db):
    ben = await make_user(name="Ben Okafor")
    async with Tab(app, ben) as tab:
        await tab.visit("/become-a-coach", OnboardingState.load)
        assert not (await tab.state(OnboardingState)).coach
        await tab.visit("/become-a-coach/proofs", ProofsState.load)
        assert not (await tab.state(ProofsState)).loaded
        await tab.do(OnboardingState.begin())
    async with Tab(app, ben) as tab:
        await tab.visit("/become-a-coach", OnboardingState.load)
        state = await tab.state(OnboardingState)
        assert (state.coach, state.done) == (True, 0)


async def test_a_proof_is_named_gets_its_document_and_can_go(db):
    nora = await newcomer()
    async with Tab(app, nora) as tab:
        await tab.visit("/become-a-coach/proofs", ProofsState.load)
        state = await tab.state(ProofsState)
        await tab.do(ProofsState.add(True))
        await tab.do(ProofsState.save({**PROOF, "title": ""}))
        assert (set(state.errors), state.adding) == ({"title"}, True)
        await tab.do(ProofsState.save({**PROOF, "year": "soon"}))
        assert set(state.errors) == {"year"}
        await tab.do(ProofsState.save(PROOF))
        (row,) = state.rows
        assert (row.lacks, state.adding, state.bringing) == (True, False, row.id)
        assert state.url.endswith(f"/files/credentials/{row.id}")
        await tab.do(ProofsState.brought("", "Bring a PDF."))
        assert (state.problem, state.bringing) == ("Bring a PDF.", row.id)
        async with transaction(nora) as tx:
            document = onboarding.Document("k" * 22, "p.pdf", "application/pdf", 10)
            await onboarding.keep_document(tx, nora, row.id, document)
        await tab.do(ProofsState.brought(state.url, ""))
        assert (state.bringing, state.rows[0].file) == (0, "p.pdf")
        await tab.do(ProofsState.ask_drop(row.id))
        await tab.do(ProofsState.drop())
        assert state.rows == []


async def test_staff_sees_the_queue_and_decides(db):
    nora, olga = await newcomer(), await make_user(name="Olga", roles=["staff"])
    ben = await make_user(name="Ben Okafor")
    await prove(nora)
    await submit(nora)
    async with Tab(app, ben) as tab:
        await tab.visit("/staff/coaches", CoachQueueState.load)
        assert not (await tab.state(CoachQueueState)).loaded
    async with Tab(app, olga) as tab:
        await tab.visit("/staff/coaches", CoachQueueState.load)
        (row,) = (await tab.state(CoachQueueState)).rows
        assert (row.name, row.kind) == ("Nora Bell", "New")
        await tab.visit(row.href, CoachSheetState.load)
        state = await tab.state(CoachSheetState)
        assert [one.name for one in state.checks if one.lacks] == []
        await tab.do(CoachSheetState.approve())
        assert set(state.errors) == {"checks"}
        await tab.do(CoachSheetState.turn(True))
        await tab.do(CoachSheetState.send_back({"reason": ""}))
        assert (set(state.errors), state.asking) == ({"reason"}, True)
        await tab.do(CoachSheetState.turn(False))
        for one in list(state.checks):
            await tab.do(CoachSheetState.tick(one.name, True))
        await tab.do(CoachSheetState.approve())
        assert not state.coach.waits
        assert state.coach.stands.startswith("Verified since")
        await tab.do(CoachSheetState.approve())
        assert "decided" in (await tab.state(Toasts)).items[-1].text
        await tab.visit("/staff/coaches/999999", CoachSheetState.load)
        assert state.missing
