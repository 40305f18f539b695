"""Somebody came by a provider, and it is not known yet who they are here."""

from typing import Any
from urllib.parse import quote

import reflex as rx

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.kit.security.paths import safe_path
from loom_app.kit.text import t
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import BrowserZone


class VisitState(Problems, rx.State):
    """What waits for this browser's decision; `mail` is the token of the mailed link."""

    loaded: bool = False
    waits: bool = False
    token: str = ""
    mail: str = ""
    way: str = ""
    email: str = ""
    name: str = ""
    zone: str = ""
    mine: bool = False
    mailed: bool = False
    problem: str = ""
    sign_in_href: str = "/sign-in"

    @rx.event
    @public
    async def load(self) -> Any:
        query = self.router.url.query_parameters
        self.token, self.mail = query.get("visit", "")[:200], query.get("mail", "")[:200]
        self.mailed = False
        self.zone = (await self.get_state(BrowserZone)).name or "UTC"
        here = f"/connect?visit={quote(self.token, safe='')}"
        self.sign_in_href = f"/sign-in?next={quote(here, safe='/')}"
        await self._read()
        wrong = query.get("problem", "")
        self.problem = (
            t("Too many new accounts from here. Try again in an hour.") if wrong == "slow" else ""
        )
        if wrong == "name":
            self.errors = {"name": t("Tell us your name.")}
        elif wrong in {"role", "zone"}:
            self.errors = {"zone": t("Choose what fits you best.")}

    async def _read(self) -> None:
        async with acting(self) as (tx, me):
            found = await queries.waiting_visit(tx, me, self.token)
            self.waits = found is not None
            if found is not None:
                self.way, self.email, self.name = found.provider, found.email, found.name
                self.mine = found.mine
            self.loaded = True

    @rx.event
    async def connect(self) -> Any:
        """The account's own person agrees."""
        done = ""
        async with acting(self, limit="save") as (tx, me):
            done = await accounts.connect(tx, me, self.token) or "/settings/security?linked=1"
        return rx.redirect(safe_path(done, "/sessions")) if done else None

    @rx.event
    @public
    async def ask_by_mail(self) -> None:
        async with acting(self, limit="save") as (tx, me):
            await accounts.mail_connection(tx, me, self.token)
            self.mailed = True
