"""Pictures in and out. Uploads stream to a limit; what is served was re-made by us."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from loom_app.domains.accounts import actions as accounts
from loom_app.http import identity
from loom_app.http.bodies import body
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError
from loom_app.kit.files import avatars, pictures
from loom_app.kit.security import limits
from loom_app.kit.text import t

TOO_LARGE = t("Choose a picture under 10 MB.")


async def avatar(request: Request) -> Response:
    key = request.path_params["key"]
    path = await asyncio.to_thread(avatars.find, key)
    if path is None:
        raise HTTPException(404)
    return FileResponse(path, media_type="image/webp")


async def upload_avatar(request: Request) -> Response:
    """The raw picture as body, in the query the part of it that is shown (`avatars.part`); answers
    {"url"} or {"error"} in words."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        return JSONResponse({"error": t("Please sign in to do that.")}, 401)
    if not limits.allow("avatar", me.label):
        return JSONResponse({"error": limits.words("avatar")}, 429)
    try:
        raw = await body(request, avatars.MAX_BYTES, TOO_LARGE)
        shown = avatars.part(request.query_params)
        webp = await pictures.off_the_loop(avatars.remake, raw, shown)
        key = await asyncio.to_thread(avatars.store, webp)
        async with transaction(me) as tx:
            former = await accounts.set_avatar(tx, me, key)
    except DomainError as problem:
        return JSONResponse({"error": problem.message}, 422)
    await asyncio.to_thread(avatars.remove, former)
    return JSONResponse({"url": f"/files/avatars/{key}"})


routes = [
    Route("/files/avatar", upload_avatar, methods=["POST"]),
    Route("/files/avatars/{key}", avatar, methods=["GET"]),
]
