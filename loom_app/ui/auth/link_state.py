"""What a mailed link opens: a new password, a new address, the former address back.

The link alone changes nothing, since mail scanners open it, too: a press of the button does.
"""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.text import t
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, minding, public


class ForgotForm(TypedDict):
    email: str


class ResetForm(TypedDict):
    password: str


class ForgotState(Problems, rx.State):
    """`/forgot`: the same answer for every address."""

    sent: bool = False
    busy: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        self.sent, self.busy, self.errors = False, False, {}

    @rx.event
    @public
    async def send(self, form: ForgotForm) -> Any:
        self.busy = True
        yield
        self.busy = False
        async with acting(self, door="forgot") as (tx, me):
            await accounts.ask_reset(tx, me, form["email"])
            self.sent = True


class LinkState(Problems, rx.State):
    """`/reset`, `/new-address`, `/undo-address`: the link, and what became of it."""

    token: str = ""
    problem: str = ""
    done: bool = False
    busy: bool = False

    @rx.event
    @public
    async def load(self) -> None:
        self.token = self.router.url.query_parameters.get("token", "")[:200]
        self.problem, self.done, self.busy, self.errors = "", False, False, {}

    @rx.event
    @public
    async def choose(self, form: ResetForm) -> Any:
        """A new password; then it is signed in with that."""
        self.busy = True
        yield
        self.busy = False
        async with minding(self, on_problem=self._refused, door="verify") as me:
            await accounts.reset_password(me, self.token, form["password"])
            self.done, self.token = True, ""

    @rx.event
    @public
    async def take_address(self) -> None:
        async with acting(self, on_problem=self._refused, door="verify") as (tx, _):
            await accounts.change_address(tx, self.token)
            self.done, self.token = True, ""
            await say(self, t("Your new address is confirmed."))

    @rx.event
    @public
    async def undo_address(self) -> None:
        async with acting(self, on_problem=self._refused, door="verify") as (tx, _):
            await accounts.undo_address_change(tx, self.token)
            self.done, self.token = True, ""

    def _refused(self, problem: DomainError) -> None:
        """Beside the field; above the form where the link is the trouble and no try mends it."""
        if problem.field == "password":
            self.errors = {"password": problem.message}
            return
        self.problem = problem.message
        if isinstance(problem, (NotFound, LinkUsed, LinkExpired)):
            self.token = ""
