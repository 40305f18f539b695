"""Coming in by a real OpenID Connect provider, and by an invitation out of a coach's table."""

import io
import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import TEST_DATA
from tests.e2e.conftest import Person, Server, free_port
from tests.integrations.oauth import provider

pytestmark = pytest.mark.e2e

PASSWORD = "seven purple lanterns drift"


@pytest.fixture(scope="module")
def server(demo_database: str, worker_id: str) -> Iterator[Server]:
    """A server whose settings name a provider, which runs beside it."""
    made = Server(demo_database, TEST_DATA / f"e2e-server-{worker_id}.log")
    made.log.unlink(missing_ok=True)
    back = f"{made.url}/auth/with/oidc/back"
    with provider.elsewhere(free_port(), back) as there, pytest.MonkeyPatch.context() as env:
        env.setenv("LOOM_OIDC_ISSUER", there.issuer)
        env.setenv("LOOM_OIDC_CLIENT_ID", provider.CLIENT)
        env.setenv("LOOM_OIDC_CLIENT_SECRET", provider.SECRET)
        env.setenv("LOOM_OIDC_NAME", "Works")
        made.start()
        yield made
        made.stop()


def sign_in_there(page: Page, who: str) -> None:
    page.locator("input[name=login]").fill(who)
    page.locator("input[name=password]").fill("any")
    page.keyboard.press("Enter")


def not_counting_its_fonts(one: Person) -> None:
    """The page over there asks for a font of a third."""
    one.complaints[:] = [words for words in one.complaints if "NAME_NOT_RESOLVED" not in words]


def come_by(one: Person) -> None:
    one.go("/sign-in")
    one.page.get_by_role("link", name="Go on with Works").click()


def sign_out(one: Person) -> None:
    one.page.get_by_role("button", name="Your account").click()
    one.page.get_by_role("button", name="Sign out").click()
    expect(one.page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_a_newcomer_by_a_provider_and_an_account_that_links_it(
    person: Callable[..., Person],
) -> None:
    nina = person()
    come_by(nina)
    sign_in_there(nina.page, "nina")
    expect(nina.page.get_by_text("nina@works.test")).to_be_visible()
    expect(nina.page.get_by_label("Name")).to_have_value("Nina Sandoval")
    nina.page.get_by_role("radio", name=re.compile("I want coaching")).check()
    nina.page.get_by_role("button", name="Create account").click()
    nina.page.wait_for_url(re.compile("/sessions"))
    sign_out(nina)
    come_by(nina)  # the provider remembers, and so do we
    nina.page.wait_for_url(re.compile("/sessions"))

    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go("/settings/security")
    ben.page.get_by_role("button", name="Link Works").click()
    sign_in_there(ben.page, "benjamin")
    expect(ben.page.get_by_text("benjamin@works.test")).to_be_visible()
    sign_out(ben)
    come_by(ben)
    ben.page.wait_for_url(re.compile("/sessions"))
    ben.go("/settings/security")
    ben.page.get_by_role("button", name="Unlink Works").click()
    ben.page.get_by_role("alertdialog").get_by_role("button", name="Unlink").click()
    expect(ben.page.get_by_text("benjamin@works.test")).to_be_hidden()
    for one in (nina, ben):
        not_counting_its_fonts(one)
    assert "Works" in ben.mail("ben@loom.test", "Works was unlinked")


def test_a_table_of_people_becomes_invitations_and_one_is_accepted(
    person: Callable[..., Person],
) -> None:
    ada, mia = person(), person()
    ada.sign_in("ada@loom.test")
    ada.go("/invitations/many")
    table = "Email;Name;Note\nmia@e2e.test;Mia Weiß;Schön, dass du kommst\nnonsense;;\n"
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": table.encode("cp1252")}
    ada.page.get_by_label("Choose a CSV file").set_input_files(file)
    expect(ada.page.get_by_text("That does not look like an email address")).to_be_visible()
    ada.page.get_by_role("button", name="Send 1 invitation").click()
    ada.page.wait_for_url(re.compile("/invitations$"))
    expect(ada.page.get_by_text("Mia Weiß")).to_be_visible()

    mail = unescape(mia.mail("mia@e2e.test", "Ada Lindqvist invites you to Loom"))
    assert "Schön, dass du kommst" in mail
    found = re.search(r"(/invitation\?token=[^\"\s<]+)", mail)
    assert found
    mia.go(found.group(1))
    expect(mia.page.get_by_text("Schön, dass du kommst")).to_be_visible()
    mia.page.get_by_label("Password").fill(PASSWORD)
    mia.page.get_by_role("button", name="Accept and create account").click()
    expect(mia.page.get_by_text("You work with Ada Lindqvist now")).to_be_visible()
    mia.page.get_by_role("link", name="Open your messages").click()
    expect(mia.page.get_by_role("link", name=re.compile("Ada Lindqvist")).first).to_be_visible()

    # the coach's open page follows
    expect(ada.page.get_by_role("link", name="Accepted 1")).to_be_visible()
    ada.page.get_by_role("link", name="Accepted 1").click()
    expect(ada.page.get_by_text("Mia Weiß")).to_be_visible()


def test_the_part_of_a_picture_that_is_chosen_by_keys_is_seen_in_every_tab(
    person: Callable[..., Person],
) -> None:
    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go("/settings")
    other = ben.tab()
    other.goto(f"{ben.url}/sessions")
    shown = other.get_by_role("button", name="Your account").locator("img")
    before = shown.get_attribute("src") if shown.count() else ""

    picture = io.BytesIO()
    Image.new("RGB", (800, 400), (20, 120, 110)).save(picture, "PNG")
    file = {"name": "ben.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    ben.page.get_by_label("Choose a picture").set_input_files(file)
    area = ben.page.get_by_role("group", name=re.compile("Your picture"))
    area.press("ArrowRight")
    ben.page.get_by_label("Zoom").press("ArrowRight")
    with ben.page.expect_request(re.compile("/files/avatar")) as asked:
        ben.page.get_by_role("button", name="Use this picture").click()
    part = parse_qs(urlsplit(asked.value.url).query)
    assert float(part["width"][0]) < 50  # a square of a wide picture, a little nearer
    expect(ben.page.get_by_text("Your picture is saved")).to_be_visible()
    expect(shown).not_to_have_attribute("src", before or "")
    expect(shown).to_have_attribute("src", re.compile("/files/avatars/"))

    ben.page.get_by_label("Pronouns").fill("he/him")
    ben.page.get_by_label("Name").fill("Benedict Okafor")
    ben.page.get_by_role("button", name="Save profile").click()
    other.get_by_role("button", name="Your account").click()
    expect(other.get_by_text("Benedict Okafor").first).to_be_visible()
    ben.page.get_by_label("Name").fill("Ben Okafor")
    ben.page.get_by_role("button", name="Save profile").click()
    expect(other.get_by_text("Ben Okafor").first).to_be_visible()


def test_a_time_zone_is_chosen_from_all_there_are(person: Callable[..., Person]) -> None:
    ben = person()
    ben.sign_in("ben@loom.test")
    ben.go("/settings")
    zone = ben.page.get_by_label("Time zone")
    before = zone.input_value()
    zone.focus()
    for chosen in ("Asia/Kathmandu", before):
        zone.select_option(chosen)
        ben.page.get_by_role("button", name="Save profile").click()
        expect(ben.page.get_by_text("Your profile is saved.")).to_be_visible()
        other = ben.tab()
        other.goto(f"{ben.url}/settings")
        expect(other.get_by_label("Time zone")).to_have_value(chosen)
        ben.page.get_by_role("button", name="Dismiss").first.click()
