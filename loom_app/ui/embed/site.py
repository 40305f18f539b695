"""`/profile/site`: the booking page for one's own site, chosen, seen and copied."""

from typing import Any

import reflex as rx

from loom_app.ui.design.accent import ACCENTS
from loom_app.ui.design.browser.copy_text import copy_text, is_copied
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import CARD, card
from loom_app.ui.design.empty import empty_state
from loom_app.ui.design.field import INPUT, select_field, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.embed.site_state import HEIGHT, SiteState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

_THEMES = (("auto", t("As the visitor's device")), ("light", t("Light")), ("dark", t("Dark")))


def _choices() -> rx.Component:
    colours = [(name, words) for name, words, _ in ACCENTS]
    return card(
        select_field(
            t("What can be booked"),
            "offering",
            SiteState.offerings,
            value=SiteState.offering,
            on_change=SiteState.choose_offering,
        ),
        select_field(
            t("Light or dark"),
            "theme",
            _THEMES,
            value=SiteState.theme,
            on_change=SiteState.choose_theme,
        ),
        select_field(
            t("Colour"),
            "colour",
            [*colours, ("own", t("A colour of your own"))],
            value=SiteState.colour,
            on_change=SiteState.choose_colour,
            hint=t("Where a colour would be hard to read, it becomes darker or lighter."),
        ),
        rx.cond(
            SiteState.colour == "own",
            text_field(
                t("Your colour"),
                "typed",
                default_value=SiteState.typed,
                on_change=SiteState.type_colour.debounce(300),
                error=SiteState.errors["colour"],
                hint=t("Six hex digits, such as #2f6f6b."),
                max_length=20,
            ),
            rx.fragment(),
        ),
        class_name="flex flex-col gap-5 p-5 md:p-6",
    )


def _snippet() -> rx.Component:
    snippet: Any = SiteState.snippet
    return card(
        rx.el.h2(t("Paste this into your site"), class_name="text-lg font-semibold"),
        rx.el.p(
            t("Where your site's editor takes HTML. It needs no script and sets no cookie."),
            class_name="mt-1 text-sm text-muted",
        ),
        rx.el.textarea(
            value=snippet,
            read_only=True,
            rows="6",
            aria_label=t("HTML for your site"),
            class_name=f"{INPUT} mt-4 h-auto py-2.5 font-mono text-sm break-all",
        ),
        button(
            rx.cond(is_copied(snippet), t("Copied"), t("Copy HTML")),
            icon_name="copy",
            class_name="mt-4",
            custom_attrs={"onClick": copy_text(snippet)},
        ),
        class_name="p-5 md:p-6",
    )


def _preview() -> rx.Component:
    return rx.el.section(
        rx.el.h2(t("How it looks"), class_name="text-lg font-semibold"),
        rx.el.div(
            rx.el.iframe(
                src=SiteState.preview,
                title=t("Preview"),
                class_name="block w-full",
                custom_attrs={"height": str(HEIGHT)},
            ),
            class_name=f"{CARD} overflow-hidden",
        ),
        class_name="flex min-w-0 flex-col gap-3",
    )


def site_page() -> rx.Component:
    draft = empty_state(
        "globe",
        t("First publish your profile"),
        link_button(t("Public profile"), "/profile"),
        detail=t("Then visitors of your own site can book there, too."),
    )
    off = empty_state(
        "globe-lock",
        t("This is turned off at the moment"),
        detail=t("What you have put into your site stays there, and works again afterwards."),
    )
    return app_frame(
        page_heading(
            t("On your site"),
            t("Visitors of your own site see your free times there."),
            link_button(t("Public profile"), "/profile", kind="secondary", icon_name="user-round"),
        ),
        rx.match(
            SiteState.phase,
            (
                "here",
                rx.el.div(
                    rx.el.div(_choices(), _snippet(), class_name="flex min-w-0 flex-col gap-4"),
                    _preview(),
                    class_name="grid gap-6 xl:grid-cols-[22rem_minmax(0,1fr)]",
                ),
            ),
            ("draft", card(draft)),
            ("off", card(off)),
            card(skeleton_lines(8)),
        ),
        place="offerings",
    )
