"""Documents of proofs: brought by a coach as a raw body, opened by them and by staff who verify."""

import asyncio
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from loom_app.domains.coaches import onboarding, queries
from loom_app.http import identity
from loom_app.http.stored import receive
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.files import names, pictures, scan, sniff, store
from loom_app.kit.security import limits
from loom_app.kit.text import t

# what a browser shows by itself, and what a scan or a photograph is
READABLE = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


async def upload(request: Request) -> Response:
    """The document as body, its name in the query; answers {"url"} or {"error"} in words."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        return JSONResponse({"error": t("Please sign in to do that.")}, 401)
    try:
        async with transaction(me) as tx:
            await onboarding.admit_document(tx, me, request.path_params["id"])
        if not limits.allow("upload", me.label):
            retry = str(limits.retry_after("upload", me.label))
            return JSONResponse({"error": limits.words("upload")}, 429, {"retry-after": retry})
        return JSONResponse({"url": await _bring(request, me)})
    except NotFound as problem:
        return JSONResponse({"error": problem.message or t("This proof is gone.")}, 404)
    except DomainError as problem:
        return JSONResponse({"error": problem.message}, 422)
    except ClientDisconnect:
        return Response(status_code=400)


async def _bring(request: Request, me: Actor) -> str:
    """Receive, judge, record; whatever goes wrong, nothing stays on the disk."""
    credential_id, key = request.path_params["id"], store.new_key()
    name = names.clean(request.query_params.get("name", "")[:300])
    path = await asyncio.to_thread(store.incoming, key)
    try:
        size = await receive(request, path)
        mime = await pictures.off_the_loop(_judge, path, name)
        document = onboarding.Document(key, name, mime, size)
        async with transaction(me) as tx:
            await onboarding.keep_document(tx, me, credential_id, document)
            await asyncio.to_thread(store.settle, key)
    except BaseException:  # a cancelled request too
        store.remove(key)
        raise
    return f"/files/credentials/{credential_id}"


def _judge(path: Path, name: str) -> str:
    """Blocks: in a thread. Raises Invalid."""
    found = sniff.sniff(path, name)
    if found.mime not in READABLE:
        raise Invalid(t("Bring a PDF, or a picture as JPEG, PNG or WebP."), field="file")
    scan.check(path)
    return found.mime


async def fetch(request: Request) -> Response:
    """Never kept by the browser: each opening is asked for, and staff's stand in the trail."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        raise NotFound
    async with transaction(me) as tx:
        found = await queries.document(tx, me, request.path_params["id"])
    path = await asyncio.to_thread(store.find, found.key)
    if path is None:
        raise HTTPException(404)
    return FileResponse(
        path,
        headers={"cache-control": "private, no-store"},
        media_type=found.mime,
        filename=found.name,
        content_disposition_type="inline",
    )


routes = [
    Route("/files/credentials/{id:int}", upload, methods=["POST"]),
    Route("/files/credentials/{id:int}", fetch, methods=["GET"]),
]
