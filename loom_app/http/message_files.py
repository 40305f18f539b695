"""Files of messages: brought as a raw body, fetched by members only, judged again at each request.

Bytes never pass through a page's state: the browser streams them here, and gets back what to show.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from loom_app.domains.messaging import actions as messaging
from loom_app.domains.messaging import queries
from loom_app.http import identity
from loom_app.http.stored import receive
from loom_app.kit import addresses
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import DomainError, Invalid, NotFound
from loom_app.kit.files import links, names, pictures, scan, sniff, store
from loom_app.kit.security import limits
from loom_app.kit.text import t

# what a browser may show by itself; all else is handed over to be saved
SHOWN = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address of an upload says. None of it is believed further than its range."""

    conversation_id: int
    name: str
    voice: bool
    duration_ms: int
    peaks: tuple[int, ...]


async def upload(request: Request) -> Response:
    """The file as body; answers what to show of it, or {"error"} in words."""
    me = await identity.actor_of(request)
    if me.person_id is None:
        return JSONResponse({"error": t("Please sign in to do that.")}, 401)
    wanted = _wanted(request)
    try:
        async with transaction(me) as tx:
            await messaging.admit_file(tx, me, wanted.conversation_id)
        if not limits.allow("upload", me.label):
            retry = str(limits.retry_after("upload", me.label))
            return JSONResponse({"error": limits.words("upload")}, 429, {"retry-after": retry})
        return JSONResponse(await _bring(request, me, wanted))
    except NotFound as problem:
        return JSONResponse({"error": problem.message}, 404)
    except DomainError as problem:
        return JSONResponse({"error": problem.message}, 422)
    except ClientDisconnect:
        return Response(status_code=400)


async def _bring(request: Request, me: Actor, wanted: Wanted) -> dict[str, object]:
    """Receive, judge, re-make, record; whatever goes wrong, nothing stays on the disk."""
    key = store.new_key()
    path = await asyncio.to_thread(store.incoming, key)
    try:
        size = await receive(request, path)
        brought = await pictures.off_the_loop(_judge, key, path, size, wanted)
        async with transaction(me) as tx:
            view = await messaging.keep_file(tx, me, wanted.conversation_id, brought)
            await asyncio.to_thread(store.settle, key)
    except BaseException:  # a cancelled request too
        store.remove(key)
        raise
    return {
        "id": view.id,
        "name": view.name,
        "kind": view.kind,
        "mime": view.mime,
        "size": view.size,
        "url": view.url,
        "thumb": view.thumb,
        "view": view.view,
        "width": view.width,
        "height": view.height,
        "seconds": view.seconds,
        "peaks": view.peaks,
    }


def _judge(key: str, path: Path, size: int, wanted: Wanted) -> messaging.Brought:
    """Blocks: in a thread. Raises Invalid."""
    found = sniff.sniff(path, wanted.name)
    scan.check(path)
    width = height = 0
    if found.kind == "image":
        thumb, view = store.incoming(key, ".thumb"), store.incoming(key, ".view")
        width, height = pictures.remake(path, thumb, view)
    if wanted.voice and found.kind != "audio":
        raise Invalid(t("This is no recording."), field="file")
    kind = "voice" if wanted.voice else found.kind
    return messaging.Brought(
        key=key,
        name=names.clean(wanted.name),
        mime=found.mime,
        bytes=size,
        kind=kind,
        width=width,
        height=height,
        duration_ms=wanted.duration_ms if wanted.voice else 0,
        peaks=wanted.peaks if wanted.voice else (),
    )


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    peaks = asked.get("peaks", "").split(",")[:64]
    return Wanted(
        conversation_id=addresses.number(asked.get("conversation", "")),
        name=asked.get("name", "")[:300],
        voice=asked.get("voice") == "1",
        duration_ms=addresses.number(asked.get("ms", "")),
        peaks=tuple(addresses.number(peak) for peak in peaks if peak),
    )


async def discard(request: Request) -> Response:
    """Take back what was attached and not sent."""
    me = await _person(request)
    async with transaction(me) as tx:
        await messaging.discard_file(tx, me, request.path_params["id"])
    return Response(status_code=204)


async def fetch(request: Request) -> Response:
    """The file as it was brought, under its own name."""
    file = await _readable(request)
    inline = file.mime in SHOWN or file.kind in {"pdf", "audio", "voice"}
    if "download" in request.query_params:
        inline = False
    return await _answer(request, file, "", file.mime, inline=inline)


async def thumb(request: Request) -> Response:
    file = await _readable(request)
    return await _answer(request, file, ".thumb", "image/webp", inline=True)


async def view(request: Request) -> Response:
    """A picture as large as a screen; an animation as it is, because it moves."""
    file = await _readable(request)
    if file.mime == "image/gif":
        return await _answer(request, file, "", file.mime, inline=True)
    return await _answer(request, file, ".view", "image/webp", inline=True)


async def _person(request: Request) -> Actor:
    me = await identity.actor_of(request)
    if me.person_id is None:
        raise NotFound
    return me


async def _readable(request: Request) -> queries.StoredFile:
    """Raises NotFound; links.Ended for who may have the file, by a link whose time is over."""
    me = await _person(request)
    number = request.path_params["id"]
    async with transaction(me) as tx:
        file = await queries.readable_file(tx, me, number)
    links.check(request.query_params.get("key", ""), number)
    return file


async def _answer(
    request: Request, file: queries.StoredFile, part: str, mime: str, *, inline: bool
) -> Response:
    """Kept by the browser, and asked for again each time: who left gets it no more.

    A file never changes under its id, so the id is its mark; Range requests are answered.
    """
    path = await asyncio.to_thread(store.find, file.key, part)
    if path is None:
        raise HTTPException(404)
    headers = {"etag": f'"{file.id}{part}"', "cache-control": "private, no-cache"}
    if headers["etag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return FileResponse(
        path,
        headers=headers,
        media_type=mime,
        filename=file.name,
        content_disposition_type="inline" if inline else "attachment",
    )


def _route(path: str, endpoint: Callable[..., object], method: str = "GET") -> Route:
    return Route(path, endpoint, methods=[method])


routes = [
    _route("/files/messages", upload, "POST"),
    _route("/files/messages/{id:int}/discard", discard, "POST"),
    _route("/files/messages/{id:int}/thumb", thumb),
    _route("/files/messages/{id:int}/view", view),
    _route("/files/messages/{id:int}/{name}", fetch),
]
