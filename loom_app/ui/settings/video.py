"""Where a coach's video sessions take place."""

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions as scheduling
from loom_app.domains.scheduling import queries
from loom_app.kit.text import t as say_words
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import text_field
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.text import t


class LinkForm(TypedDict):
    meeting_link: str


class VideoState(Problems, rx.State):
    """The coach's own meeting; `shown` for coaches only."""

    link: str = ""
    shown: bool = False

    @rx.event
    async def load(self) -> None:
        async with acting(self) as (tx, me):
            self.shown = me.is_coach
            self.link = await queries.meeting_link(tx, me) if me.is_coach else ""

    @rx.event
    async def save(self, form: LinkForm) -> None:
        async with acting(self, limit="save") as (tx, me):
            await scheduling.save_meeting_link(tx, me, form["meeting_link"])
            self.link = await queries.meeting_link(tx, me)
            words = (
                say_words("Your video sessions take place there.")
                if self.link
                else say_words("Your video sessions take place in a room on their page.")
            )
            await say(self, words)


def video_card() -> rx.Component:
    return rx.cond(
        VideoState.shown,
        card(
            rx.el.h2(t("Video sessions"), class_name="text-lg font-semibold"),
            rx.el.p(
                t(
                    "Each video session has a room of its own on its page. If you prefer your own"
                    " Zoom, Meet or Teams room, give its link: only your clients see it, and only"
                    " from ten minutes before a session."
                ),
                class_name="mb-4 mt-1 text-base text-muted",
            ),
            rx.el.form(
                text_field(
                    t("Your own video room"),
                    "meeting_link",
                    type="url",
                    default_value=VideoState.link,
                    optional=True,
                    max_length=500,
                    error=VideoState.errors.get("meeting_link", ""),
                ),
                rx.el.div(button(t("Save"), kind="secondary", type="submit")),
                on_submit=VideoState.save,
                no_validate=True,
                key=VideoState.link,
                class_name="flex max-w-[480px] flex-col gap-4",
            ),
        ),
        rx.fragment(),
    )
