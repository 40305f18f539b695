"""Every page as everybody sees it: readable by all, nothing over the edge, a silent console."""

import re
from typing import Any

import pytest
from axe_core_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(360)]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
NARROW = {"width": 360, "height": 740}
VISITOR = (
    "/ /coaches /coaches?q=nobody-at-all /coaches/ada-lindqvist /coaches/nobody"
    " /book/ada-lindqvist /book/ada-lindqvist/time?offering={offering} /book/ada-lindqvist/review"
    " /book/ada-lindqvist/embed /book/ada-lindqvist/embed?offering={offering}"
    " /sign-up /sign-in?problem=wrong /check-mail /verify /verify?token=1.x /nothing/here /design"
    " /dev/mail?to=ada@loom.test /forgot /reset?token=1.x /new-address?token=1.x"
    " /undo-address?token=1.x /lost-second-factor?token=1.x /sign-in/code /welcome /connect /appeal"
)
CLIENT = (
    "/sessions /sessions?view=cancelled /sessions/{session} /sessions/999999 /messages"
    " /messages/{conversation} /messages/999999 /settings /coaches /sessions/{session}/move"
    " /sessions/{session}/room /sessions/calendar /waitlist /payments /payments/methods"
    " /packages /become-a-coach /payments/billing /notifications /settings/notifications"
    " /settings/security /settings/data /confirm-it-is-you"
)
COACH = (
    "/sessions /sessions/{session} /messages/{conversation} /availability /offerings"
    " /offerings/{offering} /offerings/new /profile /settings /sessions/{session}/move"
    " /sessions/calendar /sessions/new /waitlist /earnings /earnings/payouts /earnings/account"
    " /earnings/disputes /availability/why /places /places/new /offerings/templates"
    " /offerings/templates/new /offerings/packages /offerings/packages/new /profile/site"
    " /become-a-coach /become-a-coach/proofs /invitations /invitations/many"
)
STAFF = (
    "/staff/coaches /staff/coaches/{coach} /staff/coaches/999999 /staff/health /staff/integrations"
    " /staff/book /staff/people /staff/roles /staff/audit /staff/money /staff/settings"
    " /staff/flags /staff/notices /staff/moderation /staff/sessions/{session}"
    " /staff/sessions/999999 /staff/call-off/{coach}"
)

BETWEEN = "a.name = 'Ada Lindqvist' AND b.name = 'Ben Okafor'"
IDS = {
    "coach": "SELECT id FROM users WHERE name = 'Ada Lindqvist'",
    "offering": """
        SELECT o.id FROM offerings o JOIN users a ON a.id = o.coach_id
        WHERE a.name = 'Ada Lindqvist' AND o.name LIKE 'Clarity%'""",
    "session": f"""
        SELECT s.id FROM coaching_sessions s JOIN seats x ON x.session_id = s.id
        JOIN users a ON a.id = s.coach_id JOIN users b ON b.id = x.client_id
        WHERE {BETWEEN} AND s.status = 'confirmed' AND s.starts_at > now()""",
    "conversation": f"""
        SELECT c.id FROM conversations c JOIN engagements e ON e.id = c.engagement_id
        JOIN users a ON a.id = e.coach_id JOIN users b ON b.id = e.client_id WHERE {BETWEEN}""",
}


def settle(page: Page) -> None:
    """Until the page has its words."""
    expect(page.locator("h1, h2").first).to_be_visible()
    if not page.url.endswith("/design"):  # which shows how loading looks
        expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)


def faults(page: Page, *rules: str) -> list[str]:
    options: Any = {"resultTypes": ["violations"], "preload": False}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    elif page.locator("[role=dialog], [role=alertdialog]").count():
        # what lies behind is hidden, and the landmarks of the page with it
        hidden = ("landmark-one-main", "page-has-heading-one", "region")
        options["rules"] = {rule: {"enabled": False} for rule in hidden}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{one['id']} {node['target']}" for one in found for node in one["nodes"]]


# the innermost elements that reach over the edge of the window, once whatever follows its size has
# had two seconds of frames to follow
OVER = """async () => {
  const root = document.documentElement
  for (let frame = 0; frame < 120 && root.scrollWidth > root.clientWidth; frame++)
    await new Promise(requestAnimationFrame)
  if (root.scrollWidth <= root.clientWidth) return []
  const right = e => e.getBoundingClientRect().right - root.clientWidth
  const over = [...document.querySelectorAll("body *")].filter(e => right(e) > 0.5)
  const found = over.filter(e => !over.some(o => o !== e && e.contains(o)))
  return [`${root.scrollWidth - root.clientWidth} px`, ...found.slice(0, 5).map(
    e => `${e.tagName} ${e.className} ${Math.round(right(e))}`)]
}"""


def wide(page: Page) -> list[str]:
    """What reaches over the right edge: how far, and the elements."""
    return page.evaluate(OVER)


def examine(page: Page) -> dict[str, Any]:
    """What is wrong with the page that is open, by view."""
    settle(page)
    found: dict[str, Any] = {}
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        found[f"light {size['width']}"] = faults(page)
        page.emulate_media(color_scheme="dark")
        # what the light could not show: colours
        found[f"dark {size['width']}"] = faults(page, "color-contrast", "link-in-text-block")
        page.emulate_media(color_scheme="light")
        found[f"over {size['width']}"] = wide(page)
    page.set_viewport_size(NARROW)
    found[f"over {NARROW['width']}"] = wide(page)
    return {view: wrong for view, wrong in found.items() if wrong}


def walk(one: Any, paths: str) -> dict[str, Any]:
    ids = {name: one.server.query(statement)[0][0] for name, statement in IDS.items()}
    found = {}
    for path in paths.format(**ids).split():
        one.page.set_viewport_size(DESK)
        one.go(path)
        wrong = examine(one.page)
        if wrong:
            found[path] = wrong
    return found


def test_a_visitors_pages_are_for_everybody(person):
    assert walk(person(reduced_motion="reduce"), VISITOR) == {}


@pytest.mark.parametrize(
    ("email", "paths"),
    [("ben@loom.test", CLIENT), ("ada@loom.test", COACH), ("sam@loom.test", STAFF)],
)
def test_the_pages_behind_the_door_are_for_everybody(person, email, paths):
    one = person(reduced_motion="reduce")
    one.sign_in(email)
    assert walk(one, paths) == {}


def test_every_step_of_a_booking_is_for_everybody(person):
    ben = person(reduced_motion="reduce")
    ben.sign_in("ben@loom.test")
    page: Page = ben.page
    found = {}

    def look(step: str) -> None:
        if wrong := examine(page):
            found[step] = wrong
        page.set_viewport_size(DESK)

    ben.go("/coaches/ada-lindqvist")
    page.get_by_role("link", name=re.compile("^Clarity")).click()
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    page.wait_for_url(re.compile("/details"))
    page.get_by_role("button", name="Go to review").click()
    expect(page.get_by_text("Please answer this").first).to_be_visible()
    look("details, unanswered")
    for box in page.get_by_role("textbox").all():
        box.fill("A new job, and whether I want it.")
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))
    look("review")
    page.get_by_role("button", name=re.compile("^Pay .* and book")).click()
    page.wait_for_url(re.compile("/sandbox/stripe/pay/"))
    look("checkout")
    page.get_by_role("button", name=re.compile("^Pay")).click()
    look("checkout, empty")
    assert found == {}


def test_dialogs_are_for_everybody(person):
    ada = person(reduced_motion="reduce")
    ada.sign_in("ada@loom.test")
    page: Page = ada.page
    found = {}
    page.get_by_role("link", name=re.compile("Ben Okafor")).first.click()
    page.get_by_role("button", name="Cancel session").click()
    expect(page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))).to_be_visible()
    found["cancel"] = examine(page)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog").or_(page.get_by_role("alertdialog"))).to_have_count(0)
    page.get_by_role("link", name="Move session").click()
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["move"] = examine(page)
    ada.go("/messages")
    page.get_by_role("button", name="New message").click()
    expect(page.get_by_role("dialog").get_by_role("button").nth(1)).to_be_visible()
    found["new message"] = examine(page)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
