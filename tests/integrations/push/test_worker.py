"""Where a chosen notice leads: the service worker itself, among tabs that are said to be open."""

import json
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

NODE = compute_driver_executable()[0]  # the one that browsers are driven by
WORKER = Path("assets/sw.js")
HERE = "https://loom.test"
STAGE = """
const heard = {}, done = [], told = JSON.parse(process.argv[2]);
const tabs = told.tabs.map((one) => ({
  ...one,
  focus: async () => done.push(["focus", one.url]),
  navigate: async (href) => { done.push(["navigate", one.url, href]); return null; },
}));
globalThis.self = {
  addEventListener: (name, act) => { heard[name] = act; },
  location: {origin: told.origin},
  clients: {
    matchAll: async () => tabs,
    openWindow: async (href) => done.push(["open", href]),
  },
};
(0, eval)(require("fs").readFileSync(process.argv[1], "utf8"));
const works = [];
heard.notificationclick({
  notification: {close: () => {}, data: {path: told.path}},
  waitUntil: (work) => works.push(work),
});
Promise.all(works).then(() => console.log(JSON.stringify(done)));
"""


def tab(path: str, kind: str = "top-level", *, focused: bool = False) -> dict[str, object]:
    return {"url": f"{HERE}{path}", "frameType": kind, "focused": focused}


def chosen(path: str, *tabs: dict[str, object]) -> list[list[str]]:
    """What the worker did when a notice of that page was chosen."""
    told = json.dumps({"origin": HERE, "path": path, "tabs": tabs})
    ran = subprocess.run(
        [NODE, "-e", STAGE, str(WORKER), told], capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


def test_a_running_call_is_not_led_away():
    room = tab("/sessions/7/room", focused=True)
    assert chosen("/messages/3", room) == [["open", f"{HERE}/messages/3"]]


def test_the_tab_that_shows_it_comes_to_the_front():
    assert chosen("/messages/3", tab("/inbox", focused=True), tab("/messages/3")) == [
        ["focus", f"{HERE}/messages/3"]
    ]


def test_a_frame_within_another_page_is_no_tab():
    assert chosen("/messages/3", tab("/messages/3", "nested")) == [["open", f"{HERE}/messages/3"]]
