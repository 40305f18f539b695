"""`make screenshots`: the pictures of the README, taken of the demo people's pages as they are now.

A server of its own with a database of its own; each page when its data has come, in light or dark.
"""

import argparse
import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import create_engine, make_url, text

from loom_app.cli import build
from loom_app.kit.db.embedded import embedded_url
from loom_app.kit.settings import ROOT
from tests.conftest import TEST_DATA
from tests.e2e.conftest import Person, Server

DATABASE = "screenshots"
DESK, PHONE = (1280, 860), (390, 844)
ADA, BEN, SAM = "ada@loom.test", "ben@loom.test", "sam@loom.test"


@dataclass(frozen=True)
class Shot:
    """A file's name, whose page it is ("" is a visitor's), its address and what says it is there.

    `click` is the name of a link or button on it that leads to what is shown.
    """

    name: str
    email: str
    path: str
    shows: str
    size: tuple[int, int] = DESK
    scheme: str = "light"
    click: str = ""


SHOTS = [
    Shot("coaches", "", "/coaches", "Ada Lindqvist"),
    Shot("chat", BEN, "/messages", "Ada Lindqvist", click="Ada Lindqvist"),
    Shot("availability", ADA, "/availability", "Monday"),
    Shot("calendar", ADA, "/sessions/calendar", "Today", scheme="dark", click="Month"),
    Shot("earnings", ADA, "/earnings", "Earnings"),
    Shot("coach-phone", "", "/coaches/ada-lindqvist", "Ada Lindqvist", PHONE),
    Shot("sessions-phone", BEN, "/sessions", "Sessions", PHONE, "dark"),
    Shot("health", SAM, "/staff/health", "Database"),
]


def main() -> int:
    parser = argparse.ArgumentParser(prog="screenshots", description="Take the README's pictures.")
    parser.add_argument("--out", default=str(ROOT / "docs" / "screenshots"))
    parser.add_argument("--only", default="", help="names, with commas between")
    options = parser.parse_args()
    wanted = set(options.only.split(",")) if options.only else {shot.name for shot in SHOTS}
    out = Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    if build.main([]):
        return 1
    with _demo() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for shot in SHOTS:
            if shot.name in wanted:
                _keep(_taken(browser, server, shot), out / f"{shot.name}.png")
        browser.close()
    return 0


@contextmanager
def _demo() -> Iterator[Server]:
    """A server with demo people, whose mails and events are done with."""
    owner = embedded_url(TEST_DATA / "postgres", durable=False)
    admin = create_engine(owner, isolation_level="AUTOCOMMIT")
    drop = text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    with admin.connect() as connection:
        connection.execute(drop)
        connection.execute(text(f"CREATE DATABASE {DATABASE}"))
        address = make_url(owner).set(database=DATABASE).render_as_string(hide_password=False)
        server = Server(address, TEST_DATA / "screenshots.log")
        server.start()
        try:
            server.idle()
            yield server
        finally:
            server.stop()
            connection.execute(drop)
    admin.dispose()


def _taken(browser: Browser, server: Server, shot: Shot) -> bytes:
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
        device_scale_factor=1.5,
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
    )
    person = Person(server, context)
    if shot.email:
        person.sign_in(shot.email)
    person.go(shot.path)
    page = person.page
    page.get_by_text(shot.shows).and_(page.locator(":visible")).first.wait_for()
    if shot.click:
        link, button = (page.get_by_role(role, name=shot.click) for role in ("link", "button"))
        link.or_(button).first.click()
    page.wait_for_timeout(500)  # charts draw themselves; a picture has nothing to assert
    _settle(page)
    picture = page.screenshot(animations="disabled")
    print(f"{shot.name}: {shot.path}", *person.complaints)
    context.close()
    return picture


def _settle(page: Page) -> None:
    """Until no skeleton stands for something, and fonts and pictures are there."""
    page.wait_for_function(
        "() => ![...document.querySelectorAll('[role=status]')]"
        ".some((one) => one.textContent.includes('Loading'))"
        " && document.fonts.status === 'loaded'"
        " && [...document.images].every((one) => one.complete || one.loading === 'lazy')"
    )


def _keep(picture: bytes, path: Path) -> None:
    """In 256 colours, which is a third of the size and looks the same."""
    with Image.open(io.BytesIO(picture)) as image:
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    raise SystemExit(main())
