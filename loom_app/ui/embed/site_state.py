"""What a coach pastes into their own site: a frame around their booking page, in their colours."""

from html import escape

import reflex as rx

from loom_app.domains.coaches import queries as coaches
from loom_app.domains.platform import flags
from loom_app.domains.platform import queries as platform
from loom_app.kit.realtime.signals import Signal
from loom_app.kit.settings import settings
from loom_app.kit.text import t
from loom_app.ui import live
from loom_app.ui.design import accent
from loom_app.ui.embed.state import THEMES, embed_path
from loom_app.ui.problems import Problems
from loom_app.ui.session import acting

HEIGHT = 760  # px: a month and the times of a day, one above the other on a phone
ALL = "0"


class SiteState(Problems, rx.State):
    """The choices, and what comes of them."""

    phase: str = ""  # "" while looking, then "here", "draft" or "off"
    offerings: list[tuple[str, str]] = []
    offering: str = ALL
    theme: str = "auto"
    colour: str = "teal"
    typed: str = ""  # a colour of one's own
    preview: str = ""
    snippet: str = ""
    _slug: str = ""
    _name: str = ""

    @rx.event
    async def load(self) -> None:
        await self._load()

    async def _load(self) -> None:
        async with acting(self) as (tx, me):
            live.watch(self, [platform.NOW], "_switched")
            if not flags.enabled("embed", me):
                self.phase = "off"
                return
            form = await coaches.my_profile_form(tx, me)
            self.offering, self.theme, self.colour, self.typed = ALL, "auto", "teal", ""
            if form.status != "published":
                self.phase = "draft"
                return
            self._slug, self._name = form.slug, me.name
            mine = await coaches.offerings(tx, me, me.require_coach())
            self.offerings = [(ALL, t("All offerings")), *((str(one.id), one.name) for one in mine)]
            self._write()
            self.phase = "here"

    async def _switched(self, _signal: Signal) -> None:
        async with acting(self) as (_, me):
            moved = flags.enabled("embed", me) != (self.phase != "off")
        if moved:
            await self._load()

    @rx.event
    def choose_offering(self, value: str) -> None:
        if value in dict(self.offerings):
            self.offering = value
            self._write()

    @rx.event
    def choose_theme(self, value: str) -> None:
        if value in THEMES:
            self.theme = value
            self._write()

    @rx.event
    def choose_colour(self, value: str) -> None:
        """One of ours, or "own"; then what is typed counts."""
        if value == "own" or accent.read(value) is not None:
            self.colour, self.errors = value, {}
            self._write()

    @rx.event
    def type_colour(self, value: str) -> None:
        """A colour of one's own, as "#2f6f6b"."""
        self.typed = value[:20]
        if accent.read(value) is None:
            words = t("Write the colour as six hex digits, such as #2f6f6b.")
            self.errors = {"colour": words}
            return
        self.errors = {}
        self._write()

    def _write(self) -> None:
        colour = self.typed if self.colour == "own" else self.colour
        colour = "" if colour == "teal" else colour.strip().lower()
        self.preview = embed_path(self._slug, int(self.offering), self.theme, colour)
        address = escape(f"{settings().base_url}{self.preview}")
        title = escape(t("Book a session with {name}", name=self._name))
        self.snippet = (
            f'<iframe src="{address}" title="{title}" width="100%" height="{HEIGHT}"'
            ' style="border: 0" loading="lazy"></iframe>'
        )
