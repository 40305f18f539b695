"""A second factor that is lost: what staff began ends here, or is stopped, by a mailed link."""

from typing import Any

import reflex as rx

from loom_app.domains.accounts import actions as accounts
from loom_app.domains.accounts import queries
from loom_app.domains.accounts.errors import LinkExpired, LinkUsed
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.i18n import times
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public


class LostFactorState(Problems, rx.State):
    """`done` is "stopped" or "gone" once the link was used."""

    token: str = ""
    due: str = ""
    is_due: bool = False
    problem: str = ""
    done: str = ""
    loaded: bool = False

    @rx.event
    @public
    async def load(self) -> Any:
        self.token = self.router.url.query_parameters.get("token", "")[:200]
        self.due, self.is_due, self.problem, self.done, self.errors = "", False, "", "", {}
        self.loaded = False
        async with acting(self, on_problem=self._refused, door="verify") as (tx, _):
            found = await queries.factor_reset(tx, self.token)
            self.due, self.is_due = times.when(found.due_at, found.zone), found.is_due
        self.loaded = True

    @rx.event
    @public
    async def stop(self) -> None:
        async with acting(self, on_problem=self._refused, door="verify") as (tx, _):
            await accounts.stop_factor_reset(tx, self.token)
            self.done, self.token = "stopped", ""

    @rx.event
    @public
    async def finish(self) -> None:
        async with acting(self, on_problem=self._refused, door="verify") as (tx, _):
            await accounts.reset_factor(tx, self.token)
            self.done, self.token = "gone", ""

    def _refused(self, problem: DomainError) -> None:
        self.problem = problem.message
        if isinstance(problem, (NotFound, LinkUsed, LinkExpired)):
            self.token = ""
