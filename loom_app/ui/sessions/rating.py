"""How it was: stars, words for everybody, and words for the coach alone."""

from typing import Any

import reflex as rx
from typing_extensions import TypedDict

from loom_app.domains.scheduling import actions as scheduling
from loom_app.kit.text import t as say_words
from loom_app.ui.design.button import button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import text_area
from loom_app.ui.design.icon import icon
from loom_app.ui.problems import Problems, say
from loom_app.ui.session import acting
from loom_app.ui.sessions.detail_state import SessionState
from loom_app.ui.text import t

session = SessionState.session


class RatingForm(TypedDict):
    feedback: str
    private_note: str


class RatingState(Problems, rx.State):
    """What is being chosen; `stars` is 0 until then, and `writing` after the first click."""

    stars: int = 0
    writing: bool = False
    working: bool = False

    @rx.event
    def choose(self, stars: int) -> None:
        """So many stars; nothing is stored yet."""
        self.stars, self.writing, self.errors = min(max(stars, 0), 5), True, {}

    @rx.event
    def stop(self) -> None:
        """Leave it as it is."""
        self.stars, self.writing, self.errors = 0, False, {}

    @rx.event
    async def save(self, form: RatingForm) -> Any:
        self.working = True
        yield
        self.working = False
        page = await self.get_state(SessionState)
        async with acting(self, limit="save") as (tx, me):
            await scheduling.rate(
                tx, me, page.session.id, self.stars, form["feedback"], form["private_note"]
            )
            await say(self, say_words("Thank you. Your coach has been told."))
            self.stars, self.writing = 0, False


def stars(count: Any, size: int = 20) -> rx.Component:
    """A number of stars for the eye; the words around it say it, too."""
    return rx.el.span(
        *(
            rx.el.span(
                icon("star", size, class_name="fill-current"),
                class_name=rx.cond(count > n, "text-accent", "text-line"),
            )
            for n in range(5)
        ),
        aria_hidden="true",
        class_name="inline-flex gap-0.5",
    )


def _star(number: int) -> rx.Component:
    shown: Any = rx.cond(RatingState.writing, RatingState.stars, session.rating)
    words = (t("1 star"), t("2 stars"), t("3 stars"), t("4 stars"), t("5 stars"))[number - 1]
    return rx.el.button(
        icon("star", 28, class_name="fill-current"),
        type="button",
        role="radio",
        aria_label=words,
        aria_checked=rx.cond(shown == number, "true", "false"),
        on_click=RatingState.choose(number),
        class_name=rx.cond(
            shown >= number,
            "inline-flex size-11 items-center justify-center rounded-control text-accent",
            "inline-flex size-11 items-center justify-center rounded-control text-edge "
            "hover:text-accent",
        ),
    )


def _form() -> rx.Component:
    return rx.el.form(
        text_area(
            t("What others may read"),
            "feedback",
            default_value=session.feedback,
            optional=True,
            max_length=2000,
            rows="3",
            error=RatingState.errors["feedback"],
        ),
        text_area(
            t("For your coach alone"),
            "private_note",
            default_value=session.private_note,
            optional=True,
            max_length=2000,
            rows="3",
            error=RatingState.errors["private_note"],
        ),
        rx.el.div(
            button(t("Not now"), kind="secondary", on_click=RatingState.stop),
            button(t("Save rating"), type="submit", busy=RatingState.working),
            class_name="flex flex-col-reverse gap-3 sm:flex-row sm:justify-end",
        ),
        on_submit=RatingState.save,
        class_name="mt-4 flex flex-col gap-4",
    )


def _said(words: Any, label: Any) -> rx.Component:
    return rx.cond(
        words,
        rx.el.div(
            rx.el.p(label, class_name="text-sm text-muted"),
            rx.el.p(words, class_name="whitespace-pre-line text-base"),
            class_name="mt-3",
        ),
        rx.fragment(),
    )


def _given() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            stars(session.rating),
            rx.el.span(session.rating_words, class_name="text-sm text-muted"),
            class_name="flex flex-wrap items-center gap-3",
        ),
        _said(session.feedback, t("What others may read")),
        _said(session.private_note, t("For the coach alone")),
    )


def rating_card() -> rx.Component:
    """For the client a question, then what was said; for the coach what was said."""
    ask = rx.fragment(
        rx.el.div(
            *(_star(n) for n in range(1, 6)),
            role="radiogroup",
            aria_label=t("Stars"),
            class_name="-ml-2 flex",
        ),
        rx.cond(
            RatingState.writing,
            _form(),
            rx.cond(
                session.rating > 0,
                rx.el.div(
                    rx.el.p(t("You can change it for two weeks."), class_name="text-sm text-muted"),
                    _said(session.feedback, t("What others may read")),
                    _said(session.private_note, t("For your coach alone")),
                ),
                rx.fragment(),
            ),
        ),
    )
    return rx.cond(
        session.can_rate | (session.rating > 0),
        card(
            rx.el.h2(
                rx.cond(session.can_rate, t("How was it?"), t("Rating")),
                class_name="mb-3 text-base font-semibold",
            ),
            rx.cond(session.can_rate, ask, _given()),
        ),
        rx.fragment(),
    )
