"""Sessions for calendar programs: one as a file, or all at a secret address."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loom_app.domains.scheduling import queries as scheduling
from loom_app.http import identity
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction

CALENDAR = "text/calendar"


async def session_file(request: Request) -> Response:
    """Raises NotFound for strangers."""
    me = await identity.actor_of(request)
    async with transaction(me) as tx:
        content = await scheduling.calendar_file(
            tx, request.path_params["session_id"], me.require_person()
        )
    return Response(
        content,
        media_type=CALENDAR,
        headers={"content-disposition": 'attachment; filename="session.ics"'},
    )


async def feed(request: Request) -> Response:
    """For programs without a cookie: the address is the secret. Raises NotFound for any other."""
    async with transaction(scheduling.FEED_READER) as tx:
        owner = await scheduling.feed_owner(tx, request.path_params["token"])
    async with transaction(Actor(owner)) as tx:
        content = await scheduling.calendar_feed(tx, Actor(owner))
    mark = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers={"etag": mark})
    name = 'inline; filename="loom.ics"'
    return Response(
        content, media_type=CALENDAR, headers={"etag": mark, "content-disposition": name}
    )


routes = [
    Route("/calendar/{session_id:int}.ics", session_file),
    Route("/calendar/feed/{token}.ics", feed),
]
