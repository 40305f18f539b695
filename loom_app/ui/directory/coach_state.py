"""The coach page: what one visitor sees of one coach."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.packages import queries as packages
from loom_app.domains.payments import queries as payments
from loom_app.domains.platform import flags
from loom_app.domains.platform import queries as platform
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import NotFound
from loom_app.kit.i18n import times
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.text import t, tn
from loom_app.ui import live
from loom_app.ui.directory.rows import OfferingRow, TimeRow
from loom_app.ui.directory.words import closed_note, offering_row, rating_words, soon
from loom_app.ui.packages.offers_state import PackageOfferRow, offer_row
from loom_app.ui.problems import Problems
from loom_app.ui.safety.state import close_dialogs
from loom_app.ui.session import acting, public
from loom_app.ui.shell.zone import zone_for

SHOWN_TIMES = 6
_TITLE = t("Coach · Loom")


@dataclass(frozen=True)
class CoachFull:
    """A coach in words."""

    id: int = 0
    name: str = ""
    initials: str = ""
    hue: int = 0
    avatar_url: str = ""
    headline: str = ""
    rating: str = ""
    reviews: str = ""
    specialties: list[str] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    languages: str = ""
    certifications: str = ""
    experience: str = ""
    lives_in: str = ""
    policy: str = ""
    video_url: str = ""


def _in_words(page: coaches.CoachPage) -> CoachFull:
    rating, reviews = rating_words(page.rating_avg, page.rating_count)
    return CoachFull(
        id=page.user_id,
        name=page.name,
        initials=page.initials,
        hue=page.hue,
        avatar_url=page.avatar_url,
        headline=page.headline,
        rating=rating,
        reviews=reviews,
        specialties=page.specialties,
        paragraphs=[part.strip() for part in page.bio.split("\n") if part.strip()],
        languages=", ".join(page.languages),
        certifications=", ".join(page.certifications),
        experience=tn("Coaching for {n} year", "Coaching for {n} years", page.years)
        if page.years
        else "",
        lives_in=t("Lives by the clock of {zone}", zone=times.zone_label(page.zone)),
        policy=" ".join(filter(None, (page.policy.words(), page.cancellation_policy))),
        video_url=page.video_url,
    )


def spread(free: list[datetime], zone: str) -> list[datetime]:
    """Two a day, so that the first few tell of several days and not of one morning."""
    days: dict[date, list[datetime]] = {}
    for at in free:
        days.setdefault(times.local(at, zone).date(), []).append(at)
    middles = [(of_day[0], of_day[len(of_day) // 2]) for of_day in days.values()]
    return list(dict.fromkeys(at for pair in middles for at in pair))


class CoachState(Problems, rx.State):
    """One coach's public page; the next times are live."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    coach: CoachFull = CoachFull()
    offerings: list[OfferingRow] = []
    packages: list[PackageOfferRow] = []
    times: list[TimeRow] = []
    times_note: str = ""
    book_href: str = ""
    wait_href: str = ""
    selling_note: str = ""
    closed: bool = False  # nothing of this coach can be booked now
    write_href: str = ""  # "" on one's own page
    page_title: str = _TITLE
    _packages: list[PackageOfferRow] = []
    _slug: str = ""
    _offering_id: int = 0

    @rx.event
    @public
    async def load(self) -> Any:
        await close_dialogs(self)
        slug = self.router.url.path.strip("/").split("/")[-1]
        if slug != self._slug:
            self._slug, self.phase, self.page_title = slug, "", _TITLE
            yield
        async with acting(self) as (tx, me):
            try:
                page = await coaches.coach_by_slug(tx, me, slug)
            except NotFound:
                live.unwatch(self)
                self.phase = "missing"
                return
            self.coach = _in_words(page)
            self.page_title = t("{name}: {headline}", name=page.name, headline=page.headline)
            self.write_href = f"/messages?to={page.user_id}" if me.person_id != page.user_id else ""
            sells = await payments.sells_in(tx, page.user_id)
            self.offerings = [offering_row(view, page.slug, sells=sells) for view in page.offerings]
            offers = await packages.offers(tx, me, page.user_id)
            self._packages = [
                offer_row(one, f"/packages/buy/{one.id}")
                for one in offers
                if one.price.currency in sells
            ]
            self._show_packages(me)
            open_ones = [one for one in self.offerings if not one.closed]
            self._offering_id = open_ones[0].id if open_ones else 0
            self.closed = not open_ones
            self.selling_note = closed_note(page.name, self.offerings, sells)
            live.watch(self, [f"coach:{page.user_id}:slots", platform.NOW], "_told")
            await self._fill_times(tx, me)
            self.phase = "here"

    async def _fill_times(self, tx: Tx, me: Actor) -> None:
        zone = await zone_for(self, me)
        known = [one for one in self.offerings if one.id == self._offering_id]
        first = known[0] if known else OfferingRow()
        self.book_href = first.href if len(self.offerings) == 1 else f"/book/{self._slug}"
        self.wait_href = first.href
        self.times_note = (
            t("{offering}, in {zone} time", offering=first.name, zone=times.zone_label(zone))
            if first.id
            else ""
        )
        free = []
        if self._offering_id:
            today = times.local(tx.now, zone).date()
            free = await scheduling.month_slots(
                tx, me, self._offering_id, today, today + timedelta(days=28)
            )
        self.times = [
            TimeRow(
                instant=at.isoformat(),
                label=soon(at, zone),
                href=f"{first.href}&day={times.local(at, zone).date().isoformat()}",
            )
            for at in spread(free, zone)[:SHOWN_TIMES]
        ]

    def _show_packages(self, me: Actor) -> None:
        self.packages = self._packages if flags.enabled("packages", me) else []

    async def _told(self, signal: Signal) -> None:
        if self.phase != "here":
            return
        async with acting(self) as (tx, me):
            if signal.topic == platform.NOW:
                self._show_packages(me)
            else:
                await self._fill_times(tx, me)
