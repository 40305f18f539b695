"""A coach's own site with the booking page in it: another site, with everything third-party
blocked, on a desk and on a phone; from the snippet to a booked session."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.e2e.conftest import Person

pytestmark = pytest.mark.e2e

# as browsers do that forbid other sites' storage: who asks for it gets an exception
BLOCKED = """
if (self !== top) {
  for (const name of ["localStorage", "sessionStorage", "indexedDB"])
    Object.defineProperty(window, name, { configurable: true,
      get() { throw new DOMException("Access is denied for this document.", "SecurityError"); } });
  Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: () => {} });
}
"""


class Site:
    """Somebody's own site, on another host than Loom's."""

    def __init__(self) -> None:
        self.body = ""
        site = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html; charset=utf-8")
                self.end_headers()
                head = '<!doctype html><meta name="viewport" content="width=device-width">'
                self.wfile.write(f"{head}<h1>Ada coaches</h1>{site.body}".encode())

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def site() -> Iterator[Site]:
    made = Site()
    yield made
    made.server.shutdown()
    made.server.server_close()


def snippet_of(ada: Person) -> str:
    """The coach chooses, sees it, and copies it."""
    ada.sign_in("ada@loom.test")
    ada.go("/profile")
    ada.page.get_by_role("link", name="On your site").click()
    preview = ada.page.frame_locator("iframe")
    expect(preview.get_by_role("heading", name="Book with Ada Lindqvist")).to_be_visible()
    ada.page.get_by_label("What can be booked").select_option(label="Intro call")
    ada.page.get_by_label("Light or dark").select_option("dark")
    ada.page.get_by_label("Colour", exact=True).select_option("violet")
    expect(preview.get_by_role("heading", name="Intro call")).to_be_visible()
    snippet = ada.page.get_by_label("HTML for your site")
    expect(snippet).to_have_value(re.compile("theme=dark&amp;accent=violet"))
    ada.page.get_by_role("button", name="Copy HTML").click()
    expect(ada.page.get_by_role("button", name="Copied")).to_be_visible()
    return snippet.input_value()


def open_site(one: Person, site: Site) -> FrameLocator:
    """The site, in a browser that gives frames of others nothing."""
    one.context.add_init_script(BLOCKED)
    one.page.goto(site.url)
    within = one.page.frame_locator("iframe")
    expect(within.get_by_role("heading", name="Intro call")).to_be_visible()
    expect(within.get_by_role("link", name=re.compile(r"^\d\d:\d\d")).first).to_be_visible()
    return within


def test_a_visitor_of_the_coachs_own_site_books(person, site):
    site.body = snippet_of(person())
    ben, phone = person(), person(viewport={"width": 390, "height": 780}, has_touch=True)
    ben.sign_in("ben@loom.test")
    within, small = open_site(ben, site), open_site(phone, site)
    expect(within.get_by_text(re.compile("Times in New York"))).to_be_visible()
    ground = within.locator(".embed").evaluate("one => getComputedStyle(one).colorScheme")
    assert ground == "dark"
    wide = small.locator("html").evaluate("one => one.scrollWidth - one.clientWidth")
    assert wide == 0, "nothing to push from side to side"
    assert phone.context.cookies() == [], "a frame sets no cookie"

    # one takes a time, in the whole window; it goes from the other's frame while they look
    chosen = small.get_by_role("link", name=re.compile(r"^\d\d:\d\d")).last
    href = chosen.get_attribute("href")
    within.locator(f'a[href="{href}"]').click()
    ben.page.wait_for_url(re.compile("/book/ada-lindqvist/time"))
    ben.page.get_by_role("button", name="Continue with this time").click()
    ben.page.wait_for_url(re.compile("/details"))
    expect(small.locator(f'a[href="{href}"]')).to_have_count(0)
    ben.page.get_by_role("button", name="Go to review").click()
    ben.page.wait_for_url(re.compile("/review"))
    ben.page.get_by_role("button", name="Book session").click()
    ben.page.wait_for_url(re.compile("/confirmed"))


def test_no_other_page_is_framed_and_the_plain_address_becomes_this_one(person, site):
    phone = person(viewport={"width": 390, "height": 780}, has_touch=True)
    address = f"{phone.server.url}/book/ada-lindqvist"
    site.body = f'<iframe src="{address}"></iframe>'
    phone.page.goto(site.url)
    within = phone.page.frame_locator("iframe")
    expect(within.get_by_role("heading", name="Book with Ada Lindqvist")).to_be_visible()
    assert phone.complaints == []
    for path in ("/review", "/confirmed"):
        site.body = f'<iframe src="{address}{path}"></iframe>'
        with phone.page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            phone.page.goto(site.url)
    phone.complaints.clear()
