"""Signing in by a real provider: npm `oidc-provider`, certified, on this machine."""

import asyncio
import socket
from dataclasses import replace
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from sqlalchemy import text

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.errors import LastWay
from loom_app.http import cookies
from loom_app.integrations.oauth import client as oauth
from loom_app.kit import clock
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.security import passwords
from loom_app.kit.settings import settings
from tests.domains.accounts.people import code, with_app
from tests.factories.accounts import PASSWORD, make_user
from tests.http.conftest import ORIGIN
from tests.integrations.oauth import provider

READER = Actor.system_job("accounts.test")
BACK = f"{ORIGIN}/auth/with/oidc/back"


@pytest.fixture(scope="module")
def running():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with provider.elsewhere(port, BACK) as made:
        yield made


@pytest.fixture
def there(running, monkeypatch):
    monkeypatch.setenv("LOOM_OIDC_ISSUER", running.issuer)
    monkeypatch.setenv("LOOM_OIDC_CLIENT_ID", provider.CLIENT)
    monkeypatch.setenv("LOOM_OIDC_CLIENT_SECRET", provider.SECRET)
    monkeypatch.setenv("LOOM_OIDC_NAME", "Works")
    settings.cache_clear()
    oauth.connect_through(None)
    running.clock(0)
    yield running
    monkeypatch.undo()
    settings.cache_clear()
    oauth.connect_through(None)


@pytest.fixture
async def browser(browser):
    """One that has been here before: with a visitor's cookie."""
    browser.cookies.set(cookies.visitor_name(), "visitor-of-the-test-0123456789")
    return browser


async def one(statement, **values):
    async with transaction(READER) as tx:
        return await tx.db.scalar(text(statement), values)


async def set_out(browser, **query) -> str:
    answer = await browser.get("/auth/with/oidc", params=query)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


async def come_back(browser, answer):
    found = await browser.get("/auth/with/oidc/back", params=answer)
    assert found.status_code == 303
    return found.headers["location"]


async def through(browser, there, who, **query):
    """All the way; where one ends up."""
    url = await set_out(browser, **query)
    return await come_back(browser, await asyncio.to_thread(there.sign_in, url, who))


def visit_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["visit"][0]


async def joined(browser, there, who="nina+nina@works.test"):
    """An account that was made by this way in; its person."""
    location = await through(browser, there, who, next="/messages")
    form = {"visit": visit_of(location), "name": "Nina S", "role": "coach", "zone": "Asia/Tokyo"}
    answer = await browser.post("/auth/welcome", data=form)
    assert answer.headers["location"] == "/messages"
    return await me_in(browser)


async def me_in(browser) -> Actor:
    async with transaction(Actor.system_job("accounts.session")) as tx:
        found = await queries.signed_in(tx, browser.cookies[cookies.session_name()])
    assert found is not None
    return found


async def test_a_newcomer_makes_an_account_and_is_known_the_next_time(browser, there):
    me = await joined(browser, there)
    assert (me.name, me.zone, me.roles, me.verified) == (
        "Nina S",
        "Asia/Tokyo",
        frozenset({"coach"}),
        True,
    )
    await browser.post("/auth/sign-out")
    assert await through(browser, there, "nina+other@works.test") == "/sessions"
    assert (await me_in(browser)).person_id == me.person_id
    assert await one("SELECT count(*) FROM users") == 1
    assert await one("SELECT email FROM external_identities") == "other@works.test"


async def test_no_password_opens_an_account_that_has_none(browser, there):
    await joined(browser, there)
    for word in ("", "the password of nobody"):
        form = {"email": "nina@works.test", "password": word}
        answer = await browser.post("/auth/sign-in", data=form)
        assert answer.headers["location"] == "/sign-in?problem=wrong"


async def test_what_is_missing_at_the_welcome_is_said_and_nothing_is_made(browser, there):
    location = await through(browser, there, "nina+nina@works.test")
    visit = visit_of(location)
    for wrong in ({"name": " "}, {"role": "owner"}, {"zone": "Moon/Crater"}):
        form = {"visit": visit, "name": "Nina", "role": "client", "zone": "UTC", **wrong}
        answer = await browser.post("/auth/welcome", data=form)
        (field,) = wrong
        assert (
            answer.headers["location"]
            == f"/welcome?{urlencode({'visit': visit, 'problem': field})}"
        )
    assert await one("SELECT count(*) FROM users") == 0


async def test_the_request_has_pkce_state_and_nonce(browser, there):
    query = dict(parse_qsl(urlsplit(await set_out(browser)).query))
    assert query["code_challenge_method"] == "S256"
    assert query["redirect_uri"] == BACK
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert await one("SELECT state_hash FROM oauth_visits") != query["state"]


async def test_an_account_with_that_address_is_not_linked_by_it_alone(browser, there):
    ben = await make_user(email="Ben@works.test", password_hash=passwords.hash_now(PASSWORD))
    location = await through(browser, there, "b1+ben@works.test", next="/book/ada/review")
    assert location.startswith("/connect?visit=")
    assert cookies.session_name() not in browser.cookies
    form = {"visit": visit_of(location), "name": "Mallory", "role": "client", "zone": "UTC"}
    answer = await browser.post("/auth/welcome", data=form)
    assert answer.headers["location"] == "/sign-in?problem=way-lost"
    assert await one("SELECT count(*) FROM external_identities") == 0
    # the account agrees by signing in
    await browser.post("/auth/sign-in", data={"email": "ben@works.test", "password": PASSWORD})
    me = await here(browser)
    async with transaction(me) as tx:
        assert (await queries.waiting_visit(tx, me, visit_of(location))).mine
        assert await actions.connect(tx, me, visit_of(location)) == "/book/ada/review"
    await browser.post("/auth/sign-out")
    assert await through(browser, there, "b1+ben@works.test") == "/sessions"
    assert (await me_in(browser)).person_id == ben.person_id


async def here(browser) -> Actor:
    """The signed-in person with their browser."""
    visitor = cookies.visitor_digest(browser.cookies[cookies.visitor_name()])
    return replace(await me_in(browser), visitor=visitor)


async def test_somebody_else_cannot_take_what_waits_for_an_account(browser, there):
    await make_user(email="ben@works.test")
    await make_user(email="cleo@works.test", password_hash=passwords.hash_now(PASSWORD))
    visit = visit_of(await through(browser, there, "b1+ben@works.test"))
    await browser.post("/auth/sign-in", data={"email": "cleo@works.test", "password": PASSWORD})
    me = await here(browser)
    async with transaction(me) as tx:
        assert not (await queries.waiting_visit(tx, me, visit)).mine
        with pytest.raises(NotFound):
            await actions.connect(tx, me, visit)


async def asked_by_mail(browser, there, who="b1+ben@works.test") -> str:
    visit = visit_of(await through(browser, there, who))
    visitor = Actor(visitor=cookies.visitor_digest(browser.cookies[cookies.visitor_name()]))
    for _ in range(2):
        async with transaction(visitor) as tx:
            await actions.mail_connection(tx, visitor, visit)
    async with transaction(Actor.system_job("notifications.test")) as tx:
        mails = (
            await tx.db.scalars(text("SELECT event FROM deliveries WHERE channel = 'mail'"))
        ).all()
    assert mails.count("account.connect") == 1
    return queries.connection_token(await one("SELECT max(id) FROM oauth_visits"))


async def test_a_mailed_link_agrees_in_the_browser_that_asked_and_once(browser, there):
    ben = await make_user(email="ben@works.test")
    token = await asked_by_mail(browser, there)
    mine = browser.cookies[cookies.visitor_name()]
    browser.cookies.set(cookies.visitor_name(), "another-browser-0123456789")
    answer = await browser.post("/auth/connect", data={"mail": token})
    assert answer.headers["location"] == "/sign-in?problem=way-lost"
    browser.cookies.set(cookies.visitor_name(), mine)
    assert (await browser.get("/auth/connect", params={"mail": token})).status_code == 405
    answer = await browser.post("/auth/connect", data={"mail": token})
    assert answer.headers["location"] == "/sessions"
    assert (await me_in(browser)).person_id == ben.person_id
    answer = await browser.post("/auth/connect", data={"mail": token})
    assert answer.headers["location"] == "/sign-in?problem=way-lost"


async def test_who_reads_the_mail_owns_an_account_that_was_never_confirmed(browser, there):
    """Somebody may have signed up with a stranger's address, and wait for them to come."""
    await make_user(
        email="ben@works.test", verified=False, password_hash=passwords.hash_now(PASSWORD)
    )
    token = await asked_by_mail(browser, there)
    await browser.post("/auth/connect", data={"mail": token})
    assert (await me_in(browser)).verified
    assert await one("SELECT password_hash FROM credentials") == ""


async def test_an_address_that_was_not_checked_there_is_refused(browser, there):
    await make_user(email="ben@works.test")
    location = await through(browser, there, "b1-unchecked+ben@works.test")
    assert location == "/sign-in?problem=way-unchecked"
    assert await one("SELECT issuer FROM oauth_visits") is None


async def test_a_denial_comes_back_in_words(browser, there):
    answer = await asyncio.to_thread(there.deny, await set_out(browser))
    assert await come_back(browser, answer) == "/sign-in?problem=way-denied"


async def test_an_answer_counts_once_and_in_its_own_browser(browser, there):
    url = await set_out(browser)
    answer = await asyncio.to_thread(there.sign_in, url, "nina+nina@works.test")
    mine = browser.cookies[cookies.visitor_name()]
    browser.cookies.set(cookies.visitor_name(), "another-browser-0123456789")
    assert await come_back(browser, answer) == "/sign-in?problem=way-lost"
    browser.cookies.set(cookies.visitor_name(), mine)
    assert (await come_back(browser, answer)).startswith("/welcome?")
    assert await come_back(browser, answer) == "/sign-in?problem=way-lost"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "made-up"},
        {"state": ""},
        {"iss": "https://evil.test"},
        {"iss": ""},
    ],
)
async def test_a_wrong_state_or_issuer_opens_nothing(browser, there, change):
    answer = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    assert await come_back(browser, {**answer, **change}) == "/sign-in?problem=way-lost"


async def test_two_browsers_that_swap_their_answers_get_nothing(browser, there):
    first = await asyncio.to_thread(there.sign_in, await set_out(browser), "a+a@works.test")
    mine = browser.cookies[cookies.visitor_name()]
    browser.cookies.set(cookies.visitor_name(), "another-browser-0123456789")
    second = await asyncio.to_thread(there.sign_in, await set_out(browser), "b+b@works.test")
    assert await come_back(browser, first) == "/sign-in?problem=way-lost"
    # a state of this browser with a code of the other: PKCE and nonce belong to the state
    mixed = {**second, "code": first["code"]}
    assert await come_back(browser, mixed) == "/sign-in?problem=way-closed"
    browser.cookies.set(cookies.visitor_name(), mine)
    assert await come_back(browser, second) == "/sign-in?problem=way-lost"


async def test_a_code_that_was_used_or_is_too_old_is_refused(browser, there):
    answer = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    again = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    assert (await come_back(browser, answer)).startswith("/welcome?")
    replayed = {**again, "code": answer["code"]}
    assert await come_back(browser, replayed) == "/sign-in?problem=way-closed"
    late = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    there.clock(600)
    assert await come_back(browser, late) == "/sign-in?problem=way-closed"


async def test_an_id_token_of_another_nonce_or_another_hour_is_refused(browser, there):
    url = await set_out(browser)
    nonce = dict(parse_qsl(urlsplit(url).query))["nonce"]
    forged = url.replace(nonce, "a" * 43)
    answer = await asyncio.to_thread(there.sign_in, forged, "n+n@works.test")
    assert await come_back(browser, answer) == "/sign-in?problem=way-closed"
    answer = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    there.clock(-7200)
    assert await come_back(browser, answer) == "/sign-in?problem=way-closed"


async def test_a_visit_ends_after_ten_minutes(browser, there, at):
    answer = await asyncio.to_thread(there.sign_in, await set_out(browser), "n+n@works.test")
    async with transaction(READER) as tx:
        await tx.db.execute(text("UPDATE oauth_visits SET expires_at = :now"), {"now": clock.now()})
    assert await come_back(browser, answer) == "/sign-in?problem=way-lost"


async def test_twenty_answers_at_once_sign_in_once(browser, there):
    await joined(browser, there)
    await browser.post("/auth/sign-out")
    answer = await asyncio.to_thread(there.sign_in, await set_out(browser), "nina+nina@works.test")
    places = await asyncio.gather(*(come_back(browser, answer) for _ in range(20)))
    assert sorted(places) == ["/sessions"] + ["/sign-in?problem=way-lost"] * 19
    assert await one("SELECT count(*) FROM auth_sessions WHERE revoked_at IS NULL") == 1


async def test_with_a_second_factor_a_provider_leads_to_its_step(browser, there):
    me = await joined(browser, there)
    _, app, _ = await with_app(me)
    await browser.post("/auth/sign-out")
    browser.cookies.delete(cookies.session_name())
    assert (
        await through(browser, there, "nina+nina@works.test", next="/messages") == "/sign-in/code"
    )
    assert not browser.cookies.get(cookies.session_name())
    answer = await browser.post("/auth/code", data={"code": code(app, steps=1)})
    assert answer.headers["location"] == "/messages"
    again = await me_in(browser)
    assert (again.person_id, again.mfa) == (me.person_id, True)


async def test_who_is_suspended_is_led_to_the_reason(browser, there):
    me = await joined(browser, there)
    await browser.post("/auth/sign-out")
    browser.cookies.delete(cookies.session_name())
    olga = await make_user(name="Olga", roles=["staff"])
    async with transaction(olga) as tx:
        await actions.suspend(tx, olga, me.person_id or 0, 1, reason="Rude.", until=None)
    place = await through(browser, there, "nina+nina@works.test", next="/messages")
    assert place.startswith("/appeal?token=")
    assert not browser.cookies.get(cookies.session_name())


async def test_linking_needs_the_same_person_and_unlinking_leaves_a_way(browser, there):
    me = await joined(browser, there)
    me = await here(browser)
    url = await actions.set_out(me, "oidc", link=True)
    answer = await asyncio.to_thread(there.sign_in, url, "second+nina@works.test")
    assert await come_back(browser, answer) == "/settings/security?linked=1"
    async with transaction(me) as tx:
        mine = await queries.my_ways(tx, me)
    assert (len(mine.identities), mine.password, mine.only) == (2, False, False)

    async def unlink(identity_id):
        try:
            async with transaction(me) as tx:
                await actions.unlink(tx, me, identity_id)
        except LastWay:
            return False
        return True

    done = await asyncio.gather(*(unlink(way.id) for way in mine.identities))
    assert sorted(done) == [False, True]
    async with transaction(me) as tx:
        left = await queries.my_ways(tx, me)
        assert left.only
        with pytest.raises(NotFound):
            await actions.unlink(tx, me, 9999)


async def test_a_link_begun_by_one_is_not_finished_by_another(browser, there):
    await joined(browser, there)
    url = await actions.set_out(await here(browser), "oidc", link=True)
    await browser.post("/auth/sign-out")
    answer = await asyncio.to_thread(there.sign_in, url, "second+nina@works.test")
    assert await come_back(browser, answer) == "/sign-in?problem=way-lost"


async def test_what_belongs_to_another_account_is_not_linked(browser, there):
    await joined(browser, there)
    await browser.post("/auth/sign-out")
    await joined(browser, there, "otto+otto@works.test")
    url = await actions.set_out(await here(browser), "oidc", link=True)
    answer = await asyncio.to_thread(there.sign_in, url, "nina+nina@works.test")
    assert await come_back(browser, answer) == "/settings/security?problem=way-taken"


async def test_another_site_a_strange_browser_and_an_unknown_way_begin_nothing(browser, there):
    headers = {"sec-fetch-site": "cross-site"}
    answer = await browser.get("/auth/with/oidc", headers=headers)
    assert answer.headers["location"] == "/sign-in?problem=way-lost"
    answer = await browser.get("/auth/with/google", params={"next": "/x"})
    assert answer.headers["location"] == "/sign-in?problem=way-closed&next=%2Fx"
    browser.cookies.delete(cookies.visitor_name())
    answer = await browser.get("/auth/with/oidc")
    assert answer.headers["location"] == "/sign-in?problem=way-lost"
    assert await one("SELECT count(*) FROM oauth_visits") == 0


async def test_a_provider_that_is_away_is_said_in_words(browser, there, monkeypatch):
    monkeypatch.setenv("LOOM_OIDC_ISSUER", "http://localhost:9")
    settings.cache_clear()
    answer = await browser.get("/auth/with/oidc")
    assert answer.headers["location"] == "/sign-in?problem=way-closed"
