"""A role that changes under somebody's open page, the trail of it; one's own data, and leaving."""

import json
import re
import secrets
import zipfile

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from loom_app.kit.security import tokens

pytestmark = pytest.mark.e2e

SAM, CLEO, PETRA = "sam@loom.test", "cleo@loom.test", "petra@loom.test"


def test_a_role_holds_at_once_in_anothers_page_and_the_trail_says_so(person, server):
    sam, cleo = person(), person()
    sam.sign_in(SAM)
    _signed_in(cleo, server, CLEO)
    cleo.go("/staff/audit")
    cleo.page.wait_for_url(re.compile("/sessions"))  # led away; that it is for staff is a moment

    sam.go("/staff/roles")
    support = sam.page.get_by_role("listitem").filter(has=sam.page.get_by_text("Support"))
    support.get_by_label("Email").fill(CLEO)
    support.get_by_role("button", name="Appoint").click()
    expect(support.get_by_text(CLEO)).to_be_visible()
    _allow(sam, "Read the audit trail")
    _sees(cleo, "Audit trail", True)
    cleo.go("/staff/audit")
    expect(cleo.page.get_by_role("button", name="Check the seals")).to_be_visible()
    _allow(sam, "Read the audit trail")
    expect(cleo.page.get_by_text("This is for staff")).to_be_visible()
    expect(cleo.page.get_by_text("role.change")).to_have_count(0)
    _sees(cleo, "Audit trail", False)

    sam.go("/staff/audit?verb=role.change")
    row = sam.page.get_by_text("role.change").first
    row.click()
    expect(sam.page.get_by_text("audit.read").first).to_be_visible()
    sam.page.get_by_role("button", name="Check the seals").click()
    expect(sam.page.get_by_text("The chain holds")).to_be_visible()


def _signed_in(one, server, email: str) -> None:
    """A browser whose sign-in passed a second factor a moment ago."""
    token = secrets.token_urlsafe(32)
    _write(
        server,
        "INSERT INTO auth_sessions (user_id, token_hash, created_at, seen_at, idle_until,"
        " expires_at, proven_at, mfa) SELECT user_id, :hash, now(), now(),"
        " now() + interval '1 day', now() + interval '1 day', now(), true"
        " FROM credentials WHERE email = :email",
        hash=tokens.digest(token),
        email=email,
    )
    one.context.add_cookies([{"name": "loom_session", "value": token, "url": one.url}])


def _write(server, statement: str, **values: str) -> None:
    engine = create_engine(server.database)
    with engine.begin() as connection:
        connection.execute(text(statement), values)
    engine.dispose()


def _allow(sam, what: str) -> None:
    """Tick or untick it in the role of the desk."""
    sam.page.get_by_role("button", name="Edit Support").click()
    dialog = sam.page.get_by_role("dialog")
    dialog.get_by_text(what, exact=True).click()
    dialog.get_by_role("button", name="Save role").click()
    expect(dialog).to_be_hidden()


def _sees(one, words: str, shown: bool) -> None:
    one.page.get_by_role("button", name="Your account").click()
    link = one.page.get_by_role("link", name=words).or_(
        one.page.get_by_role("menuitem", name=words)
    )
    expect(link).to_have_count(1 if shown else 0)
    one.page.keyboard.press("Escape")


def test_a_client_takes_all_their_data(person):
    lena = person()
    lena.sign_in("lena@loom.test")
    lena.go("/settings/data")
    page = lena.page
    page.get_by_role("button", name="Make my file").click()
    expect(page.get_by_text("Your file is ready.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Download")).click()
    with zipfile.ZipFile(download.value.path()) as archive:
        (user,) = json.loads(archive.read("data/users.json"))
        assert user["name"] == "Lena Fischer"
        assert b"Lena Fischer" in archive.read("tables/users.csv")
        assert archive.testzip() is None
    lena.mail("lena@loom.test", "Your data")

    expect(page.get_by_text("First, please settle this:")).to_be_visible()


def test_who_asks_to_leave_can_think_better_of_it(person, server):
    petra = person()
    _somebody_new(server)
    _signed_in(petra, server, PETRA)
    petra.go("/settings/data")
    page = petra.page
    page.get_by_role("button", name="Delete my account").click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_label("The email of your account").fill(PETRA)
    dialog.get_by_role("button", name="Delete in 14 days").click()
    expect(page.get_by_role("heading", name="Your account ends")).to_be_visible()
    petra.mail(PETRA, "Your account will be deleted")
    page.get_by_role("button", name="Keep my account").click()
    expect(page.get_by_role("button", name="Delete my account")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Kept the account after all")).to_be_visible()


def _somebody_new(server) -> None:
    """With nothing booked or owed."""
    _write(
        server,
        "WITH u AS (INSERT INTO users (name, zone, roles, verified_at)"
        " VALUES ('Petra Novak', 'Europe/Prague', '{client}', now()) RETURNING id)"
        " INSERT INTO credentials (user_id, email, email_key, password_hash)"
        " SELECT id, :email, :email, 'none' FROM u",
        email=PETRA,
    )
