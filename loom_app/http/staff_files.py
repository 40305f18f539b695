"""The audit trail as a file, for staff who may; taking it out is itself in the trail."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from loom_app.domains.accounts import actions, queries
from loom_app.domains.accounts.queries import TrailEntry, TrailFilter
from loom_app.domains.payments.queries import formula_safe
from loom_app.http import identity
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.security import limits

_WHO = ("number", "id", "at", "actor", "actor_name", "verb")
_WHAT = ("subject", "subject_id", "subject_name", "before", "after")
_FIELDS = (*_WHO, *_WHAT, "address", "agent", "session_id", "reason")


async def export(request: Request) -> Response:
    """What the page's filters ask for, as CSV or as a line of JSON for each entry; streamed."""
    me = await identity.actor_of(request)
    kind = request.path_params["kind"]
    if kind not in {"csv", "jsonl"} or not me.may("audit.export"):
        raise NotFound
    if not limits.allow("save", me.label):
        return Response(limits.words("save"), 429)
    query = dict(request.query_params)
    names = ("actor", "verb", "subject", "address", "from", "to")
    told = {name: query[name][:200] for name in names if query.get(name)}
    told = {name: words for name, words in told.items() if "@" not in words}
    async with transaction(me) as tx:
        await actions.note_export(tx, me, told | {"as": kind})
    asked = queries.trail_filter(query, me.zone)
    lines = _csv(me, asked) if kind == "csv" else _json(me, asked)
    headers = {
        "content-disposition": f'attachment; filename="loom-audit.{kind}"',
        "cache-control": "private, no-store",
    }
    media = "text/csv" if kind == "csv" else "application/jsonl"
    return StreamingResponse(lines, media_type=media, headers=headers)


def _plain(entry: TrailEntry) -> dict[str, Any]:
    values = {name: getattr(entry, name) for name in _FIELDS}
    return values | {"at": entry.at.astimezone(UTC).isoformat()}


async def _csv(me: Actor, asked: TrailFilter) -> AsyncIterator[str]:
    held = io.StringIO()
    out = csv.writer(held)
    out.writerow(_FIELDS)
    async for page in queries.whole_trail(me, asked):
        for entry in page:
            cells = [
                json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
                for value in _plain(entry).values()
            ]
            out.writerow(["" if one is None else formula_safe(str(one)) for one in cells])
        yield held.getvalue()
        held.seek(0)
        held.truncate()
    yield held.getvalue()


async def _json(me: Actor, asked: TrailFilter) -> AsyncIterator[str]:
    async for page in queries.whole_trail(me, asked):
        yield "".join(json.dumps(_plain(entry), ensure_ascii=False) + "\n" for entry in page)


routes = [Route("/staff/audit/export.{kind}", export)]
