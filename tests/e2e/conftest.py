"""For each file of journeys a server with demo people; browsers that fail on errors."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)
from sqlalchemy import Connection, create_engine, make_url, text

from loom_app.cli import build
from loom_app.kit.security.demo import demo_code
from loom_app.kit.settings import ROOT
from tests.conftest import TEST_DATA

expect.set_options(timeout=15_000)  # an outcome, not a speed: speed is measured by `make bench`
DEMO_PASSWORD = "loom-demo-please"
STAFF = "sam@loom.test"
START_SECONDS = 240
# minutes in few journeys: begun first, or the last of them runs while the other worker has nothing
LONGEST = ("test_pages.py", "test_rolling_restart.py", "test_two_processes.py", "test_cuts.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, then those of most journeys; run with --no-loadscope-reorder."""
    journeys = Counter(item.path for item in items)

    def rank(item: pytest.Item) -> tuple[int, int]:
        if item.path.parent != Path(__file__).parent:
            return (0, 0)
        named = item.path.name
        place = LONGEST.index(named) if named in LONGEST else len(LONGEST)
        return (1 + place, -journeys[item.path])

    items.sort(key=rank)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def data_of(database: str) -> Path:
    """The folder of whoever serves this database: the head of its trail is no other's. Files are
    shared, since those of the demo were written by whoever made it."""
    folder = TEST_DATA / f"{make_url(database).database}-data"
    folder.mkdir(parents=True, exist_ok=True)
    (TEST_DATA / "files").mkdir(exist_ok=True)
    if not (folder / "files").exists():
        (folder / "files").symlink_to(TEST_DATA / "files")
    return folder


class Server:
    """The server as `make run` starts it, on a database of its own."""

    def __init__(self, database: str, log: Path, chosen: dict[str, str] | None = None) -> None:
        """`chosen`: settings of this server, by their names in the environment."""
        self.port, self.video_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.database, self.log, self.chosen = database, log, chosen or {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        env = {
            **os.environ,
            "DATABASE_URL": "postgresql://" + self.database.partition("://")[2],
            "LOOM_DATA_DIR": str(data_of(self.database)),
            "LOOM_PORT": str(self.port),
            "LOOM_VIDEO_URL": f"http://127.0.0.1:{self.video_port}",
            # many people come from one address here
            "LOOM_SIGNUPS_PER_HOUR": "1000",
            "LOOM_SIGNINS_PER_10_MINUTES": "1000",
            "LOOM_SOCKETS_PER_ADDRESS": "1000",
            "LOOM_HANDSHAKES_PER_10S": "1000",
            "LOOM_UPLOADS_PER_HOUR": "1000",
            "LOOM_MESSAGES_PER_MINUTE": "10000",
            "LOOM_MESSAGES_BURST": "10000",
            **self.chosen,
        }
        command = [sys.executable, "-m", "loom_app.cli", "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/health/ready", timeout=2)
            except (urllib.error.URLError, OSError):
                assert self.process.poll() is None, self.log.read_text()[-3000:]
                time.sleep(0.1)  # waiting for a process to listen: there is no event to wait for
            else:
                return
        pytest.fail(f"the server did not start:\n{self.log.read_text()[-3000:]}")

    def idle(self) -> None:
        """Wait until the worker has nothing to do: mails of the demo people, their events."""
        waiting = (
            "SELECT 1 FROM outbox_jobs"
            " WHERE done_at IS NULL AND failed_at IS NULL AND run_at <= now()"
        )
        deadline = time.monotonic() + START_SECONDS
        while self.query(waiting):
            assert time.monotonic() < deadline, self.log.read_text()[-3000:]
            time.sleep(0.1)  # the worker is in another process

    def stop(self) -> None:
        assert self.process is not None
        self.process.terminate()
        self.process.wait(30)

    def kill(self) -> None:
        """kill -9 of the worker and its parents."""
        assert self.process is not None
        family = [self.process, *psutil.Process(self.process.pid).children(recursive=True)]
        for one in family:
            one.kill()
        self.process.wait(30)

    def query(self, statement: str, **values: object) -> list[tuple]:
        """Look into the database as its owner."""
        engine = create_engine(self.database)
        with engine.connect() as connection:
            found = [tuple(row) for row in connection.execute(text(statement), values)]
        engine.dispose()
        return found


@pytest.fixture(scope="session")
def demo_practice(server_url: str, testrun_uid: str) -> str:
    """The name of a database with the demo people, made by whichever worker comes first."""
    assert build.main() == 0
    name = f"e2e_demo_{testrun_uid[:12]}"
    with _admin(server_url) as admin:
        admin.execute(text("SELECT pg_advisory_lock(7002)"))
        known = list(admin.scalars(text("SELECT datname FROM pg_database")))
        if name not in known:
            for old in known:
                if old.startswith("e2e_"):
                    admin.execute(text(f"DROP DATABASE {old} WITH (FORCE)"))
            admin.execute(text("CREATE DATABASE e2e_making"))
            made = Server(_address(server_url, "e2e_making"), TEST_DATA / "e2e-making.log")
            made.start()
            made.idle()
            made.stop()
            shutil.rmtree(data_of(made.database))
            admin.execute(text(f"ALTER DATABASE e2e_making RENAME TO {name}"))
        admin.execute(text("SELECT pg_advisory_unlock(7002)"))
    return name


@pytest.fixture(scope="module")
def demo_database(server_url: str, demo_practice: str, worker_id: str) -> Iterator[str]:
    """For the journeys of one file: what they leave behind is met by no other file's."""
    name = f"e2e_{worker_id}_{os.getpid()}"
    with _admin(server_url) as admin:
        admin.execute(text(f"CREATE DATABASE {name} TEMPLATE {demo_practice}"))
        address = _address(server_url, name)
        yield address
        shutil.rmtree(data_of(address))
        admin.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(scope="module")
def server(demo_database: str, worker_id: str) -> Iterator[Server]:
    made = Server(demo_database, TEST_DATA / f"e2e-server-{worker_id}.log")
    made.log.unlink(missing_ok=True)
    made.start()
    yield made
    made.stop()


def _address(server_url: str, database: str) -> str:
    return make_url(server_url).set(database=database).render_as_string(hide_password=False)


@contextmanager
def _admin(server_url: str) -> Iterator[Connection]:
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    program = os.environ.get("LOOM_CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program or None,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--use-fake-device-for-media-stream",  # a microphone that beeps
            ],
        )
        yield browser
        browser.close()


# a page that is not there is asked for on purpose; a cut connection is some tests' point
EXPECTED = re.compile(
    r"404 \(Not Found\)|40[02] \(|422 \(|ERR_INTERNET_DISCONNECTED|WebSocket|ERR_CONNECTION"
)


KEPT: dict[tuple[str, str], list[Any]] = {}


class Person:
    """Somebody with a browser of their own."""

    def __init__(self, server: Server, context: BrowserContext) -> None:
        self.server, self.context, self.url = server, context, server.url
        self.complaints: list[str] = []
        self.email = ""
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not EXPECTED.search(message.text):
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        self.page.goto(self.url + path)

    def sign_in(self, email: str, password: str = DEMO_PASSWORD) -> None:
        """By the page; or, if a journey before this one left the same person's cookie, by that."""
        self.email = email
        if cookies := KEPT.pop((self.url, email), None):
            self.context.add_cookies(cookies)
            self.go("/sessions")
            return
        self.go("/sign-in")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        if email == STAFF:
            self.page.get_by_label("Code").fill(demo_code())
            self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(re.compile("/sessions"))

    def mail(self, address: str, subject: str) -> str:
        """The HTML of the newest mail to an address with this subject."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            listing = self.context.request.get(f"{self.server.url}/dev/mail?to={address}").text()
            found = re.search(rf"/dev/mail/(\d+)'><strong>{subject}", listing)
            if found:
                path = f"{self.server.url}/dev/mail/{found.group(1)}"
                return self.context.request.get(f"{path}/html").text()
            time.sleep(0.1)  # mail leaves by a queue in another process
        raise AssertionError(f"no mail “{subject}” to {address}")


@pytest.fixture
def person(server: Server, chromium: Browser) -> Iterator[Callable[..., Person]]:
    """Make people; afterwards nobody's console may hold an error."""
    made: list[Person] = []

    def make(**options: object) -> Person:
        settings = {"viewport": {"width": 1280, "height": 860}, "timezone_id": "America/New_York"}
        one = Person(server, chromium.new_context(**{**settings, **options}))
        made.append(one)
        return one

    yield make
    complaints = [complaint for one in made for complaint in one.complaints]
    for one in made:
        if one.email:
            KEPT[one.url, one.email] = list(one.context.cookies())
        one.context.close()
    assert complaints == []


@pytest.fixture
def pair(person: Callable[..., Person]) -> tuple[Person, Person]:
    """Ada and Ben, each with their conversation open."""
    ada, ben = person(timezone_id="Europe/Berlin"), person()
    for one in (ada, ben):
        # the socket's client ignores the browser's word that it is offline on "localhost" only
        one.url = one.url.replace("localhost", "127.0.0.1")
    ada.sign_in("ada@loom.test")
    ben.sign_in("ben@loom.test")
    for one, other in ((ada, "Ben Okafor"), (ben, "Ada Lindqvist")):
        one.go("/messages")
        one.page.get_by_role("link", name=re.compile(other)).first.click()
        expect(one.page.get_by_label("Message", exact=True)).to_be_visible()
    return ada, ben


def open_late_day(page: Page) -> str:
    """From a step of times on to a day of next month, which is another week on any day of this one;
    returns its date."""
    days = page.locator("a[href*='day=']:visible")
    former = days.first.get_attribute("href") or ""
    page.get_by_role("link", name="Next month").click()
    expect(days.first).not_to_have_attribute("href", former)
    later = days.nth(2).get_attribute("href") or ""
    page.goto(page.url.split("/book/")[0] + later)
    return later.split("day=")[1][:10]
