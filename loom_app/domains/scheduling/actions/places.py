"""What a change of a place means for the sessions that are booked there."""

from sqlalchemy import select
from sqlmodel import col

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.coaches.actions import PlaceInUse
from loom_app.domains.coaches.queries import PlaceView
from loom_app.domains.scheduling import events
from loom_app.domains.scheduling.actions import _common as common
from loom_app.domains.scheduling.actions import line
from loom_app.domains.scheduling.models import BOOKED, CoachingSession
from loom_app.domains.scheduling.queries.places import waited_for_at
from loom_app.kit.db.transaction import Tx
from loom_app.kit.i18n.times import when
from loom_app.kit.text import t, tn


async def place_changed(tx: Tx, place_id: int) -> None:
    """Sessions to come follow it to a new address; who waits is asked about new hours and rooms.

    Raises PlaceInUse where one of them would have no place or no room any more.
    """
    async with tx.acting_as_system("scheduling.place"):
        site = (await coaches.places_by_id(tx, [place_id]))[place_id]
        sessions = list(
            await tx.db.scalars(
                select(CoachingSession)
                .where(
                    col(CoachingSession.place_id) == place_id,
                    col(CoachingSession.status).in_(("held", *BOOKED)),
                    col(CoachingSession.ends_at) > tx.now,
                )
                .order_by(col(CoachingSession.id))
                .with_for_update(),
                execution_options=common.FRESH,
            )
        )
        rooms = {one.id: one.capacity for one in await coaches.rooms(tx, [place_id])}
        _check_stay(site, rooms, sessions)
        followed = [one for one in sessions if one.address != site.line]
        for one in followed:
            one.address, one.changed_at = site.line, tx.now
            one.sequence += 1
            common.tell(tx, one, await common.seats_of(tx, one))
        await tx.db.flush()
        for coach_id in await waited_for_at(tx, place_id):
            await line.queue(tx, coach_id)
    for one in followed:
        if one.status == "confirmed":
            await tx.emit(events.SessionRelocated(one.id or 0))


def _check_stay(site: PlaceView, rooms: dict[int, int], sessions: list[CoachingSession]) -> None:
    """Raises PlaceInUse, and says which."""
    homeless = [
        one
        for one in sessions
        if site.archived
        or (one.room_id is not None and rooms.get(one.room_id, 0) < coaches.persons(one.capacity))
    ]
    if not homeless:
        return
    first = min(homeless, key=lambda one: one.starts_at)
    said = f"{first.title}, {when(first.starts_at, site.zone)}"
    if len(homeless) > 1:
        said += tn(", and {n} more", ", and {n} more", len(homeless) - 1)
    raise PlaceInUse(
        t("Booked here: {sessions}. Move or cancel what is booked first.", sessions=said),
        field="" if site.archived else "rooms",
    )
