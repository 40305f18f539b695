"""The page of the audit trail."""

import pytest
from sqlalchemy import text

from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit, chain
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.staff.audit_state import AuditState
from tests.factories.accounts import make_user
from tests.ui.tab import Tab


@pytest.fixture(autouse=True)
def own_head(db, folder, monkeypatch):
    monkeypatch.setattr(chain, "_head_file", lambda: folder / "audit" / "head")


async def test_staff_search_read_and_look_at_what_is_odd(db):
    sam = await make_user(name="Sam", roles=["staff"])
    ben = await make_user(name="Ben")
    for number in range(60):
        async with transaction(ben) as tx:
            await audit(tx, "session.move", "session", number, before={"a": 1}, after={"b": "x"})
    async with transaction(Actor(visitor="v", network="10.1.1.1")) as tx:
        for _ in range(10):
            await audit(tx, "account.sign_in_failed", "user", ben.person_id or 0)
    await chain.seal()
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/audit?verb=session", AuditState.load)
        state = await tab.state(AuditState)
        assert (len(state.rows), state.more) == (50, True)
        row = state.rows[0]
        assert (row.verb, row.who) == ("session.move", f"person:{ben.person_id} (Ben)")
        told = [(one.name, one.before, one.after) for one in row.differences]
        assert told == [("a", "1", ""), ("b", "", "x")]
        await tab.do(AuditState.load_more())
        assert (len(state.rows), state.more) == (60, False)
        assert "71 entries are sealed" in state.chain
        assert state.csv_href == "/staff/audit/export.csv?verb=session"
        (flag,) = state.flags
        assert flag.about == "Ben, 10.1.1.1, 10 times"
        await tab.do(AuditState.see(flag.id))
        assert state.flags == []
        await tab.do(AuditState.ask({"actor": "ben@x", "verb": "", "subject": "", "address": ""}))
        assert tab.redirected_to() == "/staff/audit?actor=ben%40x"
        await tab.do(AuditState.begin_at("2026-01-01"))
        assert tab.redirected_to() == "/staff/audit?verb=session&from=2026-01-01"
        await tab.do(AuditState.end_at("2026-01-02"))
        await tab.do(AuditState.clear())
        assert tab.redirected_to() == "/staff/audit"


async def test_the_seals_are_checked_on_the_page(db):
    sam = await make_user(name="Sam", roles=["staff"])
    await chain.seal()
    async with Tab(app, sam) as tab:
        await tab.visit("/staff/audit", AuditState.load)
        state = await tab.state(AuditState)
        await tab.do(AuditState.check())
        assert (state.verdict[:16], state.broken) == ("The chain holds:", False)
        owner = owner_engine(db)
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE audit_entries DISABLE TRIGGER USER"))
            connection.execute(text("UPDATE audit_entries SET actor = 'person:0'"))
            connection.execute(text("ALTER TABLE audit_entries ENABLE TRIGGER USER"))
        owner.dispose()
        await tab.do(AuditState.check())
        assert state.broken
        assert "is not what was sealed" in state.verdict


async def test_others_are_led_away(db):
    ada = await make_user(name="Ada", roles=["coach"])
    async with Tab(app, ada) as tab:
        await tab.visit("/staff/audit", AuditState.load)
        state = await tab.state(AuditState)
        assert not state.loaded
        await tab.do(AuditState.load_more())
        await tab.do(AuditState.see(1))
        await tab.do(AuditState.check())
        assert (state.rows, state.flags, state.verdict) == ([], [], "")
