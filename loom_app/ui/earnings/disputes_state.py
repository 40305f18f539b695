"""A coach's disputes, and the one answer to each."""

from dataclasses import dataclass
from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.payments import actions, queries
from loom_app.domains.payments.queries import DisputeView
from loom_app.domains.scheduling import queries as sessions
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting, minding


class AnswerForm(TypedDict):
    evidence: str


@dataclass(frozen=True)
class DisputeRow:
    """A dispute as its coach reads it; `tone` is a badge's."""

    id: int
    what: str
    amount: str
    reason: str
    status: str
    tone: str
    when: str
    evidence: str
    answerable: bool
    answered: bool


class DisputesState(Problems, rx.State):
    """Open ones first; `answering` is the one whose answer is being written."""

    loaded: bool = False
    broken: bool = False  # it could not be read
    rows: list[DisputeRow] = []
    answering: int = 0
    busy: bool = False
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not me.is_coach:
                return rx.redirect("/sessions", replace=True)
            live.watch(self, [f"person:{me.person_id}:money"], "_changed", calm=0.2)
            await self._fill(tx, me)
            if not came_back(self, self._spot):
                self.answering = 0
            self._spot = spot(self)
        self.broken = not self.loaded
        return None

    async def _changed(self, _signal: Any) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self.rows = [_row(view, me.zone) for view in await queries.disputes(tx, me)]
        self.loaded = True

    @rx.event
    def answer(self, dispute_id: int) -> None:
        self.answering, self.errors = dispute_id, {}

    @rx.event
    def later(self) -> None:
        self.answering, self.errors = 0, {}

    @rx.event
    async def keep(self, words: str) -> None:
        """What is written stays when the page is closed."""
        async with acting(self, limit="save") as (tx, me):
            await actions.keep_evidence(tx, me, self.answering, words[:20_001])

    @rx.event
    async def send(self, form: AnswerForm) -> None:
        """Once: after this the bank decides."""
        facts = None
        async with acting(self, limit="save") as (tx, me):
            facts = await _known(tx, me, await queries.dispute(tx, me, self.answering))
        if facts is None:
            return
        sent = False
        async with minding(self) as me:
            await actions.submit_evidence(me, self.answering, form.get("evidence", ""), facts)
            self.answering, sent = 0, True
            await say(self, t("Sent. The bank decides now, which may take two months."))
        if sent:  # else what was wrong stays in sight
            async with acting(self) as (tx, me):
                await self._fill(tx, me)


async def _known(tx: Tx, me: Actor, about: DisputeView) -> actions.SessionEvidence:
    """What Loom can say of the session itself; the coach need not type it."""
    plain = actions.SessionEvidence(product=about.description)
    if about.payable_kind != "seat":
        return plain
    async with tx.acting_as_system("payments.evidence"):
        session_id = await sessions.session_of_seat(tx, about.payable_id)
        try:
            facts = await sessions.session_facts(tx, session_id or 0, seat_id=about.payable_id)
        except NotFound:
            return plain
    began = times.when(facts.starts_at, me.zone)
    log = [
        t("Session: {title} with {coach}", title=facts.offering_name, coach=facts.coach.name),
        t("Begins: {when}", when=began),
        t("Place: {place}", place=facts.place_text),
        t("State in Loom: {state}", state=facts.status),
    ]
    if facts.missed_by == "coach":
        log.append(t("The coach did not come."))
    elif facts.missed_by:
        log.append(t("The client did not come."))
    return actions.SessionEvidence(
        service_date=began,
        product=about.description,
        customer_name=facts.client.name,
        log="\n".join(log),
    )


_TONES = {"won": "good", "prevented": "good", "warning_closed": "good", "lost": "bad"}


def _row(view: DisputeView, zone: str) -> DisputeRow:
    return DisputeRow(
        id=view.id,
        what=view.description,
        amount=view.amount.format(),
        reason=view.reason,
        status=queries.dispute_status(view.status),
        tone=_TONES.get(view.status, "warn" if view.answerable else "info"),
        when=_when(view, zone),
        evidence=view.evidence,
        answerable=view.answerable,
        answered=view.submitted_at is not None,
    )


def _when(view: DisputeView, zone: str) -> str:
    if view.closed_at is not None:
        return t("Decided on {when}", when=times.when(view.closed_at, zone))
    if view.answerable and view.due_by is not None:
        return t("Answer by {when}", when=times.when(view.due_by, zone))
    return t("Opened on {when}", when=times.when(view.opened_at, zone))
