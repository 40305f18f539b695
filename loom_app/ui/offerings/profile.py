"""`/profile`: the page that visitors see of a coach, as a form."""

import reflex as rx

from loom_app.ui.design.badge import badge
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.card import card
from loom_app.ui.design.field import select_field, text_area, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.offerings.profile_state import CoachProfileState
from loom_app.ui.shell.frame import app_frame, page_heading
from loom_app.ui.text import t

profile = CoachProfileState.profile
errors = CoachProfileState.errors


def _state() -> rx.Component:
    return card(
        rx.el.div(
            rx.cond(
                profile.published,
                badge(t("Published"), "good", "check"),
                badge(t("Draft"), "warn"),
            ),
            rx.el.p(
                rx.cond(
                    profile.published,
                    t("Everybody can find and book you."),
                    rx.cond(
                        CoachProfileState.verified,
                        t("Only you can see it. Publish it when it says what it should."),
                        t("Only you can see it. Our team verifies you before it is shown."),
                    ),
                ),
                class_name="text-base",
            ),
            class_name="flex grow basis-64 flex-wrap items-center gap-3",
        ),
        rx.el.div(
            rx.cond(
                profile.slug,  # before the first saving there is no page to see
                link_button(
                    t("See the page"), f"/coaches/{profile.slug}", kind="secondary", icon_name="eye"
                ),
                rx.fragment(),
            ),
            rx.cond(
                profile.published,
                button(t("Unpublish"), kind="ghost", on_click=CoachProfileState.unpublish),
                rx.cond(
                    CoachProfileState.verified,
                    button(t("Publish"), on_click=CoachProfileState.publish),
                    link_button(t("See what is left"), "/become-a-coach"),
                ),
            ),
            class_name="flex flex-wrap gap-3",
        ),
        class_name="flex flex-wrap items-center gap-4 p-4 md:px-5",
    )


def _form() -> rx.Component:
    return rx.el.form(
        card(
            text_field(
                t("Headline"),
                "headline",
                default_value=profile.headline,
                error=errors["headline"],
                hint=t("What you help with, in a few words."),
                max_length=120,
            ),
            text_area(
                t("About you"),
                "bio",
                default_value=profile.bio,
                error=errors["bio"],
                rows="8",
                max_length=4000,
            ),
            text_field(
                t("Specialties"),
                "specialties",
                default_value=profile.specialties,
                error=errors["specialties"],
                hint=t("With commas between: Leadership, Career change"),
            ),
            text_field(
                t("Languages"),
                "languages",
                default_value=profile.languages,
                error=errors["languages"],
                hint=t("With commas between: English, German"),
            ),
            text_field(
                t("Years as a coach"),
                "years",
                default_value=profile.years,
                error=errors["years"],
                input_mode="numeric",
                optional=True,
            ),
            text_field(
                t("Link to a short video"),
                "video_url",
                default_value=profile.video_url,
                error=errors["video_url"],
                optional=True,
            ),
            class_name="flex flex-col gap-5 p-5 md:p-6",
        ),
        card(
            text_field(
                t("Public address"),
                "slug",
                default_value=profile.slug,
                error=errors["slug"],
                hint=t("Your page is at /coaches/ and this."),
                max_length=60,
            ),
            rx.el.div(
                text_field(
                    t("Usual price"),
                    "default_price_minor",
                    default_value=profile.default_price,
                    error=errors["default_price_minor"],
                    hint=t("For offerings without a price of their own."),
                    input_mode="decimal",
                    optional=True,
                ),
                select_field(
                    t("Currency"),
                    "currency",
                    CoachProfileState.currencies,
                    default_value=profile.currency,
                    error=errors["currency"],
                ),
                class_name="grid gap-4 sm:grid-cols-[1fr_8rem]",
            ),
            rx.el.div(
                select_field(
                    t("Cancelling is free until"),
                    "cancel_free_hours",
                    [
                        ("0", t("the start")),
                        ("2", t("2 hours before")),
                        ("6", t("6 hours before")),
                        ("12", t("12 hours before")),
                        ("24", t("24 hours before")),
                        ("48", t("2 days before")),
                        ("72", t("3 days before")),
                        ("168", t("a week before")),
                    ],
                    default_value=profile.cancel_free_hours,
                    error=errors["cancel_free_hours"],
                ),
                select_field(
                    t("After that clients get back"),
                    "cancel_late_percent",
                    [
                        ("0", t("nothing")),
                        ("25", t("a quarter")),
                        ("50", t("half")),
                        ("75", t("three quarters")),
                    ],
                    default_value=profile.cancel_late_percent,
                    error=errors["cancel_late_percent"],
                ),
                class_name="grid gap-4 sm:grid-cols-2",
            ),
            text_area(
                t("In your words"),
                "cancellation_policy",
                default_value=profile.cancellation_policy,
                error=errors["cancellation_policy"],
                hint=t("What holds stands above; sessions keep what held when they were booked."),
                optional=True,
                rows="3",
                max_length=1000,
            ),
            class_name="flex flex-col gap-5 p-5 md:p-6",
        ),
        rx.el.div(button(t("Save profile"), type="submit")),
        on_submit=CoachProfileState.save,
        no_validate=True,
        key=CoachProfileState.form_key,
        class_name="flex max-w-[40rem] flex-col gap-4",
    )


def profile_page() -> rx.Component:
    return app_frame(
        page_heading(
            t("Public profile"),
            t("Your name, picture and time zone are in the settings."),
            rx.el.div(
                link_button(t("Offerings"), "/offerings", kind="secondary", icon_name="layers"),
                link_button(
                    t("Proofs"),
                    "/become-a-coach/proofs",
                    kind="secondary",
                    icon_name="badge-check",
                ),
                link_button(
                    t("On your site"),
                    "/profile/site",
                    kind="secondary",
                    icon_name="code",
                    # that page may frame what this one may not: it needs headers of its own
                    custom_attrs={"reloadDocument": True},
                ),
                class_name="flex flex-wrap gap-3",
            ),
        ),
        rx.cond(
            CoachProfileState.loaded,
            rx.el.div(_state(), _form(), class_name="flex flex-col gap-4"),
            card(skeleton_lines(8)),
        ),
        place="offerings",
    )
