"""The review step: the terms, and the way to the page where one pays."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import reflex as rx

from loom_app.domains.coaches.queries import Policy
from loom_app.domains.packages import queries as packages
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.domains.scheduling.queries import HoldView
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n import times
from loom_app.kit.settings import settings
from loom_app.kit.text import t
from loom_app.ui.booking.leaving import Leaving
from loom_app.ui.booking.state import BookingState, address_of
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.problems import say
from loom_app.ui.session import acting, minding, public
from loom_app.ui.shell.zone import zone_for


def parts_of(hold: HoldView, zone: str) -> list[str]:
    """What is paid now and what later, before the click: "$30 now, $70 on Tue 12 May, 14:00"."""
    found: list[str] = []
    later = (hold.price - hold.now).format()
    if hold.rest == "before":
        at = hold.starts_at - timedelta(hours=settings().rest_hours_before)
        when = times.when(at, zone)
        now = hold.now.format()
        found.append(
            t("{now} now, {later} from your card on {when}.", now=now, later=later, when=when)
        )
    elif hold.rest:
        found.append(t("{now} now, {later} in person.", now=hold.now.format(), later=later))
    if hold.no_show_fee.minor:
        fee, hours = hold.no_show_fee.format(), settings().hold_hours_before
        found.append(
            t(
                "{fee} is held on your card from {n} hours before, and taken only if you do not"
                " come.",
                fee=fee,
                n=hours,
            )
        )
    return found


def later_words(hold: HoldView, policy: Policy) -> list[str]:
    """What the later sessions of a series cost, and when."""
    each = t("Each session can be cancelled or moved by itself.")
    if not hold.price.minor:
        return [each]
    if hold.rest == "in_person":
        return [t("Each later session is paid in person."), each]
    hours = max(settings().rest_hours_before, policy.free_hours)
    price = hold.price.format()
    words = t("For each later session, {price} is charged to your card {n} hours before it.",
              price=price, n=hours)  # fmt: skip
    first = [] if hold.rest else [t("{price} now for the first session.", price=price)]
    return [*first, words, each]


class ReviewState(Leaving, rx.State):
    """What is agreed to, and the click that does it."""

    loaded: bool = False
    verified: bool = False
    agenda: str = ""
    terms: str = ""
    parts: list[str] = []
    packages: list[list[str]] = []  # number, words, until when
    package: str = ""  # the number of the one that is chosen
    package_terms: str = ""
    free_of_charge: bool = False
    sign_in_href: str = ""
    sign_up_href: str = ""
    # the hold that the page shows, and nothing else, is booked: not a series that came to it since
    _shown: tuple[int, int | None] | None = None

    @rx.event
    @public
    async def open(self) -> None:
        booking = await self.get_state(BookingState)
        if booking.place != "review" or not booking.held.until:
            return
        self.paying, self.checkout_url = False, ""
        if address_of(self)[2].get("back") == "1":  # from the page that saves a card
            async with minding(self) as me:
                await payments.sync_methods(me.require_person())
        async with acting(self) as (tx, me):
            draft = await queries.draft(tx, me)
            if draft is None or draft.hold is None:
                return
            hold = draft.hold
            self._shown = (hold.seat_id, hold.series_id)
            zone = await zone_for(self, me)
            self.verified = me.verified
            self.agenda = draft.agenda
            self.free_of_charge = booking.offering.free
            policy = await queries.policy_of_hold(tx, hold)
            self.terms = (
                t("This session is free. You can cancel it at any time before.")
                if self.free_of_charge
                else terms_words(policy, draft.starts_at, tx.now, zone)
            )
            await self._fill_packages(tx, me, hold, zone)
            self.package_terms = package_words(policy, draft.starts_at, tx.now, zone)
            minimum = booking.offering.minimum
            self.parts = [*parts_of(hold, zone), *([f"{minimum}."] if minimum else [])]
            if hold.series_id is not None:
                self.parts += later_words(hold, policy)
            ways = await self.get_state(WaysState)
            # what is kept for later must be there at once
            by = tx.now if hold.keeps_card else draft.starts_at
            await ways._load(tx, me, hold.now, by, kept=hold.keeps_card)  # noqa: SLF001
            back = quote(f"/book/{booking.coach.slug}/review?offering={booking.offering.id}")
            self.sign_in_href = f"/sign-in?next={back}"
            self.sign_up_href = f"/sign-up?next={back}"
            self.loaded = True

    async def _fill_packages(self, tx: Tx, me: Actor, hold: HoldView, zone: str) -> None:
        """What the client has for this session; what ends first is chosen first."""
        found: list[packages.Usable] = []
        if hold.price.minor:
            about = (hold.coach_id, hold.offering_id, hold.starts_at)
            found = await packages.usable(tx, me, *about)
        first = not self.packages
        self.packages = [
            [
                str(one.id),
                t("Use your package: {left} of {n} left", left=one.left, n=one.sessions),
                t("until {day}", day=times.day_and_year(one.expires_at, zone)),
            ]
            for one in found
        ]
        known = [one[0] for one in self.packages]
        if first or self.package not in ["", *known]:
            self.package = known[0] if known else ""

    @rx.event
    async def take(self, package: str) -> None:
        """Book with one of one's packages, or "" to pay."""
        async with acting(self):
            if package in ["", *(one[0] for one in self.packages)]:
                self.package = package

    @rx.event
    async def pay(self) -> Any:
        """Book, then pay outside of any transaction: here and now, or on the page of Stripe."""
        self.paying = True
        yield
        booking = await self.get_state(BookingState)
        ways = await self.get_state(WaysState)
        way = ways._way()  # noqa: SLF001
        if ways.needs_card and not self.package:
            url = ""
            async with minding(self, limit="book") as me:
                url = await payments.add_method(me, back=self._here(booking))
            async for step in self._leave(url):
                yield step
            return
        if way.save_card and not self.package:
            async with minding(self, limit="book") as me:
                await payments.ensure_customer(me)
        url = await self._book(way)
        if set(self.errors) - {"starts_at"}:  # a question of the coach was skipped
            await say(self, t("Your coach has a question first."), "info")
            yield rx.redirect(booking.back_href)
        async for step in self._leave(url):
            yield step

    def _here(self, booking: BookingState) -> str:
        return f"/book/{booking.coach.slug}/review?offering={booking.offering.id}&back=1"

    async def _book(self, way: Way) -> str:
        """Where to go on: the last step, or Stripe's page. "": the person was told why not."""
        made = None
        async with acting(self, limit="book") as (tx, me):
            number = addresses.number(self.package)
            made = await scheduling.book(tx, me, way, package_id=number, shown=self._shown)
        if made is None:
            return ""
        booking = await self.get_state(BookingState)
        done = f"/book/{booking.coach.slug}/confirmed?session={made.session_id}"
        if made.charge_id is None:
            return done
        url = await self._pay(made.charge_id, way, done)
        return await self._book(Way(use_credit=way.use_credit)) if url is None else url


def package_words(policy: Policy, starts_at: datetime, now: datetime, zone: str) -> str:
    """What cancelling does to a session that is taken from a package."""
    until = policy.free_until(starts_at)
    if until <= now:
        return t("It starts soon: if you cancel, the session counts as used.")
    when = times.when(until, zone)
    return t("Cancel until {when} and the session goes back; after that, it is used.", when=when)


def terms_words(policy: Policy, starts_at: datetime, now: datetime, zone: str) -> str:
    """What cancelling gives back, from now on until the start."""
    until, late = policy.free_until(starts_at), policy.late_percent
    if until <= now:
        if late:
            return t("It starts soon: if you cancel, you get {n} % back.", n=late)
        return t("It starts soon, so there is no refund if you cancel.")
    when = times.when(until, zone)
    if late:
        return t(
            "Cancel until {when} and you get everything back; after that, {n} %.", when=when, n=late
        )
    return t("Cancel until {when} and you get everything back; after that, nothing.", when=when)
