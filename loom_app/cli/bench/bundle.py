"""First-load JavaScript and CSS of a page, gzipped: what it names and what that imports."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

from reflex.utils.prerequisites import get_web_dir

from loom_app.kit.settings import ROOT

# KB gzip: what a page may load first, and all fonts together (OPS-20; the fonts' own by our look)
BUDGETS = {"js": 350.0, "css": 20.0, "fonts": 120.0}
_NAMED = re.compile(r"/assets/[\w.\-]+\.(?:js|css)")
_STATIC = re.compile(r"""(?:import|from)\s*["'](\./[\w.\-]+\.js)["']""")
_PARAMETER = re.compile(r"\[(\w+)\]")


def sizes() -> dict[str, dict[str, float]]:
    """Of every page there is, by its route."""
    from loom_app.ui.routes import routes  # noqa: PLC0415 - all pages; nothing else here needs them

    client = ROOT / get_web_dir() / "build" / "client"
    return {one.path: _page(client, one.path) for one in routes() if _known(client, one.path)}


def fonts() -> float:
    """All fonts that pages load, in KB; woff2 is compressed as it is."""
    files = (ROOT / "assets" / "fonts").glob("*.woff2")
    return round(sum(file.stat().st_size for file in files) / 1024, 1)


def over(found: dict[str, dict[str, float]], of_fonts: float) -> list[str]:
    """What is larger than it may be, in words."""
    said = [
        f"{page}: {size[kind]} KB {kind}, {BUDGETS[kind]:g} allowed"
        for page, size in found.items()
        for kind in ("js", "css")
        if size[kind] > BUDGETS[kind]
    ]
    if of_fonts > BUDGETS["fonts"]:
        said.append(f"fonts: {of_fonts} KB, {BUDGETS['fonts']:g} allowed")
    return said


def _page(client: Path, route: str) -> dict[str, float]:
    named = _document(client, route) | _of_route(client, route)
    files = _closure(client, named)
    sums = {"js": 0, "css": 0}
    for file in files:
        path = client / file.lstrip("/")
        if path.exists():
            sums[path.suffix[1:]] += len(gzip.compress(path.read_bytes(), 6))
    return {kind: round(size / 1024, 1) for kind, size in sums.items()}


def _document(client: Path, route: str) -> set[str]:
    """What the served document asks for by itself."""
    bare = route.strip("/")
    names = [f"{bare}/index.html", f"{bare}.html"] if bare else ["index.html"]
    for name in [*names, "__spa-fallback.html"]:
        page = client / name
        if page.exists():
            text = page.read_text()
            return set(re.findall(r'(?:href|src)="(/assets/[\w.\-]+\.(?:js|css))"', text)) | set(
                re.findall(r'(?:import|from)\s*["\'](/assets/[\w.\-]+\.js)["\']', text)
            )
    return set()


def _of_route(client: Path, route: str) -> set[str]:
    """What the router loads for this address before it shows it."""
    found: set[str] = set()
    for entry in _routes(client):
        if entry["id"] == "root" or _serves(entry, route):
            found |= {entry["module"], *entry.get("imports", []), *entry.get("css", [])}
    return found


def _known(client: Path, route: str) -> bool:
    """A page that is not in the bundle has no size, rather than a small one."""
    return any(entry["id"] != "root" and _serves(entry, route) for entry in _routes(client))


def _serves(entry: dict[str, Any], route: str) -> bool:
    path = _PARAMETER.sub(r":\1", route).strip("/")
    return (entry.get("path") or "").strip("/") == path


def _routes(client: Path) -> list[dict[str, Any]]:
    for file in (client / "assets").glob("manifest-*.js"):
        text = file.read_text()
        return list(json.loads(text[text.index("{") : text.rindex("}") + 1])["routes"].values())
    return []


def _closure(client: Path, named: set[str]) -> set[str]:
    """Static imports, followed to the end; dynamic ones come later and are not first load."""
    done: set[str] = set()
    todo = {file for file in named if _NAMED.fullmatch(file)}
    while todo:
        file = todo.pop()
        done.add(file)
        path = client / file.lstrip("/")
        if file.endswith(".js") and path.exists():
            found = {"/assets/" + name[2:] for name in _STATIC.findall(path.read_text())}
            todo |= found - done
    return done
