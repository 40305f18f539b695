"""What happens to the compiled browser code before it ships; a missing anchor fails the build."""

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import reflex_base
from reflex.utils.prerequisites import get_web_dir
from reflex_base.plugins import Plugin

from loom_app.ui.design import tokens
from loom_app.ui.design.browser.zone import REMEMBER

HASHES = "csp-hashes.json"
STATE_JS = "utils/state.js"
TEMPLATE = f".templates/web/{STATE_JS}"
VITE = "vite.config.js"

# A tab's token must not be guessable: Reflex makes it from Math.random and the clock.
_WEAK_ID = re.compile(r"export const generateUUID = \(\) => \{.*?\n\};\n", re.DOTALL)
_RANDOM_ID = """export const generateUUID = () => {
  const b = crypto.getRandomValues(new Uint8Array(16));
  b[6] = (b[6] & 0x0f) | 0x40;
  b[8] = (b[8] & 0x3f) | 0x80;
  const h = Array.from(b, (n) => n.toString(16).padStart(2, "0")).join("");
  return h.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
};
"""

# One build serves any host and port: a production page always talks to where it came from.
_BAKED_ADDRESS = "  const endpoint = new URL(url_str);\n"
_SAME_ORIGIN = (
    _BAKED_ADDRESS
    + """  if (typeof window !== "undefined" && import.meta.env.PROD) {
    const secure = window.location.protocol === "https:" ? "s" : "";
    endpoint.hostname = window.location.hostname;
    endpoint.port = window.location.port;
    endpoint.protocol = `${endpoint.protocol.startsWith("ws") ? "ws" : "http"}${secure}:`;
    return endpoint;
  }
"""
)

# Events from the server may name a handler, never carry code: no eval, so the CSP needs none.
_EVALS = re.compile(
    r'  if \(event\.name == "_call_script" \|\| event\.name == "_call_function"\) \{.*?\n  \}\n',
    re.DOTALL,
)
_NO_EVAL = """  if (event.name == "_call_script" || event.name == "_call_function") {
    console.error("Loom runs no code sent by the server");
    return;
  }
"""

# React may draw two answers at once and show only the later value of a var. What must not be
# skipped is told here, answer by answer (`window.py`).
_DISPATCH = "          dispatch[substate](delta[substate]);\n"
_TOLD = (
    _DISPATCH
    + """          refs["loom_told"]?.(substate, delta[substate]);
"""
)

# A line that ends after it was taken up and before the server's greeting is an error to nobody in
# socket.io's client: its manager goes on "opening" for 20 seconds. Here it is tried again at once.
_UNOPENED = """    query: { token },
    reconnection: false,
  });
"""
_OPENED = (
    _UNOPENED
    + """const createSocket = (...how) => {
  const socket = newSocket(...how);
  const manager = socket.io;
  const open = manager.open.bind(manager);
  manager.open = (told) => {
    const before = manager.engine;
    open(told);
    const engine = manager.engine;
    if (engine !== before)
      engine.on("close", (reason) => {
        if (manager.engine === engine && manager._readyState === "opening")
          engine.emit("error", new Error(`closed before opening (${reason})`));
      });
    return manager;
  };
  return socket;
};
"""
)
_MAKER = "const createSocket = (endpoint, transports, token) =>\n"

_FIRST_WORD = "  socketStarted = true;\n  const session_token"
_ZONE = f"  {REMEMBER}\n{_FIRST_WORD}"

# A file for each icon is some thirty requests a page, each with more header than content: all of
# ours together are smaller than the thirty, and one.
_ALONE = """          groups: [
            {
              test: /env.json/,"""
_TOGETHER = r'{test: /lucide-react[\\/]dist[\\/]esm[\\/]icons/, name: "icons"},'
_ICONS = _ALONE.replace("groups: [", f"groups: [\n            {_TOGETHER}")

_PRELOAD = '<link rel="modulepreload" href'
_INLINE = re.compile(r"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL)


class BuildError(Exception):
    """Reflex changed under us: look at the patch named here before shipping."""


def _replaced(source: str, anchor: str | re.Pattern[str], new: str, what: str) -> str:
    pattern = re.compile(re.escape(anchor)) if isinstance(anchor, str) else anchor
    result, count = pattern.subn(lambda _match: new, source)
    if count != 1:
        raise BuildError(f"{STATE_JS}: expected 1 place for “{what}”, found {count}")
    return result


def patched_state_js(source: str) -> str:
    """Reflex's client, as its package has it, with our six changes."""
    source = _replaced(source, _WEAK_ID, _RANDOM_ID, "tab token")
    source = _replaced(source, _BAKED_ADDRESS, _SAME_ORIGIN, "same origin")
    source = _replaced(source, _DISPATCH, _TOLD, "each answer told")
    source = _replaced(source, _MAKER, _MAKER.replace("createSocket", "newSocket"), "socket maker")
    source = _replaced(source, _UNOPENED, _OPENED, "lines that end before they open")
    source = _replaced(source, _FIRST_WORD, _ZONE, "the zone is known first")
    return _replaced(source, _EVALS, _NO_EVAL, "no eval")


def patched_vite_config(source: str) -> str:
    """The bundler's settings with all icons in one file; unchanged when they already are."""
    if _ICONS in source:
        return source
    if source.count(_ALONE) != 1:
        raise BuildError(f"{VITE}: expected 1 place for “icons together”")
    return source.replace(_ALONE, _ICONS)


def inline_script_hashes(html: str) -> list[str]:
    """The CSP sources ('sha256-…') of every inline script of a page."""
    return [
        f"sha256-{base64.b64encode(hashlib.sha256(match['code'].encode()).digest()).decode()}"
        for match in _INLINE.finditer(html)
        if "src=" not in match["attributes"]
    ]


def write_hashes(static_dir: Path, target: Path) -> None:
    """Path of each built page -> the hashes of its inline scripts, for the header of that page."""
    pages = {
        page.relative_to(static_dir).as_posix(): inline_script_hashes(page.read_text())
        for page in sorted(static_dir.rglob("*.html"))
    }
    fallback = pages.get("__spa-fallback.html") or pages.get("index.html")
    if not fallback:
        raise BuildError("the build has no page with scripts")
    pages["404.html"] = fallback  # Reflex copies it after this hook
    target.write_text(json.dumps(pages, indent=1))


def scripts_last(html: str) -> str:
    """A page whose scripts let its styles and fonts go first: it is drawn before it is alive.

    Raises BuildError where there are scripts that are asked for in another way.
    """
    if "modulepreload" in html and _PRELOAD not in html:
        raise BuildError("the pages ask for their scripts in another way")
    return html.replace(_PRELOAD, f'{_PRELOAD[:-4]}fetchpriority="low" href')


class CspPlugin(Plugin):
    """A strict Content-Security-Policy becomes possible: no eval, known inline scripts. And fewer
    requests, in the order in which they are needed."""

    def pre_compile(self, **context: Any) -> None:
        # from the package: what an earlier build left behind may hold changes of that day
        source = (Path(reflex_base.__file__).parent / TEMPLATE).read_text()
        context["add_modify_task"](STATE_JS, lambda _left: patched_state_js(source))
        context["add_modify_task"](VITE, patched_vite_config)

    def post_build(self, **context: Any) -> None:
        for page in context["static_dir"].rglob("*.html"):
            page.write_text(scripts_last(page.read_text()))
        write_hashes(context["static_dir"], get_web_dir() / HASHES)


class DesignPlugin(Plugin):
    """The design tokens as one style sheet in the bundle."""

    def get_static_assets(self, **context: Any) -> list[tuple[Path, str]]:
        return [(Path("styles/loom.css"), tokens.css())]

    def get_stylesheet_paths(self, **context: Any) -> list[str]:
        return ["loom.css"]

    @staticmethod
    def theme() -> dict[str, Any]:
        return tokens.theme()
