"""The file with all that Loom has of a person: by a signed link, in their own sign-in, a day."""

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from loom_app.domains.privacy import actions
from loom_app.http import identity
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.security import limits


async def download(request: Request) -> Response:
    """For everybody else, and after its day, it is not there."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        raise NotFound
    if not limits.allow("save", me.label):
        return Response(limits.words("save"), 429)
    async with transaction(me) as tx:
        path = await actions.download(tx, me, request.query_params.get("file", "")[:200])
    if not path.is_file():
        raise NotFound
    headers = {"cache-control": "private, no-store"}
    return FileResponse(
        path, filename="loom-data.zip", media_type="application/zip", headers=headers
    )


routes = [Route("/files/data", download)]
