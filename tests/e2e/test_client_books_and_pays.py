"""The product's main job, from stranger to session, and what may go wrong on the way."""

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.e2e

PASSWORD = "seven purple lanterns drift"
GOOD, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002760003184"


def choose_time(visitor, offering="Clarity") -> None:
    """From the directory to a kept time; leaves the visitor at the details."""
    page: Page = visitor.page
    visitor.go("/coaches")
    page.get_by_role("link", name=re.compile("Ada Lindqvist")).click()
    page.get_by_role("link", name=re.compile(f"^{offering}")).click()
    page.get_by_role("button", name=re.compile(r"^\d\d:\d\d")).first.click()
    page.wait_for_url(re.compile("/details"))


def give_details(page: Page) -> None:
    # the agenda, and the one question of this offering, which arrives a moment later
    expect(page.get_by_role("textbox")).to_have_count(2)
    for box in page.get_by_role("textbox").all():
        box.fill("I want to decide about a new job.")
    page.get_by_role("button", name="Go to review").click()
    page.wait_for_url(re.compile("/review"))


def sign_up_from_review(visitor) -> str:
    """Create an account, open the mailed link, and be back at the review."""
    page: Page = visitor.page
    address = f"mia-{uuid.uuid4().hex[:8]}@loom.test"
    page.get_by_role("link", name="Create an account").first.click()
    page.get_by_label("Name").fill("Mia Torres")
    page.get_by_label("Email").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(re.compile("/check-mail"))
    link = re.search(
        r'href="(http[^"]*/verify[^"]*)"', visitor.mail(address, "Confirm your address")
    )
    assert link is not None
    page.goto(link.group(1))
    page.get_by_role("button", name="Confirm and go on").click()
    page.wait_for_url(re.compile("/review"))
    return address


def go_to_checkout(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Pay .* and book")).click()
    page.wait_for_url(re.compile("/sandbox/stripe/pay/"))


def pay(page: Page, number: str = GOOD) -> None:
    page.locator("[name=email]").fill("mia@loom.test")
    page.locator("[name=number]").fill(number)
    page.locator("[name=expiry]").fill("12 / 34")
    page.locator("[name=cvc]").fill("123")
    page.locator("[name=name]").fill("Mia Torres")
    page.get_by_role("button", name=re.compile("^Pay")).click()


def test_a_stranger_books_pays_and_both_talk(person):  # noqa: PLR0915 - one long journey
    ada, mia = person(timezone_id="Europe/Berlin"), person()
    ada.sign_in("ada@loom.test")
    expect(ada.page.get_by_role("heading", name="Sessions")).to_be_visible()

    choose_time(mia)
    give_details(mia.page)
    address = sign_up_from_review(mia)
    go_to_checkout(mia.page)
    pay(mia.page)
    mia.page.wait_for_url(re.compile("/confirmed"))
    expect(
        mia.page.get_by_role("heading", name=re.compile("booked", re.IGNORECASE))
    ).to_be_visible()

    # the coach's open page shows it without a reload
    expect(ada.page.get_by_text("Mia Torres").first).to_be_visible()

    # both have the mail with the calendar file, each in their own zone
    for who, mailbox in ((mia, address), (ada, "ada@loom.test")):
        letter = who.mail(mailbox, "Booked: Clarity session")
        assert "New York" in letter if who is mia else "Berlin" in letter
    newest = re.search(
        r"/dev/mail/(\d+)'><strong>Booked",
        mia.context.request.get(f"{mia.server.url}/dev/mail?to={address}").text(),
    )
    assert newest is not None
    file = mia.context.request.get(f"{mia.server.url}/dev/mail/{newest.group(1)}/file").text()
    assert "BEGIN:VEVENT" in file
    assert "METHOD:PUBLISH" in file

    # and they talk
    mia.go("/messages")
    mia.page.get_by_role("link", name=re.compile("Ada Lindqvist")).click()
    expect(
        mia.page.get_by_role("log").get_by_text("Session booked: Clarity session")
    ).to_be_visible()
    mia.page.get_by_label("Message", exact=True).fill("Looking forward to it, **Ada**")
    mia.page.keyboard.press("Enter")
    ada.page.get_by_role("link", name=re.compile("Messages")).first.click()
    ada.page.wait_for_url(re.compile("/messages"))
    conversations = ada.page.get_by_role("navigation", name="Conversations")
    conversations.get_by_role("link", name=re.compile("Mia Torres")).first.click()
    expect(ada.page.get_by_role("log").get_by_text("Looking forward to it")).to_be_visible()
    ada.page.get_by_label("Message", exact=True).fill("See you then")
    ada.page.keyboard.press("Enter")
    expect(mia.page.get_by_role("log").get_by_text("See you then")).to_be_visible()

    # the books: what came in is owed for a session still to come, less Stripe's fee
    unbalanced = mia.server.query(
        "SELECT transaction_id FROM ledger_entries GROUP BY transaction_id, currency"
        " HAVING sum(amount) <> 0"
    )
    assert unbalanced == []


def test_a_declined_card_says_so_and_a_second_try_pays(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    choose_time(ben)
    give_details(ben.page)
    go_to_checkout(ben.page)
    pay(ben.page, DECLINED)
    expect(ben.page.get_by_text(re.compile("declined", re.IGNORECASE)).first).to_be_visible()
    pay(ben.page)
    ben.page.wait_for_url(re.compile("/confirmed"))
    expect(
        ben.page.get_by_role("heading", name=re.compile("booked", re.IGNORECASE))
    ).to_be_visible()


def test_three_d_secure_is_asked_and_passed(person):
    ben = person()
    ben.sign_in("ben@loom.test")
    choose_time(ben)
    give_details(ben.page)
    go_to_checkout(ben.page)
    pay(ben.page, THREE_D_SECURE)
    ben.page.get_by_role(
        "button", name=re.compile("complete|authorise|confirm", re.IGNORECASE)
    ).first.click()
    ben.page.wait_for_url(re.compile("/confirmed"))
    expect(
        ben.page.get_by_role("heading", name=re.compile("booked", re.IGNORECASE))
    ).to_be_visible()


def test_a_page_closed_before_the_answer_is_confirmed_all_the_same(person):
    """The webhook does it: nobody has to come back."""
    ben = person()
    ben.sign_in("ben@loom.test")
    choose_time(ben)
    give_details(ben.page)
    go_to_checkout(ben.page)
    ben.page.route(re.compile("/confirmed"), lambda route: route.abort())
    pay(ben.page)
    other = ben.tab()
    other.goto(ben.server.url + "/sessions")
    before = other.get_by_role("link", name=re.compile("Clarity session"))
    expect(before.first).to_be_visible()


def test_a_time_kept_by_one_greys_out_for_the_other_at_once(person):
    first, second = person(), person()
    second.go("/coaches")
    second.page.get_by_role("link", name=re.compile("Ada Lindqvist")).click()
    second.page.get_by_role("link", name=re.compile("^Clarity")).click()
    slots = second.page.get_by_role("button", name=re.compile(r"^\d\d:\d\d"))
    expect(slots.first).to_be_visible()
    words = slots.first.inner_text()[:5]
    choose_time(first)
    expect(
        second.page.get_by_role("button", name=re.compile(f"^{words}"), disabled=False)
    ).to_have_count(0)
