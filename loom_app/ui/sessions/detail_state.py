"""One session: read again whenever something about it changes."""

from typing import Any, Literal, NotRequired

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.messaging import actions as messaging
from loom_app.domains.payments import actions as payments
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.booking.leaving import may_leave_for
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.safety.state import close_dialogs
from loom_app.ui.session import acting, minding
from loom_app.ui.sessions.rows import Said, SessionFull, session_full

Scope = Literal["one", "following"]
Whose = Literal["client", "coach"]


class CancelForm(TypedDict):
    reason: str
    unpaid: NotRequired[str | bool]
    scope: NotRequired[str]  # the page knows it already; the browser sends it with the form


class SessionState(Problems, rx.State):
    """One session with everything that its viewer may see of it."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    session: SessionFull = SessionFull()
    asking: bool = False
    scope: Scope = "one"
    following: list[Said] = []
    working: bool = False
    missing: bool = False
    missed_seat: int = 0
    whose: Whose = "client"
    paying: int = 0
    leave_to: str = ""
    coaching: bool = False
    _charges: list[int] = []
    _following: list[int] = []
    _id: int = 0
    _spot: str = ""
    _other_id: int = 0

    @rx.event
    async def load(self) -> Any:
        wanted = addresses.last_number(self.router.url.path)
        if wanted != self._id:
            self._id, self.phase, self.session = wanted, "", SessionFull()
        self.asking, self.working = self.asking and came_back(self, self._spot), False
        self._spot = spot(self)
        self.missing, self.missed_seat, self.paying, self.leave_to = False, 0, 0, ""
        await close_dialogs(self)
        async with acting(self) as (tx, me):
            topics = [f"session:{self._id}", f"person:{me.person_id}:payments"]
            live.watch(self, topics, "_changed", calm=0.2)
            await self._fill(tx, me)
        if self.router.url.query_parameters.get("back", "") == "1":
            yield
            await self._ask_stripe()

    async def _changed(self, _signal: Signal) -> None:
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    async def _fill(self, tx: Tx, me: Actor) -> None:
        try:
            page = await queries.session(tx, me, self._id)
        except NotFound:
            self.phase = "missing"
            return
        self.session = session_full(page, me.zone)
        self.coaching = page.coaching
        if not self.session.can_miss:
            # said elsewhere meanwhile: no button may turn into the other answer under a finger
            self.missing = self.missing and self.whose == "coach"
            self.whose = "coach"
        self._other_id = page.client.id if page.coaching else page.coach.id
        if self.asking:
            await self._fill_following(tx, me)
        self._charges = [one.charge_id for one in page.dues if one.status == "asked"]
        self.phase = "here"

    @rx.event
    async def ask(self, opened: bool) -> None:
        """Open or close the question before a cancellation."""
        self.asking, self.errors, self.scope = opened, {}, "one"
        if opened and self.session.series:
            async with acting(self) as (tx, me):
                await self._fill_following(tx, me)

    async def _fill_following(self, tx: Tx, me: Actor) -> None:
        """What is shown is what is cancelled: no session that is not in the list."""
        found = await queries.following(tx, me, self._id) if self.session.series else []
        self._following = [one.session_id for one in found]
        self.following = [
            Said(times.time_range(one.starts_at, one.ends_at, me.zone), one.refund_text)
            for one in found
        ]
        if len(found) < 2:
            self.scope = "one"

    @rx.event
    def choose_scope(self, scope: Scope) -> None:
        """This session alone, or all that follow it in its series as well."""
        self.scope = scope if len(self._following) > 1 else "one"

    @rx.event
    async def cancel(self, form: CancelForm) -> Any:
        self.working = True
        yield
        self.working = False
        async with acting(self, limit="save") as (tx, me):
            count, reason = 1, form["reason"]
            if self.scope == "following":
                listed = list(self._following)
                count = await scheduling.cancel_following(tx, me, self._id, listed, reason)
            else:
                unpaid = bool(form.get("unpaid"))
                await scheduling.cancel(tx, me, self._id, reason, unpaid=unpaid)
            self.asking = False
            await self._fill(tx, me)
            words = (
                t("Your seat is given back.")
                if self.session.group and not self.coaching
                else tn("The session is cancelled.", "{n} sessions are cancelled.", count)
            )
            await say(self, words)

    async def _ask_stripe(self) -> None:
        """Back from Stripe's page: the webhook may be late."""
        for charge_id in list(self._charges):
            async with minding(self):
                await payments.check_charge(charge_id)
        async with acting(self) as (tx, me):
            await self._fill(tx, me)

    @rx.event
    async def pay(self, due_id: int) -> Any:
        """What is due, on Stripe's page, where saved cards are offered."""
        self.paying = due_id
        yield
        charge_id, url = 0, ""
        async with acting(self, limit="book") as (tx, me):
            charge_id = await payments.pay_due(tx, me, due_id)
        if charge_id:
            async with minding(self):
                url = (await payments.pay(charge_id)).url
        self.paying = 0
        if url and may_leave_for(url):
            self.leave_to = url
            yield
            self.leave_to = ""

    @rx.event
    async def in_hand(self, due_id: int) -> Any:
        """The coach has the rest in hand."""
        async with acting(self, limit="save") as (tx, me):
            await payments.pay_in_person(tx, me, due_id)
            await self._fill(tx, me)
            await say(self, t("Noted: paid in person."))

    @rx.event
    async def take_kept(self) -> Any:
        """Go on to book, and to pay, what was chosen for one."""
        async with acting(self, limit="hold") as (tx, me):
            page = await queries.session(tx, me, self._id)
            slug = await coaches.slug_of_coach(tx, page.coach.id)
            await scheduling.hold(tx, me, offering_id=page.offering_id, starts_at=page.starts_at)
            return rx.redirect(f"/book/{slug}/details?offering={page.offering_id}")
        return None

    @rx.event
    async def drop_kept(self) -> Any:
        """It is not wanted, or is taken back."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.drop_kept(tx, me, self._id)
            await self._fill(tx, me)
            await say(self, t("The time is free again."))

    @rx.event
    async def take_back(self, seat_id: int) -> None:
        """A seat of a group that is kept for somebody is free again."""
        async with acting(self, limit="save") as (tx, me):
            await scheduling.drop_kept(tx, me, self._id, seat_id)
            await self._fill(tx, me)
            await say(self, t("The seat is free again, and they are told."))

    @rx.event
    def ask_missing(self, opened: bool) -> None:
        """Open or close the question before a no-show."""
        self.missing, self.missed_seat = opened, 0
        self.whose = "client" if self.session.can_miss else "coach"

    @rx.event
    def choose_whose(self, whose: Whose) -> None:
        """Who did not come: what that means is shown before the click."""
        self.whose = whose

    @rx.event
    def ask_missed(self, seat_id: int) -> None:
        """The same of one person of a group."""
        self.missed_seat = seat_id

    @rx.event
    async def miss(self) -> Any:
        """The client did not come."""
        seat_id, self.missing, self.missed_seat = self.missed_seat, False, 0
        async with acting(self, limit="save") as (tx, me):
            await scheduling.miss(tx, me, self._id, seat_id)
            await self._fill(tx, me)
            await say(self, t("Noted: your client did not come."))

    @rx.event
    async def absent(self) -> Any:
        """The coach did not come themselves."""
        self.missing = False
        async with acting(self, limit="save") as (tx, me):
            await scheduling.coach_missed(tx, me, self._id)
            await self._fill(tx, me)
            await say(self, t("Noted: you did not come. Everything goes back."))

    @rx.event
    async def write(self) -> Any:
        """To the conversation with the other side."""
        conversation = 0
        async with acting(self, limit="save") as (tx, me):
            conversation = await messaging.start(tx, me, self._other_id)
        return rx.redirect(f"/messages/{conversation}") if conversation else None
