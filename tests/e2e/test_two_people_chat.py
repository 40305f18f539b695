"""Two people, two browsers: nothing lost, nothing doubled, in order."""

import re
import threading
import uuid

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.e2e


def write(page: Page, words: str) -> None:
    box = page.get_by_label("Message", exact=True)
    box.fill(words)
    box.press("Enter")


def said(page: Page, mark: str) -> list[str]:
    """The messages with this mark, in the order they stand."""
    return page.get_by_role("log").get_by_text(re.compile(f"{mark} \\d+")).all_inner_texts()


def stored(server, mark: str) -> list[str]:
    rows = server.query(
        "SELECT body FROM messages WHERE body LIKE :m ORDER BY conversation_id, number",
        m=f"{mark} %",
    )
    return [row[0] for row in rows]


def test_a_message_arrives_and_is_marked_as_read(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    ada.page.bring_to_front()
    write(ben.page, f"{mark} 1")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    expect(ben.page.get_by_role("log").get_by_text("Read").last).to_be_attached()


def test_enter_sends_once_and_focus_stays(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    box = ben.page.get_by_label("Message", exact=True)
    box.fill(f"{mark} 1")
    box.press("Enter")
    box.press("Enter")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    box.fill("first line")
    box.press("Shift+Enter")
    box.press_sequentially("second line")
    expect(box).to_have_value("first line\nsecond line")
    box.fill(f"{mark} 2")
    ben.page.get_by_role("button", name="Send", exact=True).click()
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 2")).to_be_visible()
    assert stored(ben.server, mark) == [f"{mark} 1", f"{mark} 2"]


def test_what_is_written_offline_is_sent_when_the_network_is_back(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    ben.context.set_offline(True)
    for n in range(1, 4):
        write(ben.page, f"{mark} {n}")
    expect(ben.page.get_by_role("log").get_by_text(f"{mark} 3")).to_be_visible()
    write(ada.page, f"{mark} 4")
    ben.context.set_offline(False)
    for page in (ada.page, ben.page):
        expect(page.get_by_role("log").get_by_text(f"{mark} 3")).to_be_visible()
        expect(page.get_by_role("log").get_by_text(f"{mark} 4")).to_be_visible()
    expect(ben.page.get_by_text("Sending", exact=True)).to_have_count(0)
    assert sorted(stored(ben.server, mark)) == [f"{mark} {n}" for n in range(1, 5)]
    assert [m for m in stored(ben.server, mark) if m != f"{mark} 4"] == [
        f"{mark} {n}" for n in range(1, 4)
    ]


def test_ones_own_message_stands_there_once_at_every_moment_of_a_burst(pair):
    """The page draws what others say a few times a second: what one says oneself is on it all the
    while, as the browser's own and then as the server's, in no moment as neither or as both."""
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    ben.page.evaluate(
        """(mark) => {
          window.moments = [];
          const log = document.querySelector("#thread-scroll");
          new MutationObserver(() => moments.push([1, 2, 3].map((n) =>
            [...log.querySelectorAll("p")].filter((p) => p.innerText === `${mark} ${n}`).length)
          )).observe(log, { subtree: true, childList: true });
        }""",
        mark,
    )
    for n in (1, 2, 3):
        for _ in range(4):
            write(ada.page, "and more")
        write(ben.page, f"{mark} {n}")
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 3")).to_be_visible()
    expect(ben.page.get_by_text("Sending", exact=True)).to_have_count(0)
    moments = ben.page.evaluate("() => moments")
    for counts in zip(*moments, strict=True):
        since = counts.index(1)
        assert set(counts[:since]) <= {0}
        assert set(counts[since:]) == {1}


def test_a_reload_in_the_middle_of_sending_loses_nothing(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    ben.context.set_offline(True)
    write(ben.page, f"{mark} 1")
    ben.context.set_offline(False)
    ben.page.reload()
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    expect(ben.page.get_by_role("log").get_by_text(f"{mark} 1")).to_have_count(1)
    assert stored(ben.server, mark) == [f"{mark} 1"]


def test_a_draft_survives_a_reload(pair):
    _, ben = pair
    box = ben.page.get_by_label("Message", exact=True)
    box.press_sequentially("half a thought")
    ben.page.reload()
    expect(ben.page.get_by_label("Message", exact=True)).to_have_value("half a thought")


def test_words_over_the_limit_are_neither_cut_nor_sent_and_go_once_they_are_shorter(pair):
    _, ben = pair
    mark = uuid.uuid4().hex[:6]
    box = ben.page.get_by_label("Message", exact=True)
    write(ben.page, f"{mark} " + "x" * 4000)
    expect(
        ben.page.get_by_text("A message holds 4000 characters; this one has 4007")
    ).to_be_visible()
    ben.page.reload()
    expect(box).to_have_value(f"{mark} " + "x" * 4000)
    write(ben.page, f"{mark} 1")
    expect(ben.page.get_by_text("A message holds 4000 characters")).to_have_count(0)
    expect(box).to_have_value("")
    assert said(ben.page, mark) == [f"{mark} 1"]


def test_what_is_written_offline_goes_from_the_list_too_and_one_gets_there_offline(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    ben.page.set_viewport_size({"width": 390, "height": 844})
    ben.context.set_offline(True)
    write(ben.page, f"{mark} 1")
    ben.page.get_by_role("link", name="All messages").click()
    expect(ben.page.get_by_role("heading", name="Messages", exact=True)).to_be_visible()
    ben.context.set_offline(False)
    expect(ada.page.get_by_role("log").get_by_text(f"{mark} 1")).to_be_visible()
    assert stored(ben.server, mark) == [f"{mark} 1"]


def test_script_is_shown_and_not_run(pair):
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    hostile = f"{mark} 1 <img src=x onerror=alert(1)><script>alert(2)</script>"
    ada.page.on("dialog", lambda dialog: ada.complaints.append(dialog.message))
    write(ben.page, hostile)
    expect(ada.page.get_by_role("log").get_by_text(hostile)).to_be_visible()


def test_history_loads_as_one_scrolls_up(pair):
    _, ben = pair
    mark = uuid.uuid4().hex[:6]
    chat = int(ben.page.url.rstrip("/").rpartition("/")[2])
    fill(ben.server, chat, mark, 120)
    ben.page.reload()
    log = ben.page.get_by_role("log")
    expect(log.get_by_text(f"{mark} 120", exact=True)).to_be_visible()
    expect(log.get_by_text(f"{mark} 1", exact=True)).to_have_count(0)
    for _ in range(30):
        log.hover()
        ben.page.mouse.wheel(0, -4000)
        if log.get_by_text(f"{mark} 1", exact=True).count():
            break
        ben.page.wait_for_timeout(100)  # a person scrolls in steps
    expect(log.get_by_text(f"{mark} 1", exact=True)).to_have_count(1)
    found = [int(words.split()[1]) for words in said(ben.page, mark)]
    assert found == list(range(1, 121))


def fill(server, chat: int, mark: str, count: int) -> None:
    engine = create_engine(server.database)
    with engine.begin() as connection:
        connection.execute(
            text(
                """
                WITH c AS (UPDATE conversations SET message_count = message_count + :n,
                    change_count = change_count + :n WHERE id = :c
                    RETURNING message_count - :n AS m, change_count - :n AS k)
                INSERT INTO messages (conversation_id, number, change, sender_id, body, sent_at)
                SELECT :c, m + i, k + i, (SELECT min(user_id) FROM conversation_members
                    WHERE conversation_id = :c), :mark || ' ' || i, now()
                FROM c, generate_series(1, :n) i ORDER BY i
                """
            ),
            {"c": chat, "n": count, "mark": mark},
        )
    engine.dispose()


def test_a_killed_server_loses_no_message_that_was_written(pair):
    """kill -9 in the middle of writing: what the pages show in the end is what is stored, once."""
    ada, ben = pair
    mark = uuid.uuid4().hex[:6]
    for n in range(1, 6):
        write(ben.page, f"{mark} {n}")
    ben.server.kill()
    restart = threading.Thread(target=ben.server.start)
    restart.start()
    for n in range(6, 11):
        write(ben.page, f"{mark} {n}")
    restart.join()
    everything = [f"{mark} {n}" for n in range(1, 11)]
    for page in (ada.page, ben.page):
        for words in everything:
            expect(page.get_by_role("log").get_by_text(words, exact=True)).to_have_count(
                1, timeout=20_000
            )
    expect(ben.page.get_by_text("Sending", exact=True)).to_have_count(0, timeout=20_000)
    assert stored(ben.server, mark) == everything
    assert said(ada.page, mark) == everything
