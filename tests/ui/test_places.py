"""Places as the pages show them: made, changed, archived; chosen for an offering; booked."""

from dataclasses import replace

import pytest

from loom_app.domains.coaches import queries
from loom_app.domains.scheduling import queries as scheduling
from loom_app.kit.db.transaction import transaction
from loom_app.loom_app import app
from loom_app.ui.booking.outcome import OutcomeState
from loom_app.ui.booking.paying import ReviewState
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.times import TimesState
from loom_app.ui.offerings.state import OfferingState
from loom_app.ui.places.state import PlacesState, PlaceState
from loom_app.ui.sessions.detail_state import SessionState
from tests.factories.accounts import make_user
from tests.factories.coaches import OFFERING, PLACE, make_coach, make_place, meet_at
from tests.factories.scheduling import make_hold, make_open_coach, make_session, slot
from tests.ui.tab import Tab
from tests.ui.test_offerings import FORM as OFFERED

FORM = {
    "name": "Studio Mitte", "street": "Torstraße 1", "postal_code": "10119", "city": "Berlin",
    "country": "DE", "zone": "Europe/Berlin", "directions": "Ring twice.", "shared": True,
    "holidays": True,
}  # fmt: skip


async def kept(me):
    async with transaction(me) as tx:
        (found,) = await queries.places(tx, me)
        rooms = await queries.place_rooms(tx, me, found.id)
    return found, [(one.name, one.capacity) for one in rooms]


async def test_a_place_has_hours_and_dates_of_its_own(db, at):
    at("2026-11-21T12:00Z")
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/places/new", PlaceState.load)
        await tab.do(PlaceState.remove(4, 0))  # Friday
        await tab.do(PlaceState.set_end(0, 0, "12:00"))
        await tab.do(PlaceState.add(0))
        await tab.do(PlaceState.begin_adding(True))
        await tab.do(PlaceState.save_exception({"day": "2026-11-01", "start": "", "end": ""}))
        assert set((await tab.state(PlaceState)).errors) == {"day"}
        await tab.do(PlaceState.save_exception({"day": "2026-12-24", "start": "", "end": ""}))
        await tab.do(PlaceState.choose_kind(False))
        other = {"day": "2026-12-31", "start": "09:00", "end": "12:00"}
        await tab.do(PlaceState.save_exception(other))
        dates = [one.words for one in (await tab.state(PlaceState)).exceptions]
        assert dates == ["Day off", "09:00–12:00"]
        await tab.do(PlaceState.drop_exception("2026-12-31"))
        await tab.do(PlaceState.save(FORM))
        await tab.visit("/places/new", PlaceState.load)
        for day in range(5):
            await tab.do(PlaceState.remove(day, 0))
        await tab.do(PlaceState.save(FORM))
        assert set((await tab.state(PlaceState)).errors) == {"hours"}
    place, rooms = await kept(ada)
    assert rooms == []
    assert [hour for hour in place.hours if hour[0] in (0, 4)] == [(0, 540, 720), (0, 780, 1020)]
    assert [(f"{day}", its) for day, its in place.days] == [("2026-12-24", ())]
    assert place.holidays
    assert place.shared


async def test_a_place_is_made_with_rooms(db):
    ada, _ = await make_coach()
    async with Tab(app, ada) as tab:
        await tab.visit("/places", PlacesState.load)
        assert (await tab.state(PlacesState)).rows == []
        await tab.visit("/places/new", PlaceState.load)
        await tab.do(PlaceState.add_room())
        await tab.do(PlaceState.add_room())
        first, second = (one.key for one in (await tab.state(PlaceState)).rooms)
        rooms = {f"{first}-name": "Garden room", f"{first}-capacity": "0",
                 f"{second}-name": "Loft", f"{second}-capacity": "nine"}  # fmt: skip
        await tab.do(PlaceState.save(FORM | rooms))
        assert (await tab.state(PlaceState)).rooms[1].too_few == "Give a whole number."
        rooms[f"{second}-capacity"] = "9"
        await tab.do(PlaceState.save(FORM | rooms))
        assert "coach is one" in (await tab.state(PlaceState)).rooms[0].too_few
        rooms[f"{first}-capacity"] = "4"
        await tab.do(PlaceState.save(FORM | rooms | {"street": " "}))
        assert set((await tab.state(PlaceState)).errors) == {"street"}
        await tab.do(PlaceState.save(FORM | rooms))
        await tab.do(PlaceState.save(FORM | rooms))  # a double click
        assert tab.redirected_to() == "/places"
        await tab.visit("/places", PlacesState.load)
        (row,) = (await tab.state(PlacesState)).rows
        assert row.address == "Torstraße 1, 10119 Berlin, Germany"
        assert row.rooms == "2 rooms · Other coaches meet here, too"
    assert (await kept(ada))[1] == [("Garden room", 4), ("Loft", 9)]


async def test_a_place_is_changed_archived_and_brought_back(db):
    ada, _ = await make_coach()
    place_id = await make_place(ada)
    offering_id = await meet_at(ada, place_id)
    async with Tab(app, ada) as tab:
        await tab.visit(f"/places/{place_id}", PlaceState.load)
        (row,) = (await tab.state(PlaceState)).rooms
        same = {f"{row.key}-name": row.name, f"{row.key}-capacity": row.capacity}
        await tab.do(PlaceState.drop_room(row.key))
        await tab.do(PlaceState.save(FORM | same))
        assert "“Clarity session”" in (await tab.state(PlaceState)).errors["rooms"]
        await tab.visit(f"/places/{place_id}", PlaceState.load)
        await tab.do(PlaceState.archive)
        assert tab.redirected_to() != "/places", "it says what is offered there"
        await tab.do(PlaceState.save(FORM | same | {"name": "Studio Ost"}))
        await tab.visit(f"/offerings/{offering_id}", OfferingState.load)
        state = await tab.state(OfferingState)
        assert state.sites == [[str(place_id), "Studio Ost"], ["", "At another address"]]
        assert [one.name for one in state.rooms] == ["Garden room"]
        await tab.do(OfferingState.choose_site(""))
        assert (await tab.state(OfferingState)).rooms == []
        await tab.do(OfferingState.choose_site("999"))
        await tab.do(OfferingState.save(OFFERED | {"place": "in_person", "address": "By the lake"}))
        assert tab.redirected_to() == "/offerings"
        await tab.visit(f"/places/{place_id}", PlaceState.load)
        await tab.do(PlaceState.archive)
        assert tab.redirected_to() == "/places"
        await tab.visit("/places", PlacesState.load)
        assert [one.id for one in (await tab.state(PlacesState)).archived] == [place_id]
        await tab.do(PlacesState.restore(place_id))
        assert [one.id for one in (await tab.state(PlacesState)).rows] == [place_id]


async def test_nobody_else_opens_a_place(db):
    ada, _ = await make_coach()
    place_id = await make_place(ada)
    ben, eve = await make_user(), await make_user(name="Eve", roles=["coach"])
    async with Tab(app, eve) as tab:
        await tab.visit(f"/places/{place_id}", PlaceState.load)
        assert (await tab.state(PlaceState)).phase == "missing"
    async with Tab(app, ben) as tab:
        for path, handler in (("", PlacesState.load), ("/new", PlaceState.load)):
            await tab.visit(f"/places{path}", handler)
        assert (await tab.state(PlaceState)).phase == ""
        assert not (await tab.state(PlacesState)).loaded


async def test_an_offering_is_given_a_place_and_a_room(db):
    ada, _ = await make_coach()
    place_id = await make_place(ada)
    async with Tab(app, ada) as tab:
        await tab.visit("/offerings/new", OfferingState.load)
        state = await tab.state(OfferingState)
        assert state.site == str(place_id), "the place there is"
        (room,) = state.rooms
        there = {"place": "in_person", "place_id": str(place_id), "needs_room": True}
        await tab.do(OfferingState.save(OFFERED | there | {"capacity": "4"}))
        assert set((await tab.state(OfferingState)).errors) == {"rooms"}
        await tab.do(OfferingState.save(OFFERED | there | {f"room-{room.id}": True}))
        assert tab.redirected_to() == "/offerings"
    async with transaction(ada) as tx:
        made = [one for one in await queries.offerings(tx, ada, ada.require_person()) if one.site]
    assert [(one.needs_room, one.room_ids) for one in made] == [(True, (room.id,))]


@pytest.fixture
async def there(db, at):
    """Ben in New York, what Ada offers in Berlin with her address, and what Eve offers there."""
    at("2026-11-21T12:00Z")
    ada, _ = await make_open_coach()
    eve, _ = await make_open_coach("Eve Park")
    place_id = await make_place(ada)
    free = replace(OFFERING, price_minor=0)
    ben = await make_user(name="Ben", zone="America/New_York")
    slug = f"ada-lindqvist-{ada.person_id}"
    return ben, slug, await meet_at(ada, place_id, free), await meet_at(eve, place_id, free)


async def test_who_books_sees_where_it_is_and_the_clock_there(there, connect):
    ben, slug, offering_id, eves = there
    async with Tab(app, ben) as tab:
        await connect(tab)
        day = slot().date()
        path = f"/book/{slug}/time?offering={offering_id}&day={day}"
        await tab.visit(path, BookingState.open, TimesState.open)
        times = await tab.state(TimesState)
        assert "Studio Mitte is in Berlin" in times.zones_note
        assert f"{slot().isoformat()}" in [one.instant for one in times.times if one.free]
        await make_hold(await make_user(name="Cleo"), eves, slot())
        # another coach's client has the room: seen at once
        times = await tab.state(TimesState)
        await tab.until(lambda: [one for one in times.times if not one.free])
        await tab.do(TimesState.choose(slot(3, 15).isoformat()))
        path = f"/book/{slug}/review?offering={offering_id}"
        await tab.visit(path, BookingState.open, ReviewState.open)
        booking = await tab.state(BookingState)
        assert booking.offering.directions == PLACE.directions
        assert booking.held.there == "Tue 24 November, 16:00–17:00, Berlin (GMT+1)"
        assert booking.held.other == "", "the coach is there, on that clock"


async def test_who_has_booked_sees_the_room_and_how_to_get_there(there):
    ben, slug, offering_id, _ = there
    made = await make_session(ben, offering_id, slot(4, 15))
    async with Tab(app, ben) as tab:
        path = f"/book/{slug}/confirmed?session={made.session_id}"
        await tab.visit(path, BookingState.open, OutcomeState.open)
        outcome = await tab.state(OutcomeState)
        assert outcome.place_words.endswith("Germany (Garden room)")
        assert (outcome.directions, outcome.there[:15]) == (PLACE.directions, "Wed 25 November")
        await tab.visit(f"/sessions/{made.session_id}", SessionState.load)
        shown = (await tab.state(SessionState)).session
        assert (shown.directions, shown.there) == (outcome.directions, outcome.there)
        assert shown.when_other == ""
    async with transaction(ben) as tx:
        (card,) = (await scheduling.sessions(tx, ben, scheduling.SessionFilters())).cards
    assert card.place_text == "Studio Mitte, Garden room"


async def test_staff_see_how_many_rooms_a_private_place_has(db):
    ada, _ = await make_coach()
    await make_place(ada, replace(PLACE, shared=False))
    sam = await make_user(name="Sam", roles=["staff"])
    async with Tab(app, sam) as tab:
        await tab.visit("/places", PlacesState.load)
        (row,) = (await tab.state(PlacesState)).rows
        assert row.rooms == "1 room"
