"""What the build does to Reflex's browser code, and that it notices when Reflex changes."""

import base64
import hashlib
import json
import re
from pathlib import Path

import pytest
import reflex_base

from loom_app.kit.settings import ROOT
from loom_app.ui.design import tokens
from loom_app.ui.design.browser import build

STATE_JS = Path(reflex_base.__file__).parent / build.TEMPLATE


def test_tab_tokens_come_from_the_browsers_own_generator() -> None:
    source = build.patched_state_js(STATE_JS.read_text())
    maker = source.split("generateUUID = () =>")[1].split("};")[0]
    assert "crypto.getRandomValues" in maker
    assert "Math.random" not in maker


def test_a_production_page_talks_to_where_it_came_from() -> None:
    source = build.patched_state_js(STATE_JS.read_text())
    assert "endpoint.port = window.location.port" in source


def test_the_server_can_send_no_code() -> None:
    source = build.patched_state_js(STATE_JS.read_text())
    assert "eval(event.payload.javascript_code)" not in source


def test_each_answer_of_the_server_is_told_to_the_window() -> None:
    line = 'dispatch[substate](delta[substate]);\n          refs["loom_told"]?.(substate'
    assert line in build.patched_state_js(STATE_JS.read_text())


def test_a_line_that_ends_before_it_opens_is_an_error() -> None:
    """What becomes of it is seen by a browser in `tests/e2e/test_cuts.py`."""
    source = build.patched_state_js(STATE_JS.read_text())
    assert source.count("const createSocket = ") == source.count("const newSocket = ") == 1
    assert "closed before opening" in source


def test_the_zone_is_known_before_the_first_word_to_the_server() -> None:
    source = build.patched_state_js(STATE_JS.read_text())
    assert source.index("timeZone") < source.index("socket.current.auth = bootAuth(true)")


def test_what_draws_a_page_goes_before_what_makes_it_alive() -> None:
    page = '<link rel="stylesheet" href="/a.css"/><link rel="modulepreload" href="/a.js"/>'
    assert build.scripts_last(page) == (
        '<link rel="stylesheet" href="/a.css"/>'
        '<link rel="modulepreload" fetchpriority="low" href="/a.js"/>'
    )


def test_what_an_earlier_build_left_is_made_anew() -> None:
    left = {}
    build.CspPlugin().pre_compile(add_modify_task=lambda path, change: left.update({path: change}))
    now = left[build.STATE_JS]("what an older Loom made of it; Loom runs no code")
    assert now == build.patched_state_js(STATE_JS.read_text())


def test_a_missing_anchor_fails_the_build() -> None:
    with pytest.raises(build.BuildError, match="tab token"):
        build.patched_state_js("export const nothing = 1;")


def test_each_page_gets_the_hashes_of_its_inline_scripts(tmp_path: Path) -> None:
    site = tmp_path / "client"
    (site / "coaches").mkdir(parents=True)
    page = (
        '<script>let a = 1</script><script src="/x.js"></script><script type="module">b()</script>'
    )
    (site / "coaches" / "index.html").write_text(page)
    (site / "__spa-fallback.html").write_text("<script>c()</script>")
    build.write_hashes(site, tmp_path / "hashes.json")
    found = json.loads((tmp_path / "hashes.json").read_text())
    wanted = [
        f"sha256-{base64.b64encode(hashlib.sha256(code).digest()).decode()}"
        for code in (b"let a = 1", b"b()")
    ]
    assert found["coaches/index.html"] == wanted
    assert found["404.html"] == found["__spa-fallback.html"]
    assert len(found["404.html"]) == 1


def test_a_build_without_scripts_is_refused(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>nothing</p>")
    with pytest.raises(build.BuildError):
        build.write_hashes(tmp_path, tmp_path / "hashes.json")


def test_fonts_stay_under_their_weight() -> None:
    fonts = ROOT / "assets" / "fonts"
    assert sum(font.stat().st_size for font in fonts.glob("*.woff2")) < 120_000


def test_the_faces_that_are_named_are_there() -> None:
    named = {path.rpartition("/")[2] for _, path, _, _ in tokens.FONTS}
    assert named == {path.name for path in (ROOT / "assets" / "fonts").glob("*.woff2")}
    admin = (ROOT / "loom_app/http/admin/static/loom.css").read_text()
    assert re.findall("@font-face.*", admin) == tokens.faces(), "/admin has the same ones"


def _characters(ranges: str) -> set[int]:
    parts = [part.strip().removeprefix("U+").split("-") for part in ranges.split(",")]
    return {one for part in parts for one in range(int(part[0], 16), int(part[-1], 16) + 1)}


@pytest.mark.parametrize("family", ["Inter", "Fraunces"])
def test_every_western_letter_has_one_file(family: str) -> None:
    files = [_characters(ranges) for name, _, _, ranges in tokens.FONTS if name == family]
    assert set.intersection(*files) == set()
    assert set.union(*files) > {*range(0x20, 0x7F), *range(0xA0, 0x100), ord("œ"), ord("€")}


SETTINGS = """      output: {
        codeSplitting: {
          groups: [
            {
              test: /env.json/,
              name: "reflex-env",
            },
          ],
"""


def test_all_icons_are_one_file_and_a_bundler_that_changed_is_noticed() -> None:
    once = build.patched_vite_config(SETTINGS)
    assert r'{test: /lucide-react[\\/]dist[\\/]esm[\\/]icons/, name: "icons"}' in once
    assert build.patched_vite_config(once) == once
    with pytest.raises(build.BuildError):
        build.patched_vite_config("export default {}")
