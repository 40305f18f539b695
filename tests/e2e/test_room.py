"""The call in the page: both are let in at their time, with a stand-in for the video host. Who was
not there says so."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

pytestmark = pytest.mark.e2e

PAGE = b"""<p id=room></p><script>
room.textContent = location.pathname;
navigator.mediaDevices.getUserMedia({audio: true}).then(() => { room.textContent += " heard" });
</script>"""


class Host(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name
        """Says nothing."""


@pytest.fixture
def host(server) -> Iterator[None]:
    standin = ThreadingHTTPServer(("127.0.0.1", server.video_port), Host)
    thread = threading.Thread(target=standin.serve_forever, daemon=True)
    thread.start()
    yield
    standin.shutdown()
    standin.server_close()
    thread.join(10)


def begins_in(server, minutes: int) -> int:
    """A session of Ada and Ben whose time has come."""
    engine = create_engine(server.database)
    find = """SELECT s.id FROM coaching_sessions s JOIN seats t ON t.session_id = s.id
        JOIN users c ON c.id = s.coach_id JOIN users u ON u.id = t.client_id
        WHERE c.name = 'Ada Lindqvist' AND u.name = 'Ben Okafor' AND s.place = 'video'
        AND s.status IN ('confirmed', 'in_progress')
        ORDER BY abs(extract(epoch FROM s.starts_at - now())) LIMIT 1"""
    with engine.begin() as connection:
        found = connection.scalar(text(find))
        new = "ends_at = now() + interval ':m min' + (ends_at - starts_at)".replace(
            ":m", str(minutes)
        )
        new += f", starts_at = now() + interval '{minutes} min'"
        connection.execute(text(f"UPDATE seats SET {new} WHERE session_id = :id"), {"id": found})
        new += f", blocked_from = now() + interval '{minutes} min'"
        new += f", blocked_until = now() + interval '{minutes} min' + (ends_at - starts_at)"
        connection.execute(
            text(f"UPDATE coaching_sessions SET {new} WHERE id = :id"), {"id": found}
        )
    engine.dispose()
    return found


def test_both_are_let_into_one_room_at_its_time(person, server, host):
    session = begins_in(server, 5)
    rooms = set()
    for email in ("ada@loom.test", "ben@loom.test"):
        one = person(permissions=["microphone"])
        one.sign_in(email)
        one.go(f"/sessions/{session}")
        one.page.get_by_role("link", name="Join").click()
        call = one.page.frame_locator("iframe")
        expect(call.locator("#room")).to_have_text(re.compile(rf"^/loom-{session}-\w{{24}} heard$"))
        rooms.add(call.locator("#room").inner_text())
        one.page.get_by_role("link", name="Leave").click()
        expect(one.page.get_by_role("link", name="Join")).to_be_visible()
    assert len(rooms) == 1


def test_a_coach_who_was_not_there_says_so_and_the_client_reads_it_at_once(person, server):
    session = begins_in(server, -5)
    ada, ben = person(), person()
    for one, email in ((ben, "ben@loom.test"), (ada, "ada@loom.test")):
        one.sign_in(email)
        one.go(f"/sessions/{session}")
    ada.page.get_by_role("button", name="Somebody did not come").click()
    question = ada.page.get_by_role("alertdialog")
    expect(question.get_by_role("status")).to_contain_text("They are told.")
    question.get_by_text("I, the coach").click()
    expect(question.get_by_role("status")).to_contain_text("Ben Okafor")
    question.get_by_role("button", name="I did not come").click()
    expect(ada.page.get_by_text("You did not come. Who had a seat")).to_be_visible()
    expect(ada.page.get_by_role("button", name="did not come")).to_have_count(0)
    expect(ben.page.get_by_text("Ada Lindqvist did not come.")).to_be_visible()
    expect(ben.page.get_by_role("link", name="Book another time")).to_be_visible()
