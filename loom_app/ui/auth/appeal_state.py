"""A decision of moderators as whom it is about reads it, and the appeal: by a link, signed out."""

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.moderation import queries, working
from loom_app.domains.moderation.queries import DecisionPage
from loom_app.kit.errors import DomainError, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting, public


class AppealForm(TypedDict):
    words: str


class AppealState(Problems, rx.State):
    """`kind` is warn, hide or suspend; "" where the link is none of ours."""

    loaded: bool = False
    kind: str = ""
    words: str = ""
    until: str = ""
    stands: str = ""
    answer: str = ""
    may_appeal: bool = False
    problem: str = ""
    working: bool = False
    _token: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        self._token = self.router.url.query_parameters.get("token", "")[:200]
        self.kind, self.problem, self.errors, self.working = "", "", {}, False
        async with acting(self, on_problem=self._refused, door="link") as (tx, me):
            self._show(await queries.decision_page(tx, self._token), me.zone)
        self.loaded = True

    def _show(self, found: DecisionPage, zone: str) -> None:
        self.kind, self.words, self.answer = found.kind, found.words, found.answer
        self.until = ""
        if found.kind == "suspend":
            when = times.day_and_year(found.until, zone) if found.until else ""
            self.until = t("Until {day}.", day=when) if when else t("For good.")
        self.may_appeal = found.may_appeal
        stands = {
            "open": t("Your appeal is there. Somebody else of our team looks at it."),
            "upheld": t("Somebody else looked at it again. The decision stays:"),
            "lifted": t("Somebody else looked at it again and took the decision back:"),
        }
        self.stands = stands.get(found.appeal, "")
        if found.withdrawn and not self.stands:
            self.stands = t("This decision was taken back.")

    def _refused(self, problem: DomainError) -> None:
        if problem.field:
            self.errors = {problem.field: problem.message}
        else:
            self.problem = problem.message
        if isinstance(problem, NotFound):
            self.kind = ""

    @rx.event
    @public
    async def send(self, form: AppealForm) -> None:
        async with acting(self, on_problem=self._refused, door="appeal") as (tx, me):
            found = await queries.decision_page(tx, self._token)
            await working.appeal(tx, found.id, form["words"])
            self.problem = ""
            self._show(await queries.decision_page(tx, self._token), me.zone)
