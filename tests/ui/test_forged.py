"""Every handler with numbers that belong to others: nothing of theirs changes, nothing breaks."""

import inspect
import re
import uuid
from typing import Any, get_type_hints
from urllib.parse import quote

import pytest
import reflex as rx
from reflex_base.registry import RegistrationContext
from sqlalchemy import text
from typing_extensions import is_typeddict

from loom_app.domains.messaging import actions as messaging
from loom_app.kit.actor import Actor
from loom_app.kit.db.engine import owner_engine
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui import problems
from loom_app.ui.offerings.state import OfferingState
from loom_app.ui.offerings.templates_state import TemplatesState
from loom_app.ui.packages.offers_state import PackageOfferState
from loom_app.ui.packages.state import PackageState
from loom_app.ui.places.state import PlaceState
from loom_app.ui.routes import routes
from tests.factories.accounts import make_user
from tests.factories.scheduling import make_open_coach, make_session, slot
from tests.ui.tab import Tab

CID = "00000000-0000-4000-8000-000000000000"
OWN = {"auth_sessions", "alembic_version"}  # the intruder's own sign-in is there, and is used


def handlers() -> list[Any]:
    """Every handler of ours, as it is called in a page."""
    found = []
    for registered in RegistrationContext.get().event_handlers.values():
        owner = registered.states[0]
        if owner.__module__.startswith("loom_app."):
            found.append(getattr(owner, registered.handler.fn.__name__))
    return sorted(found, key=lambda handler: handler.fn.__qualname__)


# These do nothing where the page does not show what they belong to, so that a second click is none.
# Whoever forges them has such a page of their own: as if it stood there.
SHOWN: tuple[tuple[type[rx.State], str, dict[str, str]], ...] = (
    (OfferingState, "save", {"phase": "here"}),
    (TemplatesState, "save", {"phase": "here"}),
    (PackageOfferState, "save", {"phase": "here"}),
    (PlaceState, "save", {"phase": "here"}),
    (PackageState, "ask_back", {"dialog": "ask"}),
    (PackageState, "decline", {"dialog": "decline"}),
    (PackageState, "give_back", {"dialog": "give"}),
)


async def show(tab: Tab, handler: Any) -> None:
    """What has to stand there before the handler does anything."""
    for owner, name, values in SHOWN:
        if getattr(owner, name).fn is handler.fn:
            state = await tab.state(owner)
            for var, value in values.items():
                setattr(state, var, value)


def calls(handler: Any, numbers: list[int]) -> list[list[Any]]:
    """Arguments of the right kinds and with wrong values: one list for each number."""
    if handler.fn.__name__ == "setvar":
        return []
    names = list(inspect.signature(handler.fn).parameters)[1:]
    hints = get_type_hints(handler.fn)
    return [
        [forged(name, hints[name], number) for name in names]
        for number in (numbers if names else [0])
    ]


def forged(name: str, kind: Any, number: int) -> Any:
    """A value of this kind that says the number."""
    if name == "cid":
        return uuid.uuid4().hex
    if is_typeddict(kind):
        return {key: forged(key, hint, number) for key, hint in get_type_hints(kind).items()}
    words = {"id": str(number), "offering_id": str(number), "name": str(number)}
    return {int: number, str: str(number), bool: True}.get(kind, words)


def rows(db: str) -> dict[str, set[str]]:
    """All rows of all tables, as the owner of the database sees them."""
    found = {}
    owner = owner_engine(db)
    with owner.connect() as connection:
        tables = connection.scalars(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        )
        for table in set(tables.all()) - OWN:
            lines = connection.scalars(text(f'SELECT to_jsonb(x)::text FROM "{table}" x'))
            found[table] = set(lines.all())
    owner.dispose()
    return found


async def wander(tab: Tab, places: dict[str, str], query: str) -> None:
    """Open every address of the app."""
    for route in routes():
        path = route.path
        for name, value in places.items():
            path = path.replace(name, value)
        await tab.visit(path + query, *route.on_load)


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What would have been said under a reference number: nothing should be."""
    found: list[str] = []

    async def fail(state: Any, error: Exception) -> None:
        found.append(f"{type(state).__name__}: {error!r}"[:300])

    monkeypatch.setattr(problems, "show_failure", fail)
    return found


@pytest.mark.parametrize("who", ["visitor", "client", "coach"])
async def test_no_handler_touches_what_belongs_to_others(db, at, who, failures):
    at("2026-11-21T12:00Z")
    ada, offering_id = await make_open_coach()
    ben = await make_user()
    booking = await make_session(ben, offering_id, slot())
    async with transaction(ben) as tx:
        conversation = await messaging.start(tx, ben, ada.person_id or 0)
        await messaging.send(tx, ben, conversation, messaging.Draft(CID, "Between us"))
    intruder = Actor(visitor="v" * 64)
    if who == "client":
        intruder = await make_user(name="Cleo Marchetti")
    elif who == "coach":
        intruder = await make_user(name="Otto Brandt", roles=["coach"])
    theirs = [ada.person_id or 0, ben.person_id or 0, offering_id, booking.session_id, conversation]
    numbers = sorted({*theirs, 0, -1, 2**31, 2**63})
    places = {
        "[slug]": f"ada-lindqvist-{ada.person_id}",
        "[step]": "review",
        "[conversation]": str(conversation),
        "[session_id]": str(booking.session_id),
        "[offering_id]": str(offering_id),
    }
    before = rows(db)
    before["users"] = {row for row in before["users"] if f'"{intruder.name}"' not in row}
    async with Tab(app, intruder) as tab:
        await wander(tab, places, f"?offering={offering_id}&session={booking.session_id}")
        for handler in handlers():
            for arguments in calls(handler, numbers):
                await show(tab, handler)
                await tab.do(handler(*arguments))
    after = rows(db)
    assert {name: before[name] - after[name] for name in before if before[name] - after[name]} == {}
    assert failures == []


ASKED = re.findall(
    r"\w+",
    "offering session day month to next token again problem seconds q specialty language sort page"
    " view person from until role",
)


@pytest.mark.parametrize(
    "junk",
    ["9" * 30, "-1", "1e9", "²", "\x00", "\ud800", "'; --", "../..", "2026-99-99", "x" * 5_000],
)
async def test_no_address_breaks_a_page(db, junk, failures):
    ada, _ = await make_open_coach()
    query = "&".join(f"{name}={quote(junk, errors='surrogatepass')}" for name in ASKED)
    part = quote(junk, safe="", errors="surrogatepass")
    async with Tab(app, ada) as tab:
        await wander(tab, dict.fromkeys(re.findall(r"\[\w+\]", str(routes())), part), "?" + query)
    assert failures == []
