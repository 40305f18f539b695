"""`/staff/sessions/<id>`: one session, cancelled for its people, or noted about."""

from dataclasses import dataclass
from typing import Any, Literal

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions, queries
from loom_app.domains.scheduling.queries import DeskSeat, DeskSession
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.staff.notes import NoteForm, NoteRow

Way = Literal["whole", "policy"]
Asked = Literal["whole", "policy", "absent"]


class AbsentForm(TypedDict):
    reason: str


class OffForm(TypedDict):
    reason: str
    words: str
    way: str


@dataclass(frozen=True)
class SeatRow:
    """A client with what a cancellation gives back; `can_leave`: their seat alone can go."""

    id: int
    name: str
    status: str
    price: str
    paid: str
    whole: str
    policy: str
    absent: str
    can_leave: bool


@dataclass(frozen=True)
class DeskSheet:
    """The session in words."""

    id: int = 0
    title: str = ""
    coach: str = ""
    when: str = ""
    status: str = ""
    told: str = ""
    group: bool = False
    can_cancel: bool = False
    may_be_absent: bool = False


class StaffSessionState(Problems, rx.State):
    """For who may: others are led away, and every action says no to them."""

    loaded: bool = False
    missing: bool = False
    session: DeskSheet = DeskSheet()
    seats: list[SeatRow] = []
    gives: list[str] = []
    history: list[NoteRow] = []
    notes: list[NoteRow] = []
    asking: bool = False
    one: int = 0  # whose seat alone is asked about, 0 for all of it
    way: Asked = "whole"  # "absent": not about a cancellation, but a coach who did not come
    working: bool = False
    form_key: int = 0

    @rx.event
    async def load(self) -> Any:
        self.loaded, self.missing, self.asking, self.working = False, False, False, False
        async with acting(self, on_problem=self._gone) as (tx, me):
            if not me.may("sessions.override"):
                return rx.redirect("/sessions", replace=True)
            live.watch(self, [f"session:{self._id()}"], "_changed", calm=0.3)
            self._show(await queries.look_at_session(tx, me, self._id()), me)
        return None

    def _id(self) -> int:
        return addresses.last_number(self.router.url.path)

    def _gone(self, problem: DomainError) -> None:
        self.missing, self.loaded = isinstance(problem, NotFound), True
        self.session, self.seats, self.history, self.notes = DeskSheet(), [], [], []

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self, on_problem=self._gone) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        self._show(await queries.desk_session(tx, me, self._id()), me)

    def _show(self, found: DeskSession, me: Actor) -> None:
        self.session = _sheet(found, me)
        self.seats = [_seat(one, group=found.group) for one in found.seats]
        self.history = [
            NoteRow(one.words, "", times.when(one.at, me.zone)) for one in found.history
        ]
        self.notes = [
            NoteRow(t("Note by {name}", name=one.by), one.words, times.when(one.at, me.zone))
            for one in found.notes
        ]
        can = found.may_be_absent if self.way == "absent" else found.can_cancel
        self.asking = self.asking and can
        self._say()
        self.loaded = True

    def _say(self) -> None:
        """What goes back, as it is asked now."""
        if self.way == "absent":
            self.gives = [one.absent for one in self.seats if one.absent]
            return
        asked = [one for one in self.seats if one.whole and self.one in (0, one.id)]
        self.gives = [one.whole if self.way == "whole" else one.policy for one in asked]

    @rx.event
    def ask(self, client_id: int) -> None:
        """Open the question: about one client's seat, or with 0 about all of it."""
        self.asking, self.one, self.way, self.errors = True, client_id, "whole", {}
        self._say()

    @rx.event
    def ask_absent(self) -> None:
        """Open the question whether the coach did not come."""
        self.asking, self.one, self.way, self.errors = True, 0, "absent", {}
        self._say()

    @rx.event
    def turn(self, opened: bool) -> None:
        if not opened:
            self.asking, self.errors = False, {}

    @rx.event
    def choose(self, way: Way) -> None:
        """Whether everything goes back, or what the policy says."""
        self.way = way
        self._say()

    @rx.event
    async def cancel(self, form: OffForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            if form["way"] not in ("whole", "policy"):
                raise Invalid(t("Choose from the list."), field="way")
            await actions.cancel_for(
                tx,
                me,
                self._id(),
                fault=form["way"] == "whole",
                reason=form["reason"],
                words=form["words"],
                client_id=self.one,
            )
            self.asking = False
            await self._fill(tx, me)
            await say(self, t("Cancelled. Everybody concerned has a mail."))

    @rx.event
    async def note_absent(self, form: AbsentForm) -> Any:
        """The coach did not come."""
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            await actions.coach_missed_for(tx, me, self._id(), reason=form["reason"])
            self.asking = False
            await self._fill(tx, me)
            await say(self, t("Noted. Everybody concerned has a mail."))

    @rx.event
    async def note(self, form: NoteForm) -> None:
        if form["form"] != str(self.form_key):  # written by the first of two clicks
            return
        async with acting(self, limit="save") as (tx, me):
            await actions.note_session(tx, me, self._id(), form["note"])
            self.form_key += 1
            await self._fill(tx, me)


def _sheet(found: DeskSession, me: Actor) -> DeskSheet:
    return DeskSheet(
        id=found.id,
        title=found.title,
        coach=found.coach.name,
        when=times.time_range(found.starts_at, found.ends_at, me.zone),
        status=found.status_text,
        told=found.told,
        group=found.group,
        can_cancel=found.can_cancel,
        may_be_absent=found.may_be_absent,
    )


def _seat(one: DeskSeat, *, group: bool) -> SeatRow:
    return SeatRow(
        id=one.client.id,
        name=one.client.name,
        status=one.status_text,
        price=one.price_text,
        paid=one.payment_text,
        whole=one.whole,
        policy=one.policy,
        absent=one.absent,
        can_leave=group and one.live,
    )
