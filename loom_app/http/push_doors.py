"""Where a browser says that its pushes go to another address from now on (Push API,
`pushsubscriptionchange`). The service worker has no page, so it is a door of its own."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from loom_app.domains.notifications import devices
from loom_app.http import identity
from loom_app.integrations.push.client import Subscription
from loom_app.kit.db.transaction import transaction
from loom_app.kit.security import limits


async def renewed(request: Request) -> Response:
    me = await identity.actor_of(request)
    if me.person_id is None:
        return PlainTextResponse("not signed in", 401)
    if not limits.allow("save", f"person:{me.person_id}"):
        return PlainTextResponse("too many", 429)
    try:
        told = await request.json()
        now, former = told["now"], told["former"]
        parts = (now["endpoint"], now["keys"]["p256dh"], now["keys"]["auth"])
    except (ValueError, KeyError, TypeError):
        return PlainTextResponse("not understood", 400)
    if not all(isinstance(one, str) and "\0" not in one for one in (former, *parts)):
        return PlainTextResponse("not understood", 400)
    async with transaction(me) as tx:
        await devices.move(tx, me, former, Subscription(*parts))
    return PlainTextResponse("kept")


routes = [Route("/push/renewed", renewed, methods=["POST"])]
