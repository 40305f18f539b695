"""A forgotten password, a second factor, and a device that is signed out from another."""

import re
import secrets
from html import unescape

import pytest
from playwright.sync_api import expect
from pyotp.totp import TOTP
from sqlalchemy import create_engine, text

from loom_app.kit import clock
from loom_app.kit.security import tokens

pytestmark = pytest.mark.e2e

CLEO = "cleo@loom.test"
NEW = "eleven copper whales hum"


def test_from_a_forgotten_password_to_a_second_factor(person):
    cleo = person()
    page = cleo.page
    _forget(cleo)
    _choose(cleo)

    cleo.sign_in(CLEO, NEW)
    app, used, recovery = _set_up(cleo)
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
    _enter(page, cleo, app.generate_otp(used))  # each counts once
    expect(page.get_by_text("This code is not right")).to_be_visible()
    page.get_by_label("Code").fill(recovery)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(re.compile("/sessions"))
    cleo.mail(CLEO, "A recovery code was used")


def _forget(cleo) -> None:
    cleo.go("/sign-in")
    cleo.page.get_by_role("link", name="Forgot your password?").click()
    expect(cleo.page.get_by_role("heading", name="Forgot your password?")).to_be_visible()
    cleo.page.get_by_label("Email").fill(CLEO)
    cleo.page.get_by_role("button", name="Send me a link").click()
    expect(cleo.page.get_by_text("If this address has an account")).to_be_visible()


def _choose(cleo) -> None:
    """The mailed link, and a new password behind it."""
    link = re.search(r"/reset\?token=[\w.-]+", unescape(cleo.mail(CLEO, "Choose a new password")))
    assert link
    cleo.go(link.group())
    page = cleo.page
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_text("Use at least 12 characters")).to_be_visible()
    page.get_by_label("New password").fill(NEW)
    expect(page.get_by_text("Very good")).to_be_visible()
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_text("Your password is changed. Sign in with it.")).to_be_visible()
    cleo.mail(CLEO, "Your password was changed")


def _set_up(cleo) -> tuple[TOTP, int, str]:
    """The app, the half minute whose code was used, and a recovery code."""
    page = cleo.page
    cleo.go("/settings/security")
    page.get_by_role("button", name="Set it up").click()
    key = page.get_by_text("Or type this key").locator("code").inner_text()
    app = TOTP(key.replace(" ", ""))
    used = app.timecode(clock.now())
    page.get_by_label("Code", exact=True).fill(app.generate_otp(used))
    page.get_by_role("button", name="Switch it on").click()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    recovery = codes.first.inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert recovery in download.value.path().read_text()
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
    return app, used, recovery


def _enter(page, cleo, code: str) -> None:
    cleo.go("/sign-in")
    page.get_by_label("Email").fill(CLEO)
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Code").fill(code)
    page.get_by_role("button", name="Sign in").click()


def test_a_device_is_signed_out_from_another_and_loses_its_open_page(person):
    home, cafe = person(), person()
    for one in (home, cafe):
        one.sign_in("ben@loom.test")
        one.email = ""  # the cookie of one must not become the other's
    cafe.go("/settings/security")
    expect(cafe.page.get_by_text("Where you are signed in")).to_be_visible()
    home.go("/settings/security")
    expect(home.page.get_by_role("button", name=re.compile("^Sign out .+Linux"))).to_be_visible()
    home.page.get_by_role("button", name="Sign out all others").click()
    expect(home.page.get_by_text("1 device is signed out.")).to_be_visible()
    # by itself, without a click there
    expect(cafe.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_change_of_the_address_asks_who_is_there(person, server):
    ben = person()
    _old_sign_in(ben, server, "ben@loom.test")
    ben.go("/settings/security")
    ben.page.get_by_label("New email address").fill("ben.okafor@loom.test")
    ben.page.get_by_role("button", name="Send a link there").click()
    dialog = ben.page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Your password").fill("loom-demo-please")
    dialog.get_by_role("button", name="Confirm").click()
    expect(dialog).to_be_hidden()
    ben.page.get_by_role("button", name="Send a link there").click()
    expect(
        ben.page.get_by_text("Open the link in the mail to ben.okafor@loom.test")
    ).to_be_visible()


def _old_sign_in(one, server, email: str) -> None:
    """A browser that signed in some time ago and has proven nothing since."""
    token = secrets.token_urlsafe(32)
    engine = create_engine(server.database)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO auth_sessions"
                " (user_id, token_hash, created_at, seen_at, idle_until, expires_at)"
                " SELECT user_id, :hash, now(), now(), now() + interval '1 day',"
                " now() + interval '1 day' FROM credentials WHERE email = :email"
            ),
            {"hash": tokens.digest(token), "email": email},
        )
    engine.dispose()
    one.context.add_cookies([{"name": "loom_session", "value": token, "url": one.url}])
