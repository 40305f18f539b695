"""Proving that the person is still there: in the dialog, and on its page."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.kit.security.paths import safe_path
from loom_app.kit.text import t
from loom_app.ui import session
from loom_app.ui.auth.state import WayLink, way_links
from loom_app.ui.problems import Problems, StepUp, say
from loom_app.ui.session import minding


class ProofForm(TypedDict):
    secret: str


class ConfirmState(Problems, rx.State):
    """What was wrong with the last try, and where the page leads."""

    next_path: str = "/settings/security"
    by: str = "password"
    ways: list[WayLink] = []
    problem: str = ""
    busy: bool = False

    @rx.event
    async def load(self) -> None:
        me = await session.actor_of(self.router_data)
        query = self.router.url.query_parameters
        self.next_path = safe_path(query.get("next", ""), "/settings/security")
        self.by, self.errors = accounts.proof_of(me), {}
        self.ways = way_links(self.next_path) if self.by == "provider" else []
        seconds = query.get("seconds", "1")
        self.problem = {
            "wrong": t("That was not right. Try again."),
            "wait": t(
                "Too many tries. Wait {n} seconds and try again.",
                n=seconds if seconds.isdecimal() else 1,
            ),
        }.get(query.get("problem", ""), "")

    @rx.event
    async def confirm(self, form: ProofForm) -> Any:
        """From the dialog: the page stays as it is, and what was refused can be done again."""
        self.busy, self.errors = True, {}
        yield
        self.busy = False
        done = False
        async with minding(self) as me:
            await accounts.prove(me, form["secret"])
            done = True
        if done:
            (await self.get_state(StepUp)).asked = False
            await say(self, t("Thank you. You can go on now."))
