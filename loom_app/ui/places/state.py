"""The places that somebody keeps: the list, and one of them in the editor."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import reflex as rx

from loom_app.domains.coaches import actions, queries
from loom_app.domains.coaches.actions import PlaceEdit, RoomEdit
from loom_app.domains.coaches.queries import PlaceView, RoomView
from loom_app.domains.scheduling.queries import ExceptionView, IntervalView
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import Tx
from loom_app.kit.errors import Invalid, NotFound
from loom_app.kit.i18n import times
from loom_app.kit.intervals import Interval, day_of_intervals
from loom_app.kit.text import t, tn
from loom_app.ui.availability import rows
from loom_app.ui.availability.editing import DatesEditing, ExceptionForm, WeekEditing
from loom_app.ui.offerings import form as forms
from loom_app.ui.problems import Problems, say
from loom_app.ui.reconnect import came_back, spot
from loom_app.ui.session import acting

LIST = "/places"
MOST_ROOMS = 50


@dataclass(frozen=True)
class PlaceRow:
    """A place in a line."""

    id: int
    name: str
    address: str
    rooms: str
    href: str


@dataclass(frozen=True)
class RoomRow:
    """A room in the editor; `key` stays while others come and go, `id` is 0 for a new one."""

    key: str
    id: int = 0
    name: str = ""
    capacity: str = "2"
    error: str = ""
    too_few: str = ""


@dataclass(frozen=True)
class PlaceTyped:
    """A place as its form shows it."""

    id: int = 0
    name: str = ""
    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""
    zone: str = ""
    directions: str = ""
    holidays: bool = False
    shared: bool = False
    archived: bool = False


def _may_keep(me: Actor) -> bool:
    return me.is_coach or me.may("places.edit")


def _row(view: PlaceView, rooms: list[RoomView]) -> PlaceRow:
    here = sum(one.place_id == view.id for one in rooms)
    words = tn("{n} room", "{n} rooms", here) if here else t("No rooms")
    if view.shared:
        words = f"{words} · {t('Other coaches meet here, too')}"
    address = view.line.removeprefix(f"{view.name}, ")
    return PlaceRow(view.id, view.name, address, words, f"{LIST}/{view.id}")


class PlacesState(Problems, rx.State):
    """All that the caller keeps, in use and archived."""

    loaded: bool = False
    rows: list[PlaceRow] = []
    archived: list[PlaceRow] = []

    @rx.event
    async def load(self) -> Any:
        async with acting(self) as (tx, me):
            if not _may_keep(me):
                return rx.redirect("/sessions", replace=True)
            await self._fill(tx, me)
        return None

    async def _fill(self, tx: Tx, me: Actor) -> None:
        kept = await queries.places(tx, me)
        shelf = await queries.places(tx, me, archived=True)
        rooms = await queries.rooms_kept(tx, me, [*kept, *shelf])
        self.rows = [_row(one, rooms) for one in kept]
        self.archived = [_row(one, rooms) for one in shelf]
        self.loaded = True

    @rx.event
    async def restore(self, place_id: int) -> None:
        async with acting(self, limit="save") as (tx, me):
            await actions.restore_place(tx, me, place_id)
            await self._fill(tx, me)
            await say(self, t("It can be chosen again."))


class PlaceState(WeekEditing, DatesEditing, rx.State):
    """One place in the editor; 0 is a new one. Everything is saved at once."""

    phase: str = ""  # "" while looking, then "here" or "missing"
    place: PlaceTyped = PlaceTyped()
    rooms: list[RoomRow] = []
    place_key: int = 0
    asking: bool = False
    working: bool = False
    _dates: dict[str, list[Interval]] = {}
    _made: int = 0
    _spot: str = ""

    @rx.event
    async def load(self) -> Any:
        """What somebody is typing outlives a lost connection, as long as nothing was saved."""
        path, back = self.router.url.path, came_back(self, self._spot)
        self.working, self._spot = False, spot(self)
        if back and self.phase == "here":
            return None
        self.phase, self.asking, self.errors = "", False, {}
        async with acting(self) as (tx, me):
            if not _may_keep(me):
                return rx.redirect("/sessions", replace=True)
            try:
                await self._fill(tx, me, path)
                self.phase = "here"
            except NotFound:
                self.phase = "missing"
        return None

    async def _fill(self, tx: Tx, me: Actor, path: str) -> None:
        today = times.local(tx.now, me.zone).date()
        self.place_key, self._dates, self.exceptions = self.place_key + 1, {}, []
        if path.rstrip("/").endswith("/new"):
            self.place = PlaceTyped(zone=me.zone)
            self.rooms, hours = [], [(day, 540, 1080) for day in range(5)]
        else:
            view = await queries.place(tx, me, addresses.last_number(path))
            self.place = _typed(view)
            self.rooms = [
                RoomRow(f"r{one.id}", one.id, one.name, str(one.capacity))
                for one in await queries.place_rooms(tx, me, view.id)
            ]
            hours = list(view.hours)
            self._dates = {day.isoformat(): list(intervals) for day, intervals in view.days}
            self._show_dates(today)
        self.days = rows.week_rows(
            [IntervalView(*one, 1, None, None, None) for one in hours], today
        )
        self.changed, self.can_undo, self._former = False, False, []

    def _show_dates(self, today: date) -> None:
        found = sorted((date.fromisoformat(day), its) for day, its in self._dates.items())
        self.exceptions = rows.exception_rows(
            [ExceptionView(day, list(its)) for day, its in found if day >= today]
        )

    @rx.event
    def add_room(self) -> None:
        if len(self.rooms) < MOST_ROOMS:
            self._made += 1
            self.rooms = [*self.rooms, RoomRow(f"n{self._made}")]

    @rx.event
    def drop_room(self, key: str) -> None:
        self.rooms = [one for one in self.rooms if one.key != key]

    @rx.event
    async def save_exception(self, form: ExceptionForm) -> None:
        """Into the list; the place is saved as a whole."""
        async with acting(self, limit="page") as (tx, me):
            today = times.local(tx.now, me.zone).date()
            day, hours = self._typed_date(form)
            if day < today:
                raise Invalid(t("Choose a date from today on, within two years."), field="day")
            kept = day_of_intervals(hours, "intervals")
            self._dates = {**self._dates, day.isoformat(): kept}
            self._show_dates(today)
            self.adding, self.changed = False, True

    @rx.event
    async def drop_exception(self, iso: str) -> None:
        async with acting(self, limit="page") as (tx, me):
            self._dates = {day: its for day, its in self._dates.items() if day != iso}
            self._show_dates(times.local(tx.now, me.zone).date())
            self.changed = True

    @rx.event
    async def save(self, form: dict[str, Any]) -> Any:
        if self.phase != "here":  # saved by the first of two clicks: nothing is made twice
            return
        self.working, self.errors = True, {}
        yield
        self.working = False
        done = False
        self.rooms = [_room_typed(form, one) for one in self.rooms]
        async with acting(self, limit="save") as (tx, me):
            edit = self._typed_place(form, times.local(tx.now, me.zone).date())
            await actions.save_place(tx, me, edit, self.place.id)
            done = True
        self.rooms = [
            replace(
                one,
                error=self.errors.get(f"room{n}", ""),
                too_few=self.errors.get(f"capacity{n}", ""),
            )
            for n, one in enumerate(self.rooms)
        ]
        if done:
            self.phase = ""
            await say(self, t("The place is saved. Booked sessions stay as they are."))
            yield rx.redirect(LIST)
        elif self.errors:
            await say(self, t("Something is not right yet: see the fields marked in red."), "error")

    def _typed_place(self, form: dict[str, Any], today: date) -> PlaceEdit:
        """Raises Invalid by the field's name."""
        hours = [(one.weekday, one.start, one.end) for one in rows.edits(self.days, today)]
        return PlaceEdit(
            name=forms.words(form, "name"),
            street=forms.words(form, "street"),
            postal_code=forms.words(form, "postal_code"),
            city=forms.words(form, "city"),
            country=forms.words(form, "country"),
            zone=forms.words(form, "zone"),
            directions=forms.words(form, "directions"),
            hours=tuple(hours),
            days={date.fromisoformat(day): tuple(its) for day, its in self._dates.items()},
            holidays=bool(form.get("holidays")),
            shared=bool(form.get("shared")),
            rooms=tuple(_room(one, n) for n, one in enumerate(self.rooms)),
        )

    @rx.event
    def ask(self, opened: bool) -> None:
        """Open or close the question before archiving."""
        self.asking = opened

    @rx.event
    async def archive(self) -> Any:
        self.asking = False
        done = False
        async with acting(self, limit="save") as (tx, me):
            await actions.archive_place(tx, me, self.place.id)
            done = True
        if done:
            await say(self, t("Archived. You can bring it back any time."))
            return rx.redirect(LIST)
        return None


def _typed(view: PlaceView) -> PlaceTyped:
    return PlaceTyped(
        id=view.id,
        name=view.name,
        street=view.street,
        postal_code=view.postal_code,
        city=view.city,
        country=view.country,
        zone=view.zone,
        directions=view.directions,
        holidays=view.holidays,
        shared=view.shared,
        archived=view.archived,
    )


def _room_typed(form: dict[str, Any], row: RoomRow) -> RoomRow:
    return replace(
        row,
        name=forms.words(form, f"{row.key}-name"),
        capacity=forms.words(form, f"{row.key}-capacity"),
    )


def _room(row: RoomRow, n: int) -> RoomEdit:
    """Raises Invalid by its number."""
    name = f"capacity{n}"
    return RoomEdit(row.name, forms.whole({name: row.capacity}, name) or 0, row.id)
