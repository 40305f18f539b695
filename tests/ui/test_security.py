"""The security page, and the question that comes up before money and security change."""

from dataclasses import replace

import pytest
from pyotp.totp import TOTP

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.notifications import bounces
from loom_app.integrations.mail.reports import Report
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import passwords
from loom_app.loom_app import app
from loom_app.ui import session
from loom_app.ui.auth.confirm_state import ConfirmState
from loom_app.ui.problems import StepUp, Toasts
from loom_app.ui.session import Viewer
from loom_app.ui.settings.mail_stopped import MailStoppedState
from loom_app.ui.settings.second_factor_state import SecondFactorState
from loom_app.ui.settings.security_state import SecurityState
from tests.factories.accounts import PASSWORD, make_user
from tests.ui.tab import Tab


async def test_the_list_shows_this_sign_in_and_ends_another(db):
    ben = await make_user()
    async with Tab(app, ben):
        pass
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        rows = (await tab.state(SecurityState)).sign_ins
        assert [row.here for row in rows].count(True) == 1
        there = next(row for row in rows if not row.here)
        await tab.do(SecurityState.end(there.id))
        assert [row.here for row in (await tab.state(SecurityState)).sign_ins] == [True]
        assert await session.person_of(there.id) is None


async def test_mail_that_came_back_is_said_and_lifted(db):
    ben = await make_user(email="ben@loom.test")
    async with transaction(bounces.DOOR) as tx:
        await bounces.record(tx, Report("bounced", "ben@loom.test"))
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", MailStoppedState.load)
        assert "our mail came back" in (await tab.state(MailStoppedState)).words
        async with transaction(bounces.DOOR) as tx:
            await bounces.record(tx, Report("complained", "ben@loom.test"))
        await tab.do(MailStoppedState.load)
        assert "marked as spam" in (await tab.state(MailStoppedState)).words
        for _ in range(2):
            await tab.do(MailStoppedState.works_again)
            assert (await tab.state(MailStoppedState)).words == ""
    async with transaction(bounces.DOOR) as tx:
        assert await bounces.stopped(tx, "ben@loom.test") is None


async def test_signing_out_all_others_keeps_this_one(db):
    ben = await make_user()
    for _ in range(2):
        async with Tab(app, ben):
            pass
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        await tab.do(SecurityState.end_others())
        assert [row.here for row in (await tab.state(SecurityState)).sign_ins] == [True]


async def test_a_refusal_for_want_of_a_proof_asks_for_it_and_is_lifted_by_it(db):
    ben = await make_user(password_hash=passwords.hash_now(PASSWORD))
    async with Tab(app, replace(ben, mfa=False, stepped_up_at=None)) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        state = await tab.state(SecurityState)
        async with session.acting(state) as (tx, me):
            accounts.require_step_up(tx, me)
        assert (await tab.state(StepUp)).asked
        await tab.do(ConfirmState.confirm({"secret": "wrong"}))
        assert (await tab.state(ConfirmState)).errors.get("secret")
        assert (await tab.state(StepUp)).asked
        await tab.do(ConfirmState.confirm({"secret": PASSWORD}))
        assert not (await tab.state(StepUp)).asked
        session._actors.clear()
        async with session.acting(state) as (tx, me):
            accounts.require_step_up(tx, me)
        assert not (await tab.state(StepUp)).asked


async def test_the_app_is_set_up_from_the_page_and_its_codes_are_shown_once(db):
    ben = await make_user()
    async with Tab(app, replace(ben, mfa=False)) as tab:
        await tab.visit("/settings/security", SecondFactorState.load)
        await tab.do(SecondFactorState.begin())
        state = await tab.state(SecondFactorState)
        assert state.picture.startswith("data:image/svg+xml")
        app_code = TOTP(state.secret.replace(" ", ""))
        await tab.do(SecondFactorState.confirm({"code": "000000"}))
        assert (await tab.state(SecondFactorState)).errors.get("code")
        await tab.do(SecondFactorState.confirm({"code": app_code.now()}))
        state = await tab.state(SecondFactorState)
        assert (len(state.codes), state.codes_left, state.secret, state.picture) == (10, 10, "", "")
        assert state.codes[0] in state.codes_text
        assert state.codes[0] in state.codes_file
        await tab.visit("/settings/security", SecondFactorState.load)
        state = await tab.state(SecondFactorState)
        assert (state.codes, state.codes_text, state.codes_file) == ([], "", "")
        assert state.since


async def test_new_codes_another_app_and_switching_off(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/settings/security", SecondFactorState.load)
        await tab.do(SecondFactorState.begin())
        secret = (await tab.state(SecondFactorState)).secret.replace(" ", "")
        await tab.do(SecondFactorState.confirm({"code": TOTP(secret).now()}))
        first = list((await tab.state(SecondFactorState)).codes)
        await tab.do(SecondFactorState.new_codes())
        assert not set(first) & set((await tab.state(SecondFactorState)).codes)
        await tab.do(SecondFactorState.begin())
        await tab.do(SecondFactorState.cancel())
        assert (await tab.state(SecondFactorState)).picture == ""
        session._actors.clear()
        await tab.do(SecondFactorState.remove())
        state = await tab.state(SecondFactorState)
        assert (state.since, state.codes_left) == ("", 0)


async def test_staff_are_told_that_it_comes_first(db):
    sam = await make_user(email="sam@loom.test")
    async with transaction(Actor.system_job("accounts.appoint")) as tx:
        await accounts.appoint(tx, "sam@loom.test", staff=True)
    async with Tab(app, replace(sam, mfa=False)) as tab:
        await tab.visit("/settings/security", SecondFactorState.load)
        assert (await tab.state(SecondFactorState)).wanted
        await tab.do(Viewer.arrive())
        viewer = await tab.state(Viewer)
        assert (viewer.powers, viewer.lacks_factor) == ([], True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("problem=current", "current"),
        ("problem=wait&seconds=7", "current"),
        ("problem=wait&seconds=x", "current"),
        ("problem=weak", "password"),
    ],
)
async def test_what_the_password_form_was_refused_for_stands_beside_its_field(db, query, field):
    async with Tab(app, await make_user()) as tab:
        await tab.visit(f"/settings/security?{query}", SecurityState.load)
        assert list((await tab.state(SecurityState)).errors) == [field]


async def test_a_changed_password_is_confirmed(db):
    async with Tab(app, await make_user()) as tab:
        await tab.visit("/settings/security?done=password", SecurityState.load)
        assert "changed" in (await tab.state(Toasts)).items[0].text


async def test_a_new_address_is_asked_for_and_named(db):
    async with Tab(app, await make_user(email="ben@loom.test")) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        assert (await tab.state(SecurityState)).email == "ben@loom.test"
        await tab.do(SecurityState.ask_address({"email": "no address"}))
        assert (await tab.state(SecurityState)).errors.get("email")
        await tab.do(SecurityState.ask_address({"email": "new@loom.test"}))
        assert (await tab.state(SecurityState)).asked == "new@loom.test"


async def test_the_page_of_the_proof_knows_what_to_ask_for_and_where_it_leads(db):
    ben = await make_user()
    async with Tab(app, ben) as tab:
        await tab.visit("/confirm-it-is-you?next=/files/x&problem=wrong", ConfirmState.load)
        state = await tab.state(ConfirmState)
        assert (state.by, state.next_path, bool(state.problem)) == ("code", "/files/x", True)
    async with Tab(app, replace(ben, mfa=False)) as tab:
        await tab.visit("/confirm-it-is-you?next=//evil.example", ConfirmState.load)
        state = await tab.state(ConfirmState)
        assert (state.by, state.next_path) == ("password", "/settings/security")
        await tab.visit("/confirm-it-is-you?problem=wait&seconds=x", ConfirmState.load)
        assert "1 seconds" in (await tab.state(ConfirmState)).problem


async def test_who_has_neither_password_nor_app_proves_it_at_the_provider(db):
    ben = await make_user(password_hash="")
    async with Tab(app, replace(ben, mfa=False, stepped_up_at=None)) as tab:
        await tab.visit("/settings/security", SecurityState.load)
        await tab.do(SecurityState.ask_address({"email": "new@loom.test"}))
        asked = await tab.state(StepUp)
        assert (asked.asked, asked.by) == (True, "provider")
        assert asked.href == "/confirm-it-is-you?next=/settings/security"
        await tab.do(StepUp.dismiss(False))
        assert not (await tab.state(StepUp)).asked
