"""What search engines and link previews read: coach pages with their own head, and a sitemap.

The page shell is the built one; title, description and Open Graph tags are put into it, escaped.
"""

import os
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from loom_app.domains.coaches import queries as coaches
from loom_app.http import structured_data
from loom_app.kit.actor import Actor
from loom_app.kit.db.transaction import transaction
from loom_app.kit.errors import NotFound
from loom_app.kit.settings import ROOT, settings
from loom_app.kit.text import t

NOBODY = Actor()
CLIENT = ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web") / "build" / "client"
_FRAMES = frozenset({"iframe", "frame", "embed", "object"})
_EMBED_QUERY = frozenset({"offering", "theme", "accent", "day", "week", "month"})
_VARY = {"vary": "sec-fetch-dest"}
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_DESCRIPTION = re.compile(r'<meta[^>]*name="description"[^>]*>')


@lru_cache(maxsize=4)
def _shell(path: Path, _stamp: float) -> str:
    return path.read_text()


def shell() -> str:
    """The built page that any address may start from."""
    path = CLIENT / "__spa-fallback.html"
    return _shell(path, path.stat().st_mtime)


def with_head(
    page: str, *, title: str, description: str, address: str, image: str = "", data: str = ""
) -> str:
    """Put escaped words into a page's head in place of its own; `data` is an element as it is."""
    short = " ".join(description.split())[:200]
    tags = (
        f"<title>{escape(title)}</title>"
        f'<meta name="description" content="{escape(short)}">'
        f'<meta property="og:title" content="{escape(title)}">'
        f'<meta property="og:description" content="{escape(short)}">'
        f'<meta property="og:type" content="profile">'
        f'<meta property="og:url" content="{escape(address)}">'
        f'<link rel="canonical" href="{escape(address)}">{data}'
    )
    if image:
        tags += f'<meta property="og:image" content="{escape(image)}">'
    bare = _DESCRIPTION.sub("", _TITLE.sub("", page, count=1), count=1)
    return bare.replace("</head>", tags + "</head>", 1)


async def coach_page(request: Request) -> Response:
    """200 with a head of its own for a published coach, 404 with the plain page for any other."""
    slug = request.path_params["slug"]
    address = f"{settings().base_url}/coaches/{slug}"
    if not (CLIENT / "__spa-fallback.html").exists():
        return RedirectResponse(f"http://localhost:3000/coaches/{slug}")  # `make dev`
    try:
        async with transaction(NOBODY) as tx:
            coach = await coaches.coach_by_slug(tx, NOBODY, slug)
    except NotFound:
        return HTMLResponse(shell(), 404)
    title = t("{name}: {headline}", name=coach.name, headline=coach.headline)
    base = settings().base_url
    page = with_head(
        shell(),
        title=title,
        description=coach.bio or coach.headline,
        address=address,
        image=f"{base}{coach.avatar_url}" if coach.avatar_url else "",
        data=structured_data.script(structured_data.coach(coach, base)),
    )
    return HTMLResponse(page)


async def booking_page(request: Request) -> Response:
    """The plain page, 404 for who is no coach here; inside another page, the one made for it."""
    slug = request.path_params["slug"]
    if not (CLIENT / "__spa-fallback.html").exists():
        return RedirectResponse(f"http://localhost:3000{request.url.path}?{request.url.query}")
    inside = request.headers.get("sec-fetch-dest", "") in _FRAMES
    if inside or request.query_params.get("embed"):
        kept = [pair for pair in request.query_params.multi_items() if pair[0] in _EMBED_QUERY]
        asked = f"?{urlencode(kept)}" if kept else ""
        return RedirectResponse(f"/book/{quote(slug)}/embed{asked}", 303, _VARY)
    return HTMLResponse(shell(), await _status(slug), _VARY)


async def embedded_page(request: Request) -> Response:
    """What other sites show inside theirs; see `policy.EMBEDDED`."""
    if not (CLIENT / "__spa-fallback.html").exists():
        return RedirectResponse(f"http://localhost:3000{request.url.path}?{request.url.query}")
    return HTMLResponse(shell(), await _status(request.path_params["slug"]))


async def _status(slug: str) -> int:
    async with transaction(NOBODY) as tx:
        return 200 if await coaches.is_published(tx, slug) else 404


async def sitemap(_request: Request) -> Response:
    """Public pages only: the home page, the directory, published coaches."""
    async with transaction(NOBODY) as tx:
        slugs = await coaches.published_slugs(tx)
    base = settings().base_url
    paths = ["/", "/coaches", *(f"/coaches/{slug}" for slug in slugs)]
    rows = "".join(f"<url><loc>{escape(base + path)}</loc></url>" for path in paths)
    return Response(
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>',
        media_type="application/xml",
    )


async def robots(_request: Request) -> Response:
    lines = [
        "User-agent: *",
        "Disallow: /book/",
        "Disallow: /sandbox/",
        "Disallow: /dev/",
        f"Sitemap: {settings().base_url}/sitemap.xml",
    ]
    return PlainTextResponse("\n".join(lines) + "\n")


routes = [
    Route("/coaches/{slug}", coach_page),
    Route("/coaches/{slug}/", coach_page),
    Route("/book/{slug}", booking_page),
    Route("/book/{slug}/", booking_page),
    Route("/book/{slug}/time", booking_page),
    Route("/book/{slug}/embed", embedded_page),
    Route("/book/{slug}/embed/", embedded_page),
    Route("/sitemap.xml", sitemap),
    Route("/robots.txt", robots),
]
