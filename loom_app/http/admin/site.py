"""The site: its views, its look, and where it stands among the routes."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, Environment
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette_admin import CustomView
from starlette_admin.base import BaseAdmin
from starlette_admin.routing import route
from starlette_admin.theme import DefaultTheme, TablerSettings

from loom_app.domains.operations import queries
from loom_app.domains.operations.listings import listings
from loom_app.http.admin.content import VIEWS
from loom_app.http.admin.door import Door
from loom_app.http.admin.views import ListingView
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import tokens
from loom_app.kit.text import t

QUEUES = ("jobs", "webhooks")
HERE = Path(__file__).parent
ELSEWHERE = (
    ("money.see", t("Money desk"), "/staff/money"),
    ("people.help", t("Help people"), "/staff/people"),
    ("people.roles", t("Staff roles"), "/staff/roles"),
    ("platform.settings", t("Platform settings"), "/staff/settings"),
    ("platform.notices", t("Notices"), "/staff/notices"),
    ("platform.flags", t("Features"), "/staff/flags"),
)
_SCRIPT = re.compile(r"<script(?=[\s>])")


class _Nonced(BaseLoader):
    """Every template of the library, with a nonce on each of its scripts."""

    def __init__(self, inner: BaseLoader) -> None:
        self.inner = inner

    def get_source(self, environment: Environment, template: str) -> Any:
        source, name, fresh = self.inner.get_source(environment, template)
        return _SCRIPT.sub('<script nonce="{{ request.state.nonce }}"', source), name, fresh


class Start(CustomView):
    """Every list that one may see, with how many wait where something failed."""

    def __init__(self) -> None:
        super().__init__(path="/", route_name="index", add_to_menu=False)

    @route("")
    async def index(self, request: Request) -> Response:
        me = request.state.me
        cards = []
        async with transaction(me) as tx:
            for one in queries.visible(me):
                waits = one.key in QUEUES
                many = await queries.count(tx, me, one.key, queries.Ask()) if waits else None
                cards.append({"key": one.key, "title": one.title, "area": one.area, "many": many})
        assert self.templates is not None  # noqa: S101 - set when the view is added
        context = {"title": t("Admin · Loom"), "cards": cards, "flashed_messages": []}
        return self.templates.TemplateResponse(request, "start.html", context)


def _ways(request: Request) -> list[tuple[str, str]]:
    me = request.state.me
    return [(words, path) for permission, words, path in ELSEWHERE if me.may(permission)]


def _linked(request: Request) -> list[tuple[str, str]]:
    """What is connected with the row of this page: words, and where they lead."""
    found: list[tuple[str, str]] = []
    for way in getattr(request.state, "row_ways", ()):
        path = f"/admin/{way.key}/detail?pk={way.row_id}"
        if way.clause is not None:
            asked = f"{way.clause.name}__{way.clause.op}={way.clause.value}"
            path = f"/admin/{way.key}/list?filter={asked}"
        found.append((way.title, way.page or path))
    return found


def _site() -> BaseAdmin:
    admin = BaseAdmin(
        title=t("Admin · Loom"),
        favicon_url="/favicon.svg",
        templates_dir=str(HERE / "templates"),
        static_dir=str(HERE / "static"),
        theme=DefaultTheme(settings=TablerSettings(base="stone", primary="teal", mode="light")),
        timezone_config=None,
        secret_key=tokens.seal("cookies", "admin"),
        index_view=Start(),
    )
    for key, listing in listings().items():
        admin.add_view(VIEWS.get(key, ListingView)(listing))
    env = admin.templates.env
    assert env.loader is not None  # noqa: S101 - the library sets it
    env.loader = _Nonced(env.loader)
    env.globals |= {"ways": _ways, "linked": _linked}
    return admin


async def _onward(_request: Request) -> Response:
    return RedirectResponse("/admin/", 303)


def mounted(failures: dict[Any, Callable[..., Any]]) -> list[BaseRoute]:
    """The routes, with the door before them; `failures` says what becomes of our errors."""
    outer, admin = Starlette(), _site()
    admin.mount_to(outer)
    for kind, handler in failures.items():
        admin.app.add_exception_handler(kind, handler)
    door = Door(admin.app, admin.app.routes)
    return [Route("/admin", _onward), Mount("/admin", app=door, name="admin")]
