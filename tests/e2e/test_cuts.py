"""Connections cut at random while both sides write and edit: nothing lost, doubled or out of order.

Small in `make test`; a thousand cuts by `make prove`.
"""

import os
import random
import re
import time
import uuid
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.sizes import FULL

pytestmark = pytest.mark.e2e
CUTS = int(os.environ.get("LOOM_CUTS") or (1000 if FULL else 24))
SEED = int(os.environ.get("LOOM_SEED", "7"))


class Line:
    """The websocket of a page, which can be cut in the middle of anything."""

    def __init__(self, page: Page) -> None:
        self.open: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        self.cuts = self.refusals = 0
        page.route_web_socket(re.compile("/_event"), self._pass)

    def _pass(self, ours: WebSocketRoute) -> None:
        if not self.refusals:
            self.open.append((ours, ours.connect_to_server()))
            return
        self.refusals -= 1
        ours.close()  # taken up and put down again before either side has spoken

    def cut(self) -> None:
        for ours, theirs in self.open:
            theirs.close()
            ours.close()
        self.cuts += bool(self.open)
        self.open.clear()


def shown(page: Page, mark: str) -> list[str]:
    """The messages with this mark as they stand, without their times."""
    return page.evaluate(
        """(mark) => [...document.querySelectorAll('#thread-scroll [data-bubble]')]
        .map((b) => [...b.querySelectorAll('p')].map((p) => p.innerText).join(' '))
        .filter((t) => t.startsWith(mark))""",
        mark,
    )


def waiting(page: Page) -> list[dict[str, Any]]:
    """The messages that the browser has not been told of."""
    return page.evaluate(
        """() => Object.keys(localStorage).filter((k) => k.startsWith('loom_outbox_'))
        .flatMap((k) => JSON.parse(localStorage.getItem(k)))"""
    )


def write(page: Page, words: str) -> None:
    box = page.locator("#compose")
    box.fill(words)
    box.press("Enter")


def edit_last(page: Page, mark: str, words: str) -> None:
    """Up-arrow, as a person would; nothing where the last one is not of this test: one written
    minutes ago by another journey may be edited as well."""
    box = page.locator("#compose")
    box.press("ArrowUp")
    if box.input_value().startswith(mark):
        write(page, words)
    else:
        box.press("Escape")


def test_both_pages_equal_a_fresh_read_after_every_cut(person):
    pick = random.Random(SEED)
    ada, ben = person(timezone_id="Europe/Berlin"), person()
    lines = {one: Line(one.page) for one in (ada, ben)}
    mark, written = uuid.uuid4().hex[:6], 0
    ada.sign_in("ada@loom.test")
    ben.sign_in("ben@loom.test")
    for one, other in ((ada, "Ben Okafor"), (ben, "Ada Lindqvist")):
        one.go("/messages")
        one.page.get_by_role("link", name=re.compile(other)).first.click()
        expect(one.page.locator("#compose")).to_be_visible()
    while sum(line.cuts for line in lines.values()) < CUTS:
        one = pick.choice((ada, ben))
        deed = pick.random()
        if deed < 0.35:
            lines[one].cut()
        elif deed < 0.85:
            for _ in range(pick.choice((1, 1, 3))):
                written += 1
                write(one.page, f"{mark} {written}")
        else:
            edit_last(one.page, mark, f"{mark} edited {written} {uuid.uuid4().hex[:4]}")
        one.page.wait_for_timeout(pick.choice((0, 5, 40, 200)))  # a moment of chance, no waiting
    settled(ada.server, (ada.page, ben.page), mark)
    rows = ada.server.query(
        "SELECT body, number, sender_id FROM messages WHERE body LIKE :m ORDER BY number",
        m=f"{mark} %",
    )
    assert len(rows) == written
    everything = [row[0] for row in rows]
    for page in (ada.page, ben.page):
        seen = shown(page, mark)
        assert seen == everything[-len(seen) :]
        assert len(seen) >= min(written, 50)  # a page that missed much begins with the newest
    for sender in {row[2] for row in rows}:
        numbers = [
            int(row[0].split()[1])
            for row in rows
            if row[2] == sender and not row[0].startswith(f"{mark} edited")
        ]
        assert numbers == sorted(numbers)


def test_an_edit_goes_on_over_a_lost_connection(person):
    ada = person(timezone_id="Europe/Berlin")
    line, mark = Line(ada.page), uuid.uuid4().hex[:6]
    ada.sign_in("ada@loom.test")
    ada.go("/messages")
    ada.page.get_by_role("link", name=re.compile("Ben Okafor")).first.click()
    write(ada.page, f"{mark} first")
    mine = ada.page.locator("[data-bubble]").filter(has_text=mark)
    expect(mine).to_be_visible()
    box = ada.page.locator("#compose")
    for turn in range(2):
        box.press("ArrowUp")
        expect(ada.page.get_by_text("Editing your message")).to_be_visible()
        box.press_sequentially(" more")
        line.cut()
        expect(box).to_have_value(re.compile("first" + " more" * (1 + turn) + "$"))
        expect(ada.page.get_by_text("Editing your message")).to_be_visible()
        expect(box).to_be_focused()
        box.press("Enter")
        expect(mine).to_have_text(re.compile("edited"))
        expect(mine).to_have_text(re.compile("first" + " more" * (1 + turn)))
    texts = [
        row[0]
        for row in ada.server.query("SELECT body FROM messages WHERE body LIKE :m", m=f"{mark} %")
    ]
    assert texts == [f"{mark} first more more"]


def test_a_line_that_ends_before_a_word_was_said_is_taken_up_again(person):
    ada = person(timezone_id="Europe/Berlin")
    line, mark = Line(ada.page), uuid.uuid4().hex[:6]
    ada.sign_in("ada@loom.test")
    ada.go("/messages")
    ada.page.get_by_role("link", name=re.compile("Ben Okafor")).first.click()
    expect(ada.page.locator("#compose")).to_be_visible()
    line.refusals = 3
    line.cut()
    write(ada.page, f"{mark} said into the cut")
    mine = ada.page.locator("[data-bubble]").filter(has_text=mark)
    expect(mine).to_have_text(re.compile("Sent$"))
    assert line.refusals == 0


def settled(server, pages: tuple[Page, ...], mark: str) -> None:
    """Until nothing is under way and the pages show what the table says, or time is up."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        table = [
            row[0]
            for row in server.query(
                "SELECT body FROM messages WHERE body LIKE :m ORDER BY number", m=f"{mark} %"
            )
        ]
        views = [shown(page, mark) for page in pages]
        if not any(map(waiting, pages)) and all(
            view and view == table[-len(view) :] for view in views
        ):
            return
        pages[0].wait_for_timeout(200)
    pytest.fail(f"not settled; still waiting: {[waiting(page)[:5] for page in pages]}")
