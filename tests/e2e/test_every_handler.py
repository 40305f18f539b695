"""Every event handler as an endpoint, over a real websocket: with wrong types it is refused, with
numbers of others it changes and tells nothing."""

import inspect
import json
import re
import secrets
import uuid
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest
from reflex_base.registry import RegistrationContext
from sqlalchemy import create_engine, text
from websockets.sync.client import connect

from loom_app import loom_app
from loom_app.kit.security.tokens import digest
from tests.conftest import TEST_DATA
from tests.e2e.conftest import Server
from tests.sizes import FULL
from tests.ui.test_forged import forged

pytestmark = pytest.mark.e2e
assert loom_app.app is not None

ROOT = "reflex___state____state"
LIMITS = {
    "LOOM_EVENTS_PER_10S": "1000000",
    "LOOM_FRAMES_PER_SECOND": "100000",
    "LOOM_FRAMES_BURST": "1000000",
}
# every kind of value that JSON has, and those that a database or a loop may stumble over
WRONG: list[Any] = [None, "x", 7, {}, True]
if FULL:
    WRONG += [[], 1.5, -(2**63), 2**80, "x" * 25_000, "\x00", {"id": {"id": {}}}, ["x"], "²", ""]
STRANGERS = {
    "visitor": None,
    "other client": ["client"],
    "other coach": ["coach"],
    "staff without a permission": [],
}
# what a stranger's own sign-in leaves behind, and what the server writes down by itself
OWN = frozenset(
    """
    alembic_version audit_checkpoints audit_entries auth_sessions outbox_jobs outside_calls
    presences processes rate_counters
    """.split()  # noqa: SIM905 - one a word reads best
)


def registered() -> dict[str, Any]:
    """Name on the wire → function, of everything that a State of ours registers."""
    return {
        name: one.handler.fn
        for name, one in sorted(RegistrationContext.get().event_handlers.items())
        if one.states[0].__module__.startswith("loom_app.")
    }


def handlers() -> dict[str, Any]:
    """Without Reflex's own setter of anything, which is closed."""
    return {name: fn for name, fn in registered().items() if fn.__name__ != "setvar"}


def arguments(fn: Any) -> dict[str, Any]:
    hints = get_type_hints(fn)
    return {name: hints[name] for name in list(inspect.signature(fn).parameters)[1:]}


def wrong_payloads(fn: Any) -> Iterator[dict[str, Any]]:
    """One argument of a wrong kind at a time, one too many, and none where there should be some."""
    kinds = arguments(fn)
    good = {name: forged(name, kind, 1) for name, kind in kinds.items()}
    yield {**good, "dry_run": True}
    required = [
        name
        for name, one in list(inspect.signature(fn).parameters.items())[1:]
        if one.default is inspect.Parameter.empty
    ]
    if required:
        yield {}
    for name, kind in kinds.items():
        for value in WRONG:
            if kind in (int, str, bool) and type(value) is not kind:
                yield {**good, name: value}


class Socket:
    """A tab that speaks Reflex's frames itself, signed in as whoever the cookie says."""

    def __init__(self, server: Server, cookie: str) -> None:
        self.opening = connect(
            f"ws://localhost:{server.port}/_event/?EIO=4&transport=websocket&token={uuid.uuid4()}",
            origin=server.url,
            additional_headers={"Cookie": cookie} if cookie else {},
            max_size=None,
            compression=None,
        )
        self.socket = self.opening.__enter__()
        self.heard: list[str] = []
        self.asked, self.snapshots = 1, 0  # the first comes by itself
        # without the page's own events: arriving marks messages as delivered, a moment later
        boot = {"name": f"{ROOT}.hydrate", "payload": {}, "router_data": self.place}
        self.socket.send("40/_event," + json.dumps({"event": boot}))
        self.settle()

    place = {"pathname": "/", "asPath": "/", "query": {}}

    def send(self, name: str, payload: dict[str, Any]) -> None:
        event = {"name": name, "payload": payload, "router_data": self.place}
        self.socket.send("42/_event," + json.dumps(["event", event]))

    def settle(self) -> None:
        """Until all that was sent is done: the whole state is asked for last, and comes last."""
        self.asked += 1
        self.send(f"{ROOT}.hydrate", {})
        while self.snapshots < self.asked:
            frame = str(self.socket.recv(timeout=60))
            if frame == "2":
                self.socket.send("3")
                continue
            self.heard.append(frame)
            self.snapshots += '"is_hydrated' in frame and "toasts" in frame

    def close(self) -> None:
        self.opening.__exit__(None, None, None)


@pytest.fixture(scope="module")
def open_server(demo_database: str, worker_id: str) -> Iterator[Server]:
    made = Server(demo_database, TEST_DATA / f"e2e-handlers-{worker_id}.log", LIMITS)
    made.log.unlink(missing_ok=True)
    made.start()
    made.idle()
    yield made
    made.stop()


def cookie_of(server: Server, roles: list[str] | None) -> tuple[str, int]:
    """The cookie and the id of somebody new, who belongs to nobody here."""
    if roles is None:
        return "", 0
    token = secrets.token_urlsafe(32)
    engine = create_engine(server.database)
    with engine.begin() as connection:
        person = connection.scalar(
            text(
                "INSERT INTO users (name, zone, roles, verified_at)"
                " VALUES ('Stranger', 'UTC', :roles, now()) RETURNING id"
            ),
            {"roles": roles},
        )
        connection.execute(
            text(
                "INSERT INTO credentials (user_id, email, email_key, password_hash)"
                " VALUES (:id, :email, :email, '!')"
            ),
            {"id": person, "email": f"stranger{person}@loom.test"},
        )
        if not roles:  # of staff, and may do nothing
            role = connection.scalar(
                text(
                    "INSERT INTO staff_roles (name, permissions) VALUES (:name, '{}') RETURNING id"
                ),
                {"name": f"Nothing {person}"},
            )
            connection.execute(
                text("INSERT INTO staff_members (role_id, user_id, since) VALUES (:r, :u, now())"),
                {"r": role, "u": person},
            )
        sign_in(connection, person, token)
    engine.dispose()
    return f"loom_session={token}", person


def sign_in(connection: Any, person: int, token: str) -> None:
    connection.execute(
        text(
            "INSERT INTO auth_sessions"
            " (user_id, token_hash, created_at, seen_at, idle_until, expires_at, mfa, proven_at)"
            " VALUES (:u, :t, now(), now(), now() + interval '1 day', now() + interval '1 day',"
            " true, now())"
        ),
        {"u": person, "t": digest(token)},
    )


def rows(server: Server) -> dict[str, set[str]]:
    """All rows of all tables, as the owner of the database sees them."""
    tables = server.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {
        table: {row for (row,) in server.query(f'SELECT to_jsonb(x)::text FROM "{table}" x')}
        for (table,) in tables
        if table not in OWN
    }


def secrets_of(server: Server) -> list[str]:
    """What nobody but two people may read: the words of their conversations, and addresses."""
    spoken = server.query(
        "SELECT DISTINCT body FROM messages WHERE length(body) > 25 AND kind = 'text' LIMIT 400"
    )
    addresses = server.query("SELECT email FROM credentials WHERE email NOT LIKE 'stranger%'")
    return [word for (word,) in spoken + addresses]


def numbers(server: Server) -> list[int]:
    """Ids of things of others, and numbers that are none."""
    found = {0, -1, 2**31, 2**53 - 1}
    for table in ("users", "seats", "coaching_sessions", "conversations", "charges", "offerings"):
        found |= {one for (one,) in server.query(f"SELECT max(id) FROM {table}") if one}
    return sorted(found)


def refusals(server: Server, why: str) -> int:
    return len(re.findall(rf"event\.refused.*{why}", server.log.read_text(errors="replace")))


@pytest.mark.parametrize("who", [*STRANGERS, "client", "coach"])
def test_wrong_types_are_refused_one_by_one(open_server: Server, who: str) -> None:
    if who in STRANGERS:
        cookie, _ = cookie_of(open_server, STRANGERS[who])
    else:
        email = {"client": "ben@loom.test", "coach": "ada@loom.test"}[who]
        ((person,),) = open_server.query(
            "SELECT user_id FROM credentials WHERE email = :e", e=email
        )
        token = secrets.token_urlsafe(32)
        engine = create_engine(open_server.database)
        with engine.begin() as connection:
            sign_in(connection, person, token)
        engine.dispose()
        cookie = f"loom_session={token}"
    tab = Socket(open_server, cookie)
    before, refused, sent = rows(open_server), refusals(open_server, "arguments"), 0
    for name, fn in handlers().items():
        for payload in wrong_payloads(fn):
            tab.send(name, payload)
            sent += 1
        if sent % 50 < 5:
            tab.settle()
    tab.settle()
    tab.close()
    assert sent > len(handlers())
    assert refusals(open_server, "arguments") - refused == sent
    after = rows(open_server)
    assert {name: before[name] ^ after[name] for name in before if before[name] ^ after[name]} == {}


def test_nobody_sets_what_they_like(open_server: Server) -> None:
    cookie, _ = cookie_of(open_server, ["client"])
    tab, refused = Socket(open_server, cookie), refusals(open_server, "unknown")
    setters = [name for name in registered() if name not in handlers()]
    for name in setters:
        tab.send(name, {"var_name": "opened", "value": {"any": "thing"}})
    tab.settle()
    tab.close()
    assert refusals(open_server, "unknown") - refused == len(setters) > 50


@pytest.mark.parametrize("who", STRANGERS)
def test_numbers_of_others_change_and_tell_nothing(open_server: Server, who: str) -> None:
    cookie, person = cookie_of(open_server, STRANGERS[who])
    theirs, private = numbers(open_server), secrets_of(open_server)
    before = rows(open_server)
    tab = Socket(open_server, cookie)
    for count, (name, fn) in enumerate(handlers().items()):
        kinds = arguments(fn)
        for number in theirs if kinds else [0]:
            tab.send(name, {one: forged(one, kind, number) for one, kind in kinds.items()})
        if count % 20 == 0:
            tab.settle()
    tab.settle()
    tab.close()
    after = rows(open_server)
    mine = re.compile(rf'"(id|\w+_id|owner)": {person}\b') if person else re.compile("(?!)")
    lost = {
        name: [row for row in before[name] - after[name] if not mine.search(row)] for name in before
    }
    assert {name: gone for name, gone in lost.items() if gone} == {}
    heard = "\n".join(tab.heard)
    assert [word for word in private if json.dumps(word)[1:-1] in heard] == []
    log = open_server.log.read_text(errors="replace")
    assert re.findall(r"ui\.(?:failed|escaped).*", log) == []
