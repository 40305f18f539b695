"""`/coaches/<slug>`: who this is, what can be booked, and when next."""

from typing import Any

import reflex as rx

from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.badge import badge, tag
from loom_app.ui.design.button import link_button
from loom_app.ui.design.card import CARD, card_link
from loom_app.ui.design.empty import empty_state, message_page
from loom_app.ui.design.icon import icon
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.directory.coach_card import rating_line
from loom_app.ui.directory.coach_state import CoachState
from loom_app.ui.directory.offering_card import offering_card
from loom_app.ui.directory.rows import TimeRow
from loom_app.ui.packages.offers_state import PackageOfferRow
from loom_app.ui.safety.parts import safety_choices, safety_dialogs
from loom_app.ui.session import Viewer
from loom_app.ui.shell.frame import public_frame
from loom_app.ui.text import t

_TIME = (
    "inline-flex h-11 items-center justify-center rounded-control border border-edge/60 px-3 "
    "text-sm font-medium tabular hover:border-brand hover:bg-brand-soft hover:text-brand-ink"
)


def _head() -> rx.Component:
    coach = CoachState.coach
    return rx.el.div(
        avatar(coach.initials, coach.hue, coach.avatar_url, size="xl"),
        rx.el.div(
            rx.el.h1(coach.name, class_name="display text-3xl"),
            rx.el.p(coach.headline, class_name="text-lg text-muted"),
            rating_line(coach.rating, coach.reviews),
            rx.el.div(rx.foreach(coach.specialties, tag), class_name="flex flex-wrap gap-1.5 pt-1"),
            rx.cond(
                CoachState.write_href,
                link_button(
                    t("Write a message"),
                    CoachState.write_href,
                    kind="secondary",
                    icon_name="message-circle",
                    class_name="mt-2 self-start",
                ),
                rx.fragment(),
            ),
            class_name="flex min-w-0 flex-col gap-2",
        ),
        class_name="flex flex-col gap-5 sm:flex-row sm:items-center sm:gap-7",
    )


def _part(title: Any, *content: Any) -> rx.Component:
    return rx.el.section(
        rx.el.h2(title, class_name="text-xl font-semibold"),
        *content,
        class_name="flex flex-col gap-4 border-t border-line pt-8",
    )


def _about() -> rx.Component:
    return _part(
        t("About"),
        rx.el.div(
            rx.foreach(CoachState.coach.paragraphs, rx.el.p),
            class_name="flex max-w-read flex-col gap-4 text-base leading-7",
        ),
    )


def _fact(icon_name: str, words: Any) -> rx.Component:
    return rx.cond(
        words,
        rx.el.li(
            icon(icon_name, 20, class_name="mt-0.5 text-muted"),
            rx.el.span(words),
            class_name="flex gap-3 text-base",
        ),
        rx.fragment(),
    )


def _background() -> rx.Component:
    coach = CoachState.coach
    return _part(
        t("Good to know"),
        rx.el.ul(
            _fact("languages", coach.languages),
            _fact("award", coach.certifications),
            _fact("history", coach.experience),
            _fact("globe", coach.lives_in),
            _fact("undo-2", coach.policy),
            class_name="flex flex-col gap-3",
        ),
        rx.cond(
            coach.video_url,
            link_button(
                t("Watch the introduction"),
                coach.video_url,
                kind="secondary",
                icon_name="play",
                target="_blank",
                rel="noopener noreferrer",
                class_name="self-start",
            ),
            rx.fragment(),
        ),
    )


def _offerings() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("What you can book"), class_name="text-xl font-semibold"),
        rx.cond(
            CoachState.selling_note,
            rx.el.p(CoachState.selling_note, class_name="text-base text-muted"),
            rx.fragment(),
        ),
        rx.cond(
            CoachState.offerings,
            rx.el.ul(
                rx.foreach(CoachState.offerings, lambda row: offering_card(row=row, key=row.id)),
                class_name="flex flex-col gap-3",
            ),
            empty_state("layers", t("Nothing to book yet")),
        ),
        id="offerings",
        class_name="flex flex-col gap-4",
    )


def _package(item: rx.Var[PackageOfferRow]) -> rx.Component:
    row: Any = item
    return rx.el.li(
        card_link(
            rx.el.div(
                rx.el.h3(row.name, class_name="text-base font-semibold"),
                rx.el.p(row.terms, class_name="text-sm text-muted"),
                rx.el.p(row.offerings, class_name="text-sm text-muted"),
                class_name="min-w-0 flex-1",
            ),
            rx.el.div(
                rx.el.p(row.price, class_name="text-base font-semibold tabular"),
                rx.cond(row.saving, badge(row.saving, "good"), rx.fragment()),
                class_name="flex shrink-0 flex-col items-end gap-1.5",
            ),
            icon("chevron-right", 20, class_name="text-muted"),
            href=row.href,
            class_name="flex items-center gap-4 p-5",
        ),
        key=row.id,
    )


def _packages() -> rx.Component:
    return rx.cond(
        CoachState.packages.length() > 0,
        rx.el.section(
            rx.el.h2(t("Packages"), class_name="text-xl font-semibold"),
            rx.el.ul(rx.foreach(CoachState.packages, _package), class_name="flex flex-col gap-3"),
            class_name="flex flex-col gap-4",
        ),
        rx.fragment(),
    )


def _time(row: rx.Var[TimeRow]) -> rx.Component:
    seen: Any = row
    return rx.el.li(rx.el.a(seen.label, href=seen.href, class_name=f"{_TIME} w-full"))


def _next_times() -> rx.Component:
    return rx.el.aside(
        rx.el.h2(t("Next free times"), class_name="text-lg font-semibold"),
        rx.el.p(CoachState.times_note, class_name="text-sm text-muted"),
        rx.cond(
            CoachState.times,
            rx.fragment(
                rx.el.ul(
                    rx.foreach(CoachState.times, _time),
                    class_name="grid grid-cols-1 gap-2 min-[360px]:grid-cols-2 lg:grid-cols-1",
                ),
                link_button(
                    t("See all times"),
                    CoachState.book_href,
                    size="lg",
                    icon_after="arrow-right",
                    class_name="w-full max-sm:hidden",
                ),
            ),
            rx.cond(
                CoachState.closed,
                rx.el.p(t("Not bookable yet."), class_name="text-base"),
                rx.fragment(
                    rx.el.p(t("No free times in the coming weeks."), class_name="text-base"),
                    link_button(
                        t("Wait for a time"),
                        CoachState.wait_href,
                        kind="secondary",
                        icon_name="hourglass",
                    ),
                ),
            ),
        ),
        class_name=f"{CARD} flex flex-col gap-4 p-5 lg:sticky lg:top-24 lg:self-start",
    )


def _ghost() -> rx.Component:
    return loading(
        rx.el.div(
            bone("size-28 rounded-full md:size-36"),
            rx.el.div(bone("h-10 w-64"), bone("h-6 w-80 max-w-full"), class_name="space-y-3"),
            class_name="flex flex-col gap-5 sm:flex-row sm:items-center",
        ),
        bone("h-28 w-full"),
        bone("h-28 w-full"),
        # as high as the window: the foot of the page is not seen before what pushes it down
        class_name="flex min-h-dvh flex-col gap-6",
    )


def _thumb_bar() -> rx.Component:
    """On a phone the way to book is always under the thumb."""
    return rx.el.div(
        link_button(
            t("See all times"),
            CoachState.book_href,
            size="lg",
            icon_after="arrow-right",
            class_name="w-full",
        ),
        class_name=(
            "sticky bottom-0 z-10 -mx-4 border-t border-line bg-canvas/90 p-4 backdrop-blur "
            "sm:hidden"
        ),
    )


def _safety() -> rx.Component:
    """For who is signed in and looks at somebody else."""
    coach: Any = CoachState.coach
    return rx.cond(
        Viewer.signed_in & (CoachState.write_href != ""),
        safety_choices(coach.id, coach.name),
        rx.fragment(),
    )


def _whole() -> rx.Component:
    return rx.fragment(_columns(), rx.cond(CoachState.times, _thumb_bar()), safety_dialogs())


def _columns() -> rx.Component:
    return rx.el.div(
        rx.el.div(
            _head(),
            _offerings(),
            _packages(),
            _about(),
            _background(),
            _safety(),
            class_name="flex flex-col gap-8",
        ),
        _next_times(),
        class_name="grid gap-10 lg:grid-cols-[1fr_20rem]",
    )


def coach_page() -> rx.Component:
    return public_frame(
        rx.match(
            CoachState.phase,
            ("here", _whole()),
            (
                "missing",
                message_page(
                    "user-x",
                    t("This coach is not here"),
                    t("The page may have moved, or the coach is not taking bookings now."),
                    action=link_button(t("See all coaches"), "/coaches"),
                ),
            ),
            _ghost(),
        ),
    )
