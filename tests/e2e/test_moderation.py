"""A message is reported and its writer warned, then suspended; an appeal lets them in again."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

from loom_app.kit.security import tokens
from tests.e2e.conftest import DEMO_PASSWORD, Person
from tests.e2e.test_message_features import bubble, menu

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

BEN, CLEO = "ben@loom.test", "cleo@loom.test"
RUDE = "Answer me or I know where you live"
QUOTE = "He told me: you are worth nothing"
AGAIN = "You had better answer me now"


def test_reported_warned_suspended_and_let_in_again(pair, person, server):
    ada, ben = pair
    sam = person()
    sam.sign_in("sam@loom.test")
    _say(ben, RUDE)
    _report(ada, RUDE)
    _decide(sam, RUDE, "Warn", "Please stop writing like this.")
    warning = ben.mail(BEN, "A warning from our team")
    assert "Please stop writing like this." in warning
    ada.mail("ada@loom.test", "We looked at what you reported")

    _hide_and_show(ada, ben, sam)

    _say(ben, AGAIN)
    _report(ada, AGAIN)
    sam.go("/staff/moderation")
    # the warning; what was taken back does not count
    expect(sam.page.get_by_text("1 decision against them").first).to_be_visible()
    _decide(sam, AGAIN, "Suspend", "You went on after a warning.")
    # an open tab is out, and signing in leads to why
    expect(ben.page).to_have_url(re.compile("/sign-in"), timeout=20_000)
    page: Page = ben.page
    _call_off(sam)
    _try_to_sign_in(ben)
    page.wait_for_url(re.compile("/appeal"))
    expect(page.get_by_text("You went on after a warning.")).to_be_visible()
    page.get_by_label("Why is it wrong?").fill("My account was used by somebody else.")
    page.get_by_role("button", name="Send appeal").click()
    expect(page.get_by_text("Your appeal is there.")).to_be_visible()

    cleo = person()
    _moderator(cleo, server)
    _take_back(cleo)
    assert "We believe you, and are sorry." in ben.mail(BEN, "Your appeal: we were wrong")
    _try_to_sign_in(ben)
    # to where they were: the tab that was out asks for it, as soon as something happens there
    page.wait_for_url(re.compile("/(sessions|messages)"))


def _hide_and_show(ada: Person, ben: Person, sam: Person) -> None:
    """Hidden by mistake, and read again in both open tabs as soon as that is taken back."""
    _say(ben, QUOTE)
    _report(ada, QUOTE)
    _decide(sam, QUOTE, "Hide message", "Please do not write this.")
    for one in (ada, ben):
        expect(bubble(one.page, QUOTE)).to_have_count(0, timeout=20_000)
    sam.page.get_by_role("button", name="Show it again").click()
    dialog = sam.page.get_by_role("alertdialog")
    dialog.get_by_label("Words").fill("It was a quote.")
    dialog.get_by_role("button", name="Show it again").click()
    for one in (ada, ben):
        expect(bubble(one.page, QUOTE)).to_be_visible(timeout=20_000)
    ben.mail(BEN, "We should not have hidden your message")


def _say(one: Person, words: str) -> None:
    one.page.get_by_label("Message", exact=True).fill(words)
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_text(words, exact=True).first).to_be_visible()


def _report(one: Person, words: str) -> None:
    expect(bubble(one.page, words)).to_be_visible()
    menu(one.page, words)
    one.page.get_by_role("button", name="Report", exact=True).last.click()
    dialog = one.page.get_by_role("dialog")
    dialog.get_by_label("What is wrong?").select_option("harassment")
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog).to_have_count(0)


def _decide(one: Person, message: str, what: str, words: str) -> None:
    one.go("/staff/moderation")
    case = one.page.get_by_role("listitem").filter(has_text=message)
    case.get_by_role("link").first.click()
    one.page.get_by_role("button", name=what, exact=True).click()
    dialog = one.page.get_by_role("alertdialog")
    dialog.get_by_label("Words").fill(words)
    dialog.get_by_role("button", name=what, exact=True).click()
    expect(one.page.get_by_text("Decided. Whoever is concerned has a mail.")).to_be_visible()


def _call_off(one: Person) -> None:
    """All that is booked, with what it gives back before, and the outcome while it happens."""
    page = one.page
    page.get_by_role("link", name="Their sessions to come").click()
    expect(page.get_by_role("heading", name=re.compile("^Sessions of Ben"))).to_be_visible()
    expect(page.get_by_text("As client: the policy of the booking holds").first).to_be_visible()
    total = page.get_by_text(re.compile(r"^\d+ sessions?, .+ goes back$")).first.inner_text()
    many = total.split()[0]
    page.get_by_role("button", name="Cancel all of them").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text(total)).to_be_visible()
    dialog.get_by_role("button", name="Cancel all of them").click()
    expect(dialog.get_by_text("Say why, for whoever reads it later.")).to_be_visible()
    dialog.get_by_label("Reason").fill("Suspended after a warning")
    dialog.get_by_role("button", name="Cancel all of them").click()
    done = page.get_by_text(f"{many} of {many} were cancelled by it.")
    expect(done).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Nothing is booked.")).to_be_visible()


def _take_back(one: Person) -> None:
    one.go("/staff/moderation?view=appeals")
    one.page.get_by_role("button", name=re.compile("^Take back")).click()
    one.page.get_by_label("Words to the person").fill("We believe you, and are sorry.")
    one.page.get_by_role("button", name="Send answer").click()
    expect(one.page.get_by_text("They have a mail with your words.")).to_be_visible()


def _try_to_sign_in(one: Person) -> None:
    one.go("/sign-in")
    one.page.get_by_label("Email").fill(BEN)
    one.page.get_by_label("Password").fill(DEMO_PASSWORD)
    one.page.get_by_role("button", name="Sign in").click()


def _moderator(one: Person, server) -> None:
    """Another owner, whose sign-in passed a second factor a moment ago."""
    token = secrets.token_urlsafe(32)
    engine = create_engine(server.database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO staff_members (role_id, user_id, since) SELECT r.id, c.user_id, now()"
                " FROM staff_roles r, credentials c WHERE r.owner AND c.email = :email"
            ),
            {"email": CLEO},
        )
        connection.execute(
            text(
                "INSERT INTO auth_sessions (user_id, token_hash, created_at, seen_at, idle_until,"
                " expires_at, proven_at, mfa) SELECT user_id, :hash, now(), now(),"
                " now() + interval '1 day', now() + interval '1 day', now(), true"
                " FROM credentials WHERE email = :email"
            ),
            {"hash": tokens.digest(token), "email": CLEO},
        )
    engine.dispose()
    one.context.add_cookies([{"name": "loom_session", "value": token, "url": one.url}])
