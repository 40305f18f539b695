import contextlib
import re

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from loom_app.domains.accounts import actions, queries
from loom_app.domains.platform import current
from loom_app.http import identity, policy
from loom_app.http.gate import Gate
from loom_app.integrations.video import jitsi
from loom_app.kit import leaving
from loom_app.kit.actor import Actor
from loom_app.kit.db import engine
from loom_app.kit.db.transaction import transaction
from loom_app.kit.realtime import signals
from loom_app.kit.security import limits
from loom_app.kit.settings import settings
from tests.domains.platform.helpers import choose
from tests.factories.accounts import make_user

ORIGIN = "http://localhost:8000"


async def echo(socket):
    await socket.accept()
    await socket.send_json(
        {
            "token": socket.query_params.get("token"),
            "session": socket.headers.get("x-loom-session"),
            "visitor": socket.headers.get("x-loom-visitor"),
        }
    )
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.send_text(await socket.receive_text())


async def page(_request):
    return HTMLResponse("<p>hi")


async def plain(request):
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def chosen(monkeypatch):
    """Other settings, for one test."""

    def choose(**values):
        for name, value in values.items():
            monkeypatch.setenv(f"LOOM_{name.upper()}", value)
        settings.cache_clear()
        limits.reset()

    yield choose
    monkeypatch.undo()
    settings.cache_clear()
    limits.reset()


@pytest.fixture
def gate():
    limits.reset()
    app = Starlette(
        routes=[
            WebSocketRoute("/_event/", echo),
            Route("/", page),
            Route("/post", plain, methods=["POST"]),
            Route("/webhooks/stripe", plain, methods=["POST"]),
        ]
    )
    yield Gate(app)
    limits.reset()


@pytest.fixture
def client(gate, db):
    with TestClient(gate, base_url=ORIGIN, client=("203.0.113.7", 1)) as made:
        yield made


def connect(client, *, origin=ORIGIN, token="tab", **headers):
    values = {"origin": origin, **headers} if origin else headers
    return client.websocket_connect(f"/_event/?token={token}", headers=values)


@pytest.mark.parametrize(
    "origin",
    ["", "null", "https://evil.test", "http://localhost", "http://localhost:8000.evil.test"],
)
def test_only_our_own_origin_opens_a_socket(client, origin):
    with pytest.raises(WebSocketDisconnect), connect(client, origin=origin):
        pass


def test_a_token_is_worth_nothing_without_its_visitor(client):
    def token_for(cookie):
        with connect(client, cookie=f"loom_visitor={cookie}") as socket:
            return socket.receive_json()["token"]

    ben, thief = "b" * 43, "t" * 43
    assert token_for(ben) == token_for(ben)
    assert token_for(ben) != token_for(thief)
    assert "tab" not in token_for(ben)


def test_a_browser_cannot_say_who_it_is(client):
    with connect(client, **{"x-loom-session": "1", "x-loom-visitor": "x"}) as socket:
        said = socket.receive_json()
    assert said["session"] == ""
    assert re.fullmatch(r"[0-9a-f]{64}", said["visitor"])


def test_every_answer_says_what_is_left_of_its_limit(client):
    first, second = client.get("/"), client.post("/webhooks/stripe", content=b"{}")
    assert first.headers["ratelimit-policy"] == '"page";q=600;w=60'
    assert first.headers["ratelimit"].startswith('"page";r=599;t=')
    assert second.headers["ratelimit"].startswith('"machine";r=2999;t=')


def test_a_socket_that_says_nothing_is_closed(client, chosen):
    chosen(connect_seconds="0.05")
    with connect(client) as socket:
        socket.receive_json()
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 4408


@pytest.fixture
def stays():
    leaving.reset()
    yield
    leaving.reset()


async def test_a_process_that_leaves_is_not_ready_and_goes_on_serving(stays, browser):
    assert (await browser.get("/health/ready")).status_code == 200
    ended = []
    await leaving.leave(0, lambda: ended.append(True))
    assert (await browser.get("/health/ready")).json() == {"status": "leaving"}
    assert (await browser.get("/health/ready")).status_code == 503
    other = await browser.get("/health/live")
    assert (other.status_code, other.headers["connection"]) == (200, "close")
    assert ended == [True]


def test_a_process_that_leaves_sends_its_sockets_elsewhere(stays, client, gate):
    leaving.on_closing(gate._leave)
    with connect(client) as socket:
        socket.receive_json()
        client.portal.call(leaving.leave, 0, lambda: None)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 1012
    with pytest.raises(WebSocketDisconnect), connect(client):
        pass


def test_a_flood_of_handshakes_is_refused_before_anybody_is_looked_up(client, chosen, monkeypatch):
    chosen(knocks_per_10s="3")
    for _ in range(3):
        with connect(client):
            pass
    statements = []
    monkeypatch.setattr(identity, "person_behind", statements.append)
    with pytest.raises(WebSocketDisconnect), connect(client, cookie=f"loom_session={'s' * 43}"):
        pass
    assert statements == []


def test_a_frame_too_large_ends_the_socket(client):
    with connect(client) as socket:
        socket.receive_json()
        socket.send_text("x" * (settings().frame_bytes + 1))
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 1009


def test_a_flood_of_frames_ends_the_socket_and_a_burst_does_not(client):
    with connect(client) as socket:
        socket.receive_json()
        for _ in range(100):
            socket.send_text("x")
            socket.receive_text()

        def flood():
            for _ in range(200):
                socket.send_text("x")
                socket.receive_text()

        with pytest.raises(WebSocketDisconnect) as ended:
            flood()
    assert ended.value.code == 1008


def test_strangers_get_twenty_sockets_an_address(client):
    open_ones = [connect(client) for _ in range(20)]
    for one in open_ones:
        one.__enter__()
    with pytest.raises(WebSocketDisconnect), connect(client):
        pass
    open_ones.pop().__exit__(None, None, None)
    with connect(client) as again:
        assert again.receive_json()["session"] == ""
    for one in open_ones:
        one.__exit__(None, None, None)


def test_handshakes_are_limited(client, at):
    at("2026-11-21T12:00Z")
    refused = 0
    for _ in range(40):
        try:
            with connect(client):
                pass
        except WebSocketDisconnect:
            refused += 1
    assert refused == 10


async def signed_in() -> str:
    ben = await make_user()
    visitor = Actor(visitor="v" * 64)
    async with transaction(visitor) as tx:
        made = await actions.begin_session(
            tx, visitor, ben.require_person(), actions.Device(), remember=True
        )
    return made.token


def test_a_revoked_session_loses_its_open_sockets(client, gate):
    async def prepare():
        token = await signed_in()
        await engine.dispose()
        return token

    token = client.portal.call(prepare)
    with connect(client, cookie=f"loom_session={token}") as socket:
        session_id = int(socket.receive_json()["session"])
        client.portal.call(signals.publish, [signals.Signal(f"auth:{session_id}")])
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == 4401
    assert gate.open == {}


async def two_sign_ins() -> tuple[str, Actor, str]:
    """The cookie of one device; the person at another, and its cookie."""
    ben = await make_user()
    found = []
    for _ in range(2):
        async with transaction(Actor()) as tx:
            made = await actions.begin_session(
                tx, Actor(), ben.require_person(), actions.Device(), remember=True
            )
        found.append(made.token)
    async with transaction(Actor.system_job("accounts.session")) as tx:
        here = await queries.signed_in(tx, found[1])
    assert here is not None
    await engine.dispose()
    return found[0], here, found[1]


async def end_others(me: Actor) -> None:
    async with transaction(me) as tx:
        await actions.end_other_sessions(tx, me)
    await engine.dispose()


async def renew(me: Actor) -> None:
    async with transaction(me) as tx:
        assert await actions.renew_now(tx, me)
    await engine.dispose()


def test_signing_out_all_others_closes_their_sockets_and_a_renewed_cookie_closes_none(client):
    there, me, here = client.portal.call(two_sign_ins)
    with (
        connect(client, cookie=f"loom_session={there}") as other,
        connect(client, cookie=f"loom_session={here}") as mine,
    ):
        other.receive_json()
        mine.receive_json()
        client.portal.call(renew, me)
        client.portal.call(end_others, me)
        with pytest.raises(WebSocketDisconnect) as ended:
            other.receive_text()
        assert ended.value.code == 4401
        mine.send_text("still here")
        assert mine.receive_text()


def test_another_host_is_misdirected(client):
    assert client.get("/", headers={"host": "evil.test"}).status_code == 421


@pytest.mark.parametrize("path", ["/_upload", "/_upload/x", "/_all_routes", "/auth-codespace"])
def test_doors_of_the_framework_are_closed(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("address", ["/?q=%00", "/?%00=1", "/%00"])
def test_an_address_that_the_database_cannot_hold_leads_nowhere(client, address):
    assert client.get(address).status_code == 404


def test_health_of_the_framework_is_for_this_machine(client):
    assert client.get("/_health").status_code == 404


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.test"}, {"origin": ORIGIN, "sec-fetch-site": "cross-site"}],
)
def test_a_form_of_another_site_is_refused(client, headers):
    assert client.post("/post", headers=headers).status_code == 403


def test_a_machine_with_a_signature_needs_no_origin(client):
    assert client.post("/webhooks/stripe", content=b"{}").status_code == 200


def test_a_body_has_its_limit_whatever_its_header_says(client):
    good = client.post("/post", content=b"x" * 1000, headers={"origin": ORIGIN})
    assert good.text == "1000"
    assert (
        client.post("/post", content=b"x" * 1_000_001, headers={"origin": ORIGIN}).status_code
        == 413
    )


def test_headers_are_strict(client):
    answer = client.get("/")
    csp = answer.headers["content-security-policy"]
    assert "default-src 'none'" in csp
    assert "script-src http://localhost:8000/assets/" in csp
    assert "unsafe-eval" not in csp
    assert "'unsafe-inline'" not in csp.partition("style-src")[0]
    assert "frame-ancestors 'none'" in csp
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "strict-transport-security" not in answer.headers


def test_a_visitor_gets_one_cookie(client):
    first = client.get("/")
    assert "HttpOnly" in first.headers["set-cookie"]
    assert "set-cookie" not in client.get("/").headers


def test_production_uses_host_cookies_and_hsts(client, monkeypatch):
    for name, value in {
        "LOOM_PUBLIC_URL": "https://loom.example",
        "STRIPE_SECRET_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
        "SMTP_URL": "smtps://mail.example",
        "LOOM_DEMO": "false",
    }.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    answer = client.get("/", headers={"host": "loom.example"})
    monkeypatch.undo()
    settings.cache_clear()
    assert "max-age=63072000" in answer.headers["strict-transport-security"]
    assert "__Host-visitor=" in answer.headers["set-cookie"]
    assert "Secure" in answer.headers["set-cookie"]
    assert "upgrade-insecure-requests" in answer.headers["content-security-policy"]


def test_too_many_requests_say_when_to_come_back(client, at):
    at("2026-11-21T12:00Z")
    answers = [client.get("/") for _ in range(605)]
    assert answers[0].status_code == 200
    refused = next(one for one in answers if one.status_code == 429)
    assert int(refused.headers["retry-after"]) > 0
    assert refused.headers["ratelimit"].startswith('"page";r=0;')


@pytest.mark.parametrize("path", ["/sessions/7/room", "/sessions/7/room/"])
def test_the_room_alone_frames_the_video_host(path):
    host = jitsi.origin()
    headers = policy.response_headers(path, "text/html", "https://loom.test")
    assert f"frame-src {host};" in headers["content-security-policy"]
    for name in ("camera", "microphone", "display-capture"):
        assert f'{name}=(self "{host}")' in headers["permissions-policy"]
    for other in ("/sessions/7", "/sessions", "/messages/7/room", "/sessions/7/room/x"):
        headers = policy.response_headers(other, "text/html", "https://loom.test")
        assert "frame-src 'none'" in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]


@pytest.mark.parametrize("path", ["/book/ada/embed", "/book/ada/embed/"])
def test_the_page_for_other_sites_alone_may_be_framed(path):
    headers = policy.response_headers(path, "text/html; charset=utf-8", "https://loom.test")
    assert "frame-ancestors *;" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    for other in (
        *("/", "/book/ada", "/book/ada/time", "/book/ada/review", "/book/ada/embed/review"),
        *("/book/embed", "/sessions/embed", "/profile/site", "/sign-in", "/payments/methods"),
    ):
        headers = policy.response_headers(other, "text/html", "https://loom.test")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"


def test_a_coach_sees_that_page_in_a_frame_of_ours():
    headers = policy.response_headers("/profile/site", "text/html", "https://loom.test")
    assert "frame-src 'self';" in headers["content-security-policy"]


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    [
        ("0", ["127.0.0.1"], "203.0.113.7"),
        ("1", [], "203.0.113.7"),
        ("1", ["198.51.100.9"], "198.51.100.9"),
        ("1", ["127.0.0.1, 198.51.100.9"], "198.51.100.9"),
        ("1", ["127.0.0.1", "198.51.100.9"], "198.51.100.9"),  # added as a header of its own
        ("1", ["127.0.0.1, "], "203.0.113.7"),
        ("2", ["127.0.0.1, 198.51.100.9, 10.0.0.2"], "198.51.100.9"),
        ("2", ["198.51.100.9"], "203.0.113.7"),
    ],
)
def test_an_address_is_what_our_own_proxies_say_and_not_the_caller(
    chosen, hops, forwarded, address
):
    chosen(trusted_proxy_hops=hops)
    headers = Headers(raw=[(b"x-forwarded-for", one.encode()) for one in forwarded])
    assert identity.address_of(headers, ("203.0.113.7", 1)) == address


@pytest.mark.parametrize("hops", ["0", "1"])
def test_who_claims_to_be_this_machine_is_not(chosen, db, hops):
    chosen(trusted_proxy_hops=hops)
    app = Starlette(routes=[Route("/_health", plain)])
    with TestClient(Gate(app), base_url=ORIGIN, client=("203.0.113.7", 1)) as client:
        for told in ("127.0.0.1, 203.0.113.7", "::1, 203.0.113.7"):
            answer = client.get("/_health", headers={"x-forwarded-for": told})
            assert answer.status_code == 404


async def close_loom() -> str:
    """As staff does it; returns the cookie of somebody of staff."""
    olga = await make_user(name="Olga", roles=["staff"])
    await choose(olga, "maintenance", on=True, message="New <strings>")
    async with transaction(Actor()) as tx:
        made = await actions.begin_session(
            tx, Actor(), olga.require_person(), actions.Device(), remember=True
        )
    await engine.dispose()
    return made.token


def test_while_closed_people_read_why_and_machines_and_staff_go_on(client):
    """Pages, forms and files are refused; health, webhooks, built files and the ways in are not."""
    assert client.get("/").status_code == 200
    token = client.portal.call(close_loom)
    try:
        page = client.get("/", headers={"accept": "text/html"})
        assert (page.status_code, page.headers["retry-after"]) == (503, "60")
        assert "New &lt;strings&gt;" in page.text
        assert "content-security-policy" in page.headers
        form = client.post("/post", headers={"origin": ORIGIN})
        assert (form.status_code, form.text) == (503, "New <strings>")
        for path in ("/health/live", "/assets/app.js", "/sign-in"):
            assert client.get(path).status_code == 404, path  # let through to this small app
        assert client.post("/webhooks/stripe", content=b"{}").status_code == 200
        with connect(client, cookie=f"loom_visitor={'b' * 43}") as socket:
            assert socket.receive_json()  # open pages stay connected, to hear of the end
        assert client.get("/", headers={"cookie": f"loom_session={token}"}).status_code == 200
    finally:
        current.reset()
