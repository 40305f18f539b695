"""Buying a package: what it is, how to pay, and the click that does it."""

from datetime import timedelta
from typing import Any

import reflex as rx

from loom_app.domains.accounts import queries as accounts
from loom_app.domains.packages import actions, queries
from loom_app.domains.payments import actions as payments
from loom_app.domains.payments import queries as payment_queries
from loom_app.domains.payments.actions import Way
from loom_app.domains.platform import flags
from loom_app.kit import addresses
from loom_app.kit.errors import NotFound
from loom_app.kit.money import Money
from loom_app.ui.booking.leaving import Leaving
from loom_app.ui.booking.ways import WaysState
from loom_app.ui.packages.offers_state import PackageOfferRow, offer_row
from loom_app.ui.session import acting, minding

# nothing has to be there by a day: a bank may take its time
ANY_TIME = timedelta(days=60)


class BuyPackageState(Leaving, rx.State):
    """One package on offer, as a client is about to buy it."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    row: PackageOfferRow = PackageOfferRow()
    coach: str = ""
    sells: bool = True
    verified: bool = False
    _id: int = 0
    reading: int = 0  # which reading of the offer the page shows
    _shown: tuple[Money, int, int, list[int]] | None = None  # what is agreed to by the click

    @rx.event
    async def load(self) -> None:
        self.phase, self.paying, self.checkout_url = "", False, ""
        self._id = addresses.last_number(self.router.url.path)
        await self._read()

    async def _read(self) -> None:
        async with acting(self) as (tx, me):
            try:
                offer = await queries.offer(tx, me, self._id)
                self.coach = (await accounts.person(tx, offer.coach_id)).name
            except NotFound:
                self.phase = "missing"
                return
            sold = flags.enabled("packages", me)
            if offer.archived or offer.coach_id == me.person_id or not sold:
                self.phase = "missing"
                return
            self.row, self.verified = offer_row(offer, ""), me.verified
            shown = (offer.price, offer.sessions, offer.months, list(offer.offering_ids))
            if shown != self._shown:
                self._shown, self.reading = shown, self.reading + 1
            currencies = await payment_queries.sells_in(tx, offer.coach_id)
            self.sells = offer.price.currency in currencies
            ways = await self.get_state(WaysState)
            await ways._load(tx, me, offer.price, tx.now + ANY_TIME, booking=False)  # noqa: SLF001
            self.phase = "here"

    @rx.event
    async def pay(self, reading: int) -> Any:
        """Begin, then pay outside of any transaction: here and now, or on the page of Stripe. A
        click on what was shown before the offer changed, as the second of two, buys nothing."""
        if reading != self.reading:
            return
        self.paying = True
        yield
        ways = await self.get_state(WaysState)
        way = ways._way()  # noqa: SLF001
        if way.save_card:
            async with minding(self, limit="book") as me:
                await payments.ensure_customer(me)
        async for step in self._leave(await self._buy(way)):
            yield step

    async def _buy(self, way: Way) -> str:
        """Where to go on: its page, or Stripe's. "": the person was told why not."""
        made = None
        async with acting(self, limit="book") as (tx, me):
            made = await actions.buy(tx, me, self._id, way, shown=self._shown)
        if made is None:
            await self._read()
            return ""
        done = f"/packages/{made.package_id}?back=1"
        url = await self._pay(made.charge_id, way, done)
        return await self._buy(Way(use_credit=way.use_credit)) if url is None else url
