"""`/become-a-coach/proofs`: who one is and what one learnt, each with its document."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.coaches import onboarding, queries
from loom_app.domains.coaches.onboarding import CredentialEdit
from loom_app.domains.coaches.queries import CredentialView
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.shell.native import backend

WORDS_MAX = 300


class ProofForm(TypedDict):
    kind: str
    title: str
    issuer: str
    year: str


@dataclass(frozen=True)
class ProofRow:
    """A proof in words; `href` opens its document, "" where there is none."""

    id: int
    title: str
    detail: str
    status: str
    tone: str
    href: str
    file: str
    lacks: bool
    can_go: bool


class ProofsState(Problems, rx.State):
    """The caller's own proofs; `bringing` is the one whose document is awaited."""

    loaded: bool = False
    rows: list[ProofRow] = []
    verified: bool = False
    fresh: bool = False  # something is there that staff has not seen
    waiting: bool = False
    adding: bool = False
    bringing: int = 0
    bringing_title: str = ""
    url: str = ""
    dropping: int = 0
    problem: str = ""
    form_key: int = 0

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/become-a-coach", replace=True)
            live.watch(self, [f"person:{me.require_person()}:standing"], "_changed")
            self.adding, self.bringing, self.dropping, self.problem = False, 0, 0, ""
            await self._fill(tx, me)
        return None

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        found = await queries.my_credentials(tx, me)
        standing = await queries.my_standing(tx, me)
        self.rows = [proof_row(one) for one in found]
        self.verified = standing.verified_at is not None
        self.waiting = standing.review == "waiting"
        self.fresh = any(one.status == "draft" for one in found)
        self.loaded = True

    @rx.event
    def add(self, opened: bool) -> None:
        """Open or close the form of a new proof."""
        self.adding, self.errors = opened, {}

    @rx.event
    async def save(self, form: ProofForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            year = form["year"].strip()
            if year and not (year.isdecimal() and len(year) == 4):
                raise Invalid(t("Give the year with four digits, or nothing."), field="year")
            edit = CredentialEdit(form["kind"], form["title"], form["issuer"], int(year or 0))
            number = await onboarding.add_credential(tx, me, edit)
            await self._fill(tx, me)
            self.adding = False
            self.form_key += 1
            self._await_document(number, edit.title.strip())

    def _await_document(self, number: int, title: str) -> None:
        self.bringing, self.bringing_title, self.problem = number, title[:WORDS_MAX], ""
        self.url = backend(f"/files/credentials/{number}")

    @rx.event
    def bring(self, number: int) -> None:
        """Open the place for a document; 0 closes it."""
        row = next((one for one in self.rows if one.id == number), None)
        self._await_document(number if row else 0, row.title if row else "")

    @rx.event
    def turn(self, opened: bool) -> None:
        """The dialog of a document says whether it is open."""
        if not opened:
            self.bringing = 0

    @rx.event
    async def brought(self, url: str, problem: str) -> None:
        """What the upload says; the rows say what is there."""
        self.problem = problem[:WORDS_MAX]
        async with acting(self) as (tx, me):
            await self._fill(tx, me)
            if url and not problem:
                self.bringing = 0
                await say(self, t("The document is there. Only you and our team can open it."))

    @rx.event
    def ask_drop(self, number: int) -> None:
        """Ask before a proof is taken away; 0 closes the question."""
        self.dropping = number

    @rx.event
    def turn_drop(self, opened: bool) -> None:
        """The question says whether it is open."""
        if not opened:
            self.dropping = 0

    @rx.event
    async def drop(self) -> None:
        number, self.dropping = self.dropping, 0
        async with acting(self, limit="save") as (tx, me):
            await onboarding.drop_credential(tx, me, number)
            await self._fill(tx, me)
            await say(self, t("Taken away."))

    @rx.event
    async def submit(self) -> None:
        """Hand in new proofs, for who is verified already."""
        async with acting(self, limit="save") as (tx, me):
            await onboarding.submit(tx, me)
            await self._fill(tx, me)
            await say(self, t("Submitted. You can be booked meanwhile."))


def proof_row(one: CredentialView) -> ProofRow:
    """A proof in words, for its coach and for staff."""
    kind = t("Who you are") if one.kind == "identity" else t("Training")
    year = str(one.year) if one.year else ""
    words = {
        "draft": (t("Not submitted"), "plain"),
        "waiting": (t("Being checked"), "info"),
        "verified": (t("Verified"), "good"),
    }
    lacks = one.status == "draft" and not one.file_name
    status, tone = (t("No document yet"), "warn") if lacks else words[one.status]
    return ProofRow(
        id=one.id,
        title=one.title,
        detail=" · ".join(part for part in (kind, one.issuer, year) if part),
        status=status,
        tone=tone,
        href=backend(f"/files/credentials/{one.id}") if one.file_name else "",
        file=one.file_name,
        lacks=lacks,
        can_go=one.status != "waiting",
    )
