"""Two people and what they do to messages: edit, take back, hide, react, answer, go back."""

import re
import uuid

import pytest
from playwright.sync_api import Page, WebSocket, expect
from sqlalchemy import create_engine, text

from tests.e2e.test_two_people_chat import fill, said, write

pytestmark = pytest.mark.e2e


def bubble(page: Page, words: str):
    return page.get_by_role("listitem").filter(has_text=words).last


def menu(page: Page, words: str) -> None:
    """The menu of a message, by keyboard."""
    button = bubble(page, words).get_by_role("button", name="Message options")
    button.focus()
    button.press("Enter")
    expect(page.locator("#message-menu")).to_be_visible()


def test_up_arrow_edits_the_last_message_and_escape_leaves_it(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    box = ben.page.get_by_label("Message", exact=True)
    write(ben.page, f"{mark} 1")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    box.press("ArrowUp")
    expect(box).to_have_value(f"{mark} 1")
    box.press("Escape")
    expect(box).to_have_value("")
    box.press("ArrowUp")
    box.fill(f"{mark} 2")
    box.press("Enter")
    expect(bubble(ada.page, f"{mark} 2")).to_contain_text("edited")
    expect(box).to_be_focused()
    assert said(ada.page, mark) == said(ben.page, mark) == [f"{mark} 2"]


def test_a_reaction_by_keyboard_is_seen_by_the_other_and_taken_off_again(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    write(ben.page, f"{mark} 1")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    menu(ada.page, f"{mark} 1")
    expect(ada.page.get_by_role("button", name="React with 👍")).to_be_focused()
    ada.page.keyboard.press("Enter")
    theirs = bubble(ben.page, f"{mark} 1").get_by_role("button", name="👍 by Ada Lindqvist")
    expect(theirs).to_have_text("👍1")
    theirs.click()
    mine = bubble(ada.page, f"{mark} 1").get_by_role("button", name=re.compile("👍 by"))
    expect(mine).to_have_text("👍2")
    mine.click()
    expect(bubble(ben.page, f"{mark} 1").get_by_role("button", name="👍 by You")).to_have_text(
        "👍1"
    )


def test_a_message_taken_back_is_gone_for_both_and_an_answer_to_it_stays(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    write(ben.page, f"{mark} 1")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    menu(ada.page, f"{mark} 1")
    ada.page.get_by_role("button", name="Reply").click()
    write(ada.page, f"{mark} 2")
    answer = ben.page.locator("[data-bubble]", has_text=f"{mark} 2")
    expect(answer).to_contain_text(f"{mark} 1")
    # the question itself, not its quote
    question = ben.page.locator("li", has=ben.page.locator("p", has_text=f"{mark} 1")).last
    options = question.get_by_role("button", name="Message options")
    options.focus()
    options.press("Enter")
    ben.page.get_by_text("Delete for everybody").click()
    ben.page.get_by_role("button", name="Yes, delete this message").click()
    for page in (ada.page, ben.page):
        expect(page.locator("[data-bubble]", has_text=f"{mark} 2")).to_contain_text(
            "Message deleted"
        )
        expect(page.get_by_role("log").get_by_text(f"{mark} 1")).to_have_count(0)


def test_a_message_is_copied_as_it_was_written(pair):
    _, ben = pair
    ben.context.grant_permissions(["clipboard-read", "clipboard-write"])
    mark = uuid.uuid4().hex[:6]
    written = f"{mark} one\ntwo\n\nthree\n> quoted\n> twice"
    write(ben.page, written)
    expect(ben.page.get_by_role("log").get_by_text(f"{mark} one")).to_be_visible()
    menu(ben.page, f"{mark} one")
    ben.page.get_by_role("button", name="Copy text").click()
    assert ben.page.evaluate("navigator.clipboard.readText()") == written


def test_focus_is_never_lost_when_something_closes(pair):
    _, ben = pair
    page = ben.page
    ways = (
        ("About this conversation", page.locator("#chat-panel")),
        ("Search in this conversation", page.locator("#thread-search")),
        ("Options for Ada Lindqvist", page.get_by_role("dialog")),
    )
    for name, opened in ways:
        opener = page.get_by_role("button", name=name)
        opener.focus()
        opener.press("Enter")
        expect(opened).to_be_visible()
        page.keyboard.press("Escape")
        expect(opened).to_have_count(0)
        expect(opener).to_be_focused()


def test_the_menu_of_a_message_begins_folded_and_stays_on_the_screen(pair):
    _, ben = pair
    page, mark = ben.page, uuid.uuid4().hex[:6]
    page.set_viewport_size({"width": 390, "height": 600})
    for n in (1, 2):
        write(page, f"{mark} {n}")
    expect(page.get_by_role("log").get_by_text(f"{mark} 2")).to_be_visible()
    menu(page, f"{mark} 1")
    page.get_by_text("More reactions").click()
    page.get_by_text("Delete for everybody").click()
    place = page.locator("#message-menu").bounding_box()
    assert place is not None
    assert place["y"] >= 0
    assert place["y"] + place["height"] <= 600
    page.keyboard.press("Escape")
    menu(page, f"{mark} 2")
    expect(page.get_by_role("button", name="Yes, delete this message")).to_be_hidden()


def test_what_one_hides_the_other_keeps(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    write(ben.page, f"{mark} 1")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    menu(ada.page, f"{mark} 1")
    ada.page.get_by_role("button", name="Hide for me").click()
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_have_count(0)
    expect(ben.page.get_by_role("log").get_by_text(f"{mark} 1")).to_have_count(1)


def test_a_draft_is_there_on_the_other_device(pair):
    _, ben = pair
    other = ben.tab()
    other.goto(ben.page.url)
    ben.page.bring_to_front()
    ben.page.get_by_label("Message", exact=True).press_sequentially("half a thought")
    # as on another machine: nothing is shared but the server
    other.evaluate("localStorage.clear()")
    expect(other.get_by_label("Message", exact=True)).to_have_value("half a thought")
    ben.page.get_by_label("Message", exact=True).fill("")
    expect(other.get_by_label("Message", exact=True)).to_have_value("")


def test_one_goes_to_what_is_answered_and_back_to_the_newest(pair):
    ada, ben = pair
    mark, chat = uuid.uuid4().hex[:6], int(ben.page.url.rstrip("/").rpartition("/")[2])
    write(ben.page, f"{mark} question")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} question")).to_be_visible()
    fill(ben.server, chat, mark, 150)
    ada.page.reload()
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 150", exact=True)).to_be_visible()
    found = ada.server.query(
        "SELECT id, number FROM messages WHERE body = :b", b=f"{mark} question"
    )
    write(ada.page, f"{mark} answer")
    expect(ben.page.get_by_role("log").get_by_text(f"{mark} answer")).to_be_visible()
    engine = create_engine(ada.server.database)
    with engine.begin() as connection:  # as if the answer had been given long ago
        change = "UPDATE messages SET reply_to = :q WHERE body = :b"
        connection.execute(text(change), {"q": found[0][0], "b": f"{mark} answer"})
    engine.dispose()
    ada.page.reload()
    log = ada.page.get_by_role("log")
    log.get_by_role("button", name=f"{mark} question").click()
    expect(log.get_by_text(f"{mark} question").first).to_be_in_viewport()
    expect(log.get_by_text(f"{mark} answer", exact=True)).to_have_count(0)
    write(ben.page, f"{mark} news")
    ada.page.get_by_role("button", name="1 new message").click()
    expect(log.get_by_text(f"{mark} news")).to_be_in_viewport()


def test_a_message_costs_its_two_people_a_few_kilobytes_whatever_is_loaded(pair):
    """The issue's own words: bytes per message in a conversation with 500 rows loaded."""
    ada, ben = pair
    mark, chat = uuid.uuid4().hex[:6], int(ben.page.url.rstrip("/").rpartition("/")[2])
    fill(ben.server, chat, mark, 600)
    frames: dict[str, list[int]] = {"ada": [], "ben": []}
    for name, one in (("ada", ada), ("ben", ben)):
        listen(one.page, frames[name])
        one.page.reload()
        log = one.page.get_by_role("log")
        expect(log.get_by_text(f"{mark} 600", exact=True)).to_be_visible()
        for _ in range(60):
            log.hover()
            one.page.mouse.wheel(0, -20000)
            if one.page.locator("[data-bubble]").count() >= 500:
                break
            one.page.wait_for_timeout(100)  # a person scrolls in steps
        assert one.page.locator("[data-bubble]").count() >= 500
    for sizes in frames.values():
        sizes.clear()
    for n in range(20):
        write(ben.page, f"{mark} more {n}")
        expect(ada.page.get_by_text(f"{mark} more {n}", exact=True).last).to_be_attached()
    ada.page.wait_for_timeout(1000)  # what follows a message: lists and marks
    for sizes in frames.values():
        assert sum(sizes) / 20 < 5_000


def listen(page: Page, sizes: list[int]) -> None:
    def opened(socket: WebSocket) -> None:
        for event in ("framereceived", "framesent"):
            socket.on(event, lambda data: sizes.append(len(data)))

    page.on("websocket", opened)
