"""Lists, groups, blocks, search and later: what two people see of it, in two browsers."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_pages import DESK, PHONE, faults, wide

pytestmark = pytest.mark.e2e


def write(page: Page, words: str) -> None:
    box = page.get_by_label("Message", exact=True)
    box.fill(words)
    box.press("Enter")


def talk(one, other: str) -> None:
    """Open the conversation with this person."""
    one.go("/messages")
    conversations(one.page).get_by_role("link", name=re.compile(other)).first.click()
    expect(one.page.get_by_label("Message", exact=True)).to_be_visible()


def conversations(page: Page):
    return page.get_by_role("navigation", name="Conversations")


def rows(page: Page) -> list[str]:
    return conversations(page).get_by_role("link").all_inner_texts()


def options(page: Page, name: str, choice: str) -> None:
    page.get_by_role("button", name=f"Options for {name}").click()
    page.get_by_role("dialog").get_by_role("button", name=choice, exact=True).click()


@pytest.fixture
def pair(person):
    ada, ben = person(timezone_id="Europe/Berlin"), person()
    ada.sign_in("ada@loom.test")
    ben.sign_in("ben@loom.test")
    return ada, ben


def test_a_message_moves_its_row_up_in_every_tab_and_sends_no_other_row(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:8]
    ada.go("/messages")
    second = ada.context.new_page()
    second.goto(f"{ada.url}/messages")
    talk(ben, "Ada Lindqvist")
    for page in (ada.page, second):
        expect(conversations(page).get_by_role("link").first).to_be_visible()
    named = (re.search(r"[A-Z]\w+ [A-Z]\w+", text) for text in rows(ada.page))
    others = [name.group() for name in named if name and name.group() != "Ben Okafor"]
    assert others
    frames: list[str] = []
    second.on("websocket", lambda ws: ws.on("framereceived", lambda data: frames.append(str(data))))
    second.reload()
    expect(conversations(second).get_by_role("link").first).to_be_visible()
    write(ben.page, f"first {mark}")
    for page in (ada.page, second):  # whatever the pages read at first has come by then
        expect(conversations(page).get_by_text(f"first {mark}")).to_be_visible()
    frames.clear()
    write(ben.page, f"up {mark}")
    for page in (ada.page, second):
        first = conversations(page).get_by_role("link").first
        expect(first).to_contain_text("Ben Okafor")
        expect(first).to_contain_text(f"up {mark}")
        expect(first.get_by_text("unread")).to_be_attached()
    told = [frame for frame in frames if f"up {mark}" in frame]
    assert told
    assert not [name for name in others for frame in told if name in frame]
    conversations(ada.page).get_by_role("link").first.click()
    expect(conversations(second).get_by_role("link").first.get_by_text("unread")).to_have_count(0)


def test_pinned_muted_archived_and_unread_agree_between_tabs(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:8]
    talk(ben, "Ada Lindqvist")
    ada.go("/messages")
    second = ada.context.new_page()
    second.goto(f"{ada.url}/messages")
    row = conversations(second).get_by_role("listitem").filter(has_text="Ben Okafor")
    expect(row).to_be_visible()
    options(ada.page, "Ben Okafor", "Pin to the top")
    expect(row.get_by_text("Pinned")).to_be_attached()
    options(ada.page, "Ben Okafor", "Mute for good")
    expect(row.get_by_text("Muted")).to_be_attached()
    options(ada.page, "Ben Okafor", "Archive")
    expect(row).to_have_count(0)
    write(ben.page, f"quiet {mark}")
    ada.page.get_by_role("button", name="Archived").click()
    archived = conversations(ada.page).get_by_role("listitem").filter(has_text=f"quiet {mark}")
    expect(archived).to_be_visible()
    options(ada.page, "Ben Okafor", "Unmute")
    expect(archived.get_by_text("Muted")).to_have_count(0)
    write(ben.page, f"loud {mark}")
    expect(row.get_by_text(f"loud {mark}")).to_be_visible()
    expect(archived).to_have_count(0)
    ada.page.get_by_role("button", name="Archived").click()
    options(ada.page, "Ben Okafor", "Unpin")
    expect(row.get_by_text("Pinned")).to_have_count(0)


def test_a_group_is_gathered_named_and_left(pair):
    ada, ben = pair
    name = f"Circle {uuid.uuid4().hex[:6]}"
    ben.go("/messages")
    ada.go("/messages")
    ada.page.get_by_role("button", name="New message").click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_role("button", name="New group").click()
    dialog.get_by_label("Name of the group").fill(name)
    dialog.get_by_role("button", name="Start group").click()
    expect(dialog.get_by_text("Choose at least one person.")).to_be_visible()
    dialog.get_by_role("button", name="Ben Okafor").click()
    dialog.get_by_role("button", name="Start group with 1 person").click()
    expect(ada.page.get_by_role("heading", name=name, level=1)).to_be_visible()
    conversations(ben.page).get_by_role("link", name=re.compile(name)).click()
    write(ben.page, "Hello group")
    expect(ada.page.get_by_role("log").get_by_text("Hello group")).to_be_visible()
    ada.page.get_by_role("button", name="About this conversation").click()
    panel = ada.page.get_by_role("complementary", name="About this conversation")
    panel.get_by_label("Name of the group").fill(f"{name} two")
    panel.get_by_role("button", name="Rename").click()
    expect(
        conversations(ben.page).get_by_role("link", name=re.compile(f"{name} two"))
    ).to_be_visible()
    panel.get_by_role("button", name="Options for Ben Okafor").click()
    ada.page.get_by_role("dialog").get_by_role("button", name="Remove from the group").click()
    expect(conversations(ben.page).get_by_role("link", name=re.compile(name))).to_have_count(0)
    panel.get_by_role("button", name="Leave the group").click()
    ada.page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    expect(conversations(ada.page).get_by_role("link", name=re.compile(name))).to_have_count(0)


def test_a_block_stops_messages_until_it_is_lifted_in_the_settings(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:8]
    talk(ada, "Ben Okafor")
    talk(ben, "Ada Lindqvist")
    ben.page.get_by_role("button", name="About this conversation").click()
    panel = ben.page.get_by_role("complementary", name="About this conversation")
    panel.get_by_role("button", name="Block").click()
    ben.page.get_by_role("alertdialog").get_by_role("button", name="Block").click()
    expect(panel.get_by_role("button", name="Unblock")).to_be_visible()
    write(ada.page, f"refused {mark}")
    expect(ada.page.get_by_text("You cannot write in this conversation.")).to_be_visible()
    ben.go("/settings")
    ben.page.get_by_role("button", name="Unblock Ada Lindqvist").click()
    expect(ben.page.get_by_text("Nobody. Block somebody")).to_be_visible()
    ada.page.get_by_role("button", name="Send again").click()
    talk(ben, "Ada Lindqvist")
    expect(ben.page.get_by_role("log").get_by_text(f"refused {mark}")).to_be_visible()


def test_a_message_is_reported_from_its_menu(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:8]
    talk(ada, "Ben Okafor")
    talk(ben, "Ada Lindqvist")
    write(ben.page, f"rude {mark}")
    said = ada.page.get_by_role("listitem").filter(has_text=f"rude {mark}").last
    said.hover()
    said.get_by_role("button", name="Message options").click()
    ada.page.get_by_role("button", name="Report", exact=True).last.click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Send report").click()
    expect(dialog.get_by_text("Choose what is wrong.")).to_be_visible()
    dialog.get_by_label("What is wrong?").select_option("harassment")
    dialog.get_by_role("button", name="Send report").click()
    expect(ada.page.get_by_text("Thank you. We will look at it")).to_be_visible()
    found = ada.server.query(
        "SELECT excerpt, reason FROM reports WHERE excerpt LIKE :m", m=f"%{mark}"
    )
    assert found == [(f"rude {mark}", "harassment")]


def test_search_leads_to_a_message_and_from_hit_to_hit(pair):
    ada, ben = pair
    word = "zeb" + re.sub(r"\d", "x", uuid.uuid4().hex[:8])
    talk(ben, "Ada Lindqvist")
    for n in range(3):
        write(ben.page, f"{word} number {n}")
    expect(ben.page.get_by_role("log").get_by_text(f"{word} number 2")).to_be_visible()
    expect(ben.page.get_by_text("Sending", exact=True)).to_have_count(0)
    ada.go("/messages")
    ada.page.get_by_label("Search messages and people").fill(word[:8])
    hits = conversations(ada.page).get_by_role("link", name=re.compile(word))
    expect(hits).to_have_count(3)
    hits.last.click()
    log = ada.page.get_by_role("log")
    expect(log.get_by_text(f"{word} number 0")).to_be_in_viewport()
    ada.page.get_by_role("button", name="Search in this conversation").click()
    search = ada.page.get_by_role("search").get_by_label("Search in this conversation")
    search.fill(word)
    count = ada.page.get_by_role("search").get_by_role("status")
    expect(count).to_have_text("1 of 3")
    search.press("Enter")
    expect(count).to_have_text("2 of 3")
    ada.page.get_by_role("button", name="Newer hit").click()
    expect(count).to_have_text("1 of 3")
    marked = ada.page.evaluate("() => [...CSS.highlights.get('loom-found')].map(String)")
    assert marked == [word] * 3
    search.fill("nothingofthekind")
    expect(count).to_have_text("Nothing found")


def test_a_search_that_finds_nothing_leads_back_to_the_list(pair):
    ada, _ = pair
    ada.go("/messages")
    ada.page.get_by_label("Search messages and people").fill("nothingofthekind")
    expect(ada.page.get_by_text("Nothing found")).to_be_visible()
    ada.page.get_by_role("button", name="Clear the search").click()
    expect(conversations(ada.page).get_by_role("link", name=re.compile("Ben"))).to_be_visible()


def test_a_message_for_later_can_be_changed_and_sent_now(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:8]
    talk(ada, "Ben Okafor")
    talk(ben, "Ada Lindqvist")
    box = ada.page.get_by_label("Message", exact=True)
    box.fill(f"later {mark}")
    ada.page.get_by_role("button", name="Send later").click()
    dialog = ada.page.get_by_role("dialog")
    dialog.get_by_label("At a time").check()
    dialog.get_by_label("Day and time").fill("2020-01-01T09:00")
    dialog.get_by_role("button", name="Send later").click()
    expect(dialog.get_by_text("Choose a time that is still to come.")).to_be_visible()
    dialog.get_by_label("Day and time").fill("2027-01-01T09:00")
    dialog.get_by_role("button", name="Send later").click()
    expect(dialog).to_have_count(0)
    expect(box).to_have_value("")
    waits = ada.page.get_by_text("1 message waits to be sent")
    expect(waits).to_be_visible()
    ada.page.reload()
    expect(ada.page.get_by_label("Message", exact=True)).to_have_value("")
    waits.click()
    ada.page.get_by_role("button", name="Change").click()
    dialog.get_by_label("Message").fill(f"changed {mark}")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(ada.page.get_by_text(f"changed {mark}")).to_be_visible()
    ada.page.get_by_role("button", name="Send now").click()
    expect(ben.page.get_by_role("log").get_by_text(f"changed {mark}")).to_be_visible()
    expect(waits).to_have_count(0)
    expect(ben.page.get_by_text(f"later {mark}")).to_have_count(0)


class Look:
    """What is wrong with what is open, by its name and by view."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: dict[str, object] = {}

    def at(self, name: str) -> None:
        for size in (PHONE, DESK):
            self.page.set_viewport_size(size)
            self.found[f"{name} {size['width']}"] = faults(self.page) or wide(self.page)
        self.page.emulate_media(color_scheme="dark")
        self.found[f"{name} dark"] = faults(self.page, "color-contrast")
        self.page.emulate_media(color_scheme="light")

    def wrong(self) -> dict[str, object]:
        return {view: wrong for view, wrong in self.found.items() if wrong}


def test_what_opens_beside_a_thread_is_readable_by_all(pair):
    ada, _ = pair
    talk(ada, "Ben Okafor")
    page, look = ada.page, Look(ada.page)
    page.get_by_role("button", name="Search in this conversation").click()
    page.get_by_role("search").get_by_label("Search in this conversation").fill("the")
    expect(page.get_by_role("search").get_by_role("status")).to_contain_text("of")
    look.at("search")
    page.get_by_role("button", name="Close the search").click()
    page.get_by_label("Message", exact=True).fill("For later")
    page.get_by_role("button", name="Send later").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look.at("later")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("Message", exact=True).fill("")
    page.get_by_role("button", name="About this conversation").click()
    panel = page.get_by_role("complementary", name="About this conversation")
    expect(panel.get_by_text("Shared files")).to_be_visible()
    look.at("panel")
    panel.get_by_role("button", name="Report").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look.at("report")
    assert look.wrong() == {}


def test_what_opens_above_the_list_is_readable_by_all(pair):
    ada, _ = pair
    page, look = ada.page, Look(ada.page)
    ada.go("/messages")
    page.get_by_role("button", name="Options for Ben Okafor").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    look.at("options")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="New message").click()
    page.get_by_role("button", name="New group").click()
    look.at("group")
    assert look.wrong() == {}
