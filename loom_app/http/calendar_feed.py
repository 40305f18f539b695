"""A session as a calendar file, for its people only."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loom_app.domains.scheduling import queries as scheduling
from loom_app.http import identity
from loom_app.kit.db.transaction import transaction


async def session_file(request: Request) -> Response:
    """Raises NotFound for strangers."""
    me = await identity.actor_of(request)
    async with transaction(me) as tx:
        content = await scheduling.calendar_file(
            tx, request.path_params["session_id"], me.require_person()
        )
    return Response(
        content,
        media_type="text/calendar",
        headers={"content-disposition": 'attachment; filename="session.ics"'},
    )


routes = [Route("/calendar/{session_id:int}.ics", session_file)]
