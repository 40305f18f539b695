"""The audit trail as a file: for who may, after a proof, and itself in the trail."""

import csv
import io
import json

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions as accounts
from loom_app.kit.actor import Actor
from loom_app.kit.audit import audit
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits
from tests.factories.accounts import make_user

CSV = "/staff/audit/export.csv?verb=thing"


async def sign_in(browser, person: Actor, *, proven: bool = True) -> None:
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        session = await accounts.begin_session(
            tx, visitor, person.require_person(), accounts.Device(), remember=True
        )
    browser.cookies.set("loom_session", session.token)
    async with transaction(Actor.system_job("accounts.session")) as tx:
        proof = "now()" if proven else "NULL"
        await tx.db.execute(text(f"UPDATE auth_sessions SET mfa = true, proven_at = {proof}"))


@pytest.fixture
async def sam(db) -> Actor:
    ben = await make_user(name="=cmd|' /C calc'!A0")
    async with transaction(ben) as tx:
        await audit(tx, "thing.change", "thing", 1, after={"word": "ä"}, reason="=1+1")
        await audit(tx, "other.change", "thing", 2)
    return await make_user(name="Sam", roles=["staff"])


async def test_it_leaves_as_a_table_that_runs_nothing(browser, sam):
    await sign_in(browser, sam)
    answer = await browser.get(CSV)
    assert 'filename="loom-audit.csv"' in answer.headers["content-disposition"]
    (line,) = csv.DictReader(io.StringIO(answer.text))
    assert (line["verb"], line["after"], line["reason"]) == (
        "thing.change",
        '{"word": "ä"}',
        "'=1+1",
    )
    assert line["actor_name"].startswith("'=cmd")
    async with transaction(Actor.system_job("audit.test")) as tx:
        row = (
            await tx.db.execute(
                text("SELECT actor, address, after FROM audit_entries WHERE verb = 'audit.export'")
            )
        ).one()
    assert tuple(row) == (sam.label, "203.0.113.7", {"verb": "thing", "as": "csv"})


async def test_it_leaves_as_lines_of_json(browser, sam):
    await sign_in(browser, sam)
    answer = await browser.get("/staff/audit/export.jsonl?verb=thing&actor=x@y.z")
    assert answer.text == ""
    answer = await browser.get("/staff/audit/export.jsonl?verb=thing")
    (line,) = map(json.loads, answer.text.splitlines())
    assert (line["verb"], line["after"], line["number"]) == ("thing.change", {"word": "ä"}, 0)


async def test_a_proof_that_is_old_is_asked_for_anew(browser, sam):
    await sign_in(browser, sam, proven=False)
    answer = await browser.get(CSV)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/confirm-it-is-you?next=%2Fstaff%2Faudit")
    assert "verb%3Dthing" in answer.headers["location"]


async def test_for_everybody_else_it_is_not_there(browser, sam):
    assert (await browser.get(CSV)).status_code == 404
    await sign_in(browser, await make_user(name="Ada", roles=["coach"]))
    assert (await browser.get(CSV)).status_code == 404
    await sign_in(browser, sam)
    assert (await browser.get("/staff/audit/export.pdf")).status_code == 404
    while limits.allow("save", sam.label):
        pass
    assert (await browser.get(CSV)).status_code == 429


async def test_signing_in_and_out_and_failing_to_is_in_the_trail_with_from_where(browser, db):
    secret = await accounts.prepare_password("seven purple lanterns drift")
    ben = await make_user(name="Ben", email="ben@loom.test", password_hash=secret)
    for password in ("wrong", "seven purple lanterns drift"):
        form = {"email": "ben@loom.test", "password": password}
        await browser.post("/auth/sign-in", data=form, headers={"user-agent": "Tester"})
    await browser.post("/auth/sign-out", headers={"user-agent": "Tester"})
    async with transaction(Actor.system_job("audit.test")) as tx:
        rows = await tx.db.execute(
            text("SELECT verb, subject_id, address, agent FROM audit_entries ORDER BY id")
        )
        told = [tuple(row) for row in rows]
    assert told == [
        (f"account.{verb}", ben.person_id, "203.0.113.7", "Tester")
        for verb in ("sign_in_failed", "sign_in", "sign_out")
    ]
