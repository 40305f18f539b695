"""The review step: the terms, and the way to the page where one pays."""

from typing import Any
from urllib.parse import quote, urlsplit

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments.actions import Way
from loom_app.domains.payments.errors import PaymentRefused, PaymentUnavailable
from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.i18n import times
from loom_app.kit.settings import settings
from loom_app.kit.text import t
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting, minding, public
from loom_app.ui.shell.zone import zone_for

PAY_HOSTS = frozenset({"checkout.stripe.com"})


def may_leave_for(url: str) -> bool:
    """Only our own address and Stripe's page: an answer from elsewhere sends nobody away."""
    here, there = urlsplit(settings().base_url), urlsplit(url)
    if (there.scheme, there.netloc) == (here.scheme, here.netloc):
        return True
    return there.scheme == "https" and there.hostname in PAY_HOSTS


class ReviewState(Problems, rx.State):
    """What is agreed to, and the click that does it."""

    loaded: bool = False
    verified: bool = False
    agenda: str = ""
    terms: str = ""
    free_of_charge: bool = False
    paying: bool = False
    checkout_url: str = ""
    sign_in_href: str = ""
    sign_up_href: str = ""

    @rx.event
    @public
    async def open(self) -> None:
        booking = await self.get_state(BookingState)
        if booking.place != "review" or not booking.held.until:
            return
        self.paying, self.checkout_url = False, ""
        async with acting(self) as (tx, me):
            draft = await queries.draft(tx, me)
            if draft is None:
                return
            zone = await zone_for(self, me)
            self.verified = me.verified
            self.agenda = draft.agenda
            self.free_of_charge = booking.offering.free
            until = queries.free_cancellation_until(draft.starts_at)
            if self.free_of_charge:
                self.terms = t("This session is free. You can cancel it at any time before.")
            elif until > tx.now:
                self.terms = t(
                    "Cancel until {when} and you get everything back; after that, nothing.",
                    when=times.when(until, zone),
                )
            else:
                self.terms = t(
                    "It starts in less than 24 hours, so there is no refund if you cancel."
                )
            offering = await coaches.offering(tx, me, booking.offering.id)
            ways = await self.get_state(WaysState)
            await ways._load(tx, me, offering.price, draft.starts_at)  # noqa: SLF001 - a handler must not be able to
            back = quote(f"/book/{booking.coach.slug}/review?offering={booking.offering.id}")
            self.sign_in_href = f"/sign-in?next={back}"
            self.sign_up_href = f"/sign-up?next={back}"
            self.loaded = True

    @rx.event
    async def pay(self) -> Any:
        """Book, then pay outside of any transaction: here and now, or on the page of Stripe."""
        self.paying = True
        yield
        booking = await self.get_state(BookingState)
        way = (await self.get_state(WaysState))._way()  # noqa: SLF001
        if way.save_card:
            async with minding(self, limit="book") as me:
                await payments.ensure_customer(me)
        url = await self._book(way)
        if set(self.errors) - {"starts_at"}:  # a question of the coach was skipped
            await say(self, t("Your coach has a question first."), "info")
            yield rx.redirect(booking.back_href)
        if url.startswith("/"):
            yield rx.redirect(url)
        elif url and may_leave_for(url):
            self.checkout_url = url
            yield
            self.checkout_url = ""  # coming back by the back button must not leave again
        else:
            self.paying = False

    async def _book(self, way: Way) -> str:
        """Where to go on: the last step, or Stripe's page. "": the person was told why not."""
        made = None
        async with acting(self, limit="book") as (tx, me):
            made = await scheduling.book(tx, me, way)
        if made is None:
            return ""
        booking = await self.get_state(BookingState)
        done = f"/book/{booking.coach.slug}/confirmed?session={made.session_id}"
        if made.charge_id is None:
            return done
        url, refused = "", None
        async with minding(self):
            try:
                url = (await payments.pay(made.charge_id)).url or done
            except PaymentRefused as problem:
                if problem.code != "authentication_required":
                    raise
                refused = problem
            except PaymentUnavailable:
                if way.method_id is None:
                    raise
                url = done  # it may have been taken: the last step waits for the truth
        if refused is not None:  # the bank wants to see the owner: only the page can do that
            return await self._book(Way(use_credit=way.use_credit))
        return url
