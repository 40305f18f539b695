"""`/settings`: picture, name, time zone; signing out everywhere."""

import reflex as rx

from loom_app.kit.files import avatars
from loom_app.ui.auth.parts import zone_options
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.browser.picture_crop import (
    PictureChoice,
    crop_area,
    is_cutting,
    send_cut,
    stop_cutting,
    zoom_range,
)
from loom_app.ui.design.button import button, button_class
from loom_app.ui.design.card import card
from loom_app.ui.design.dialog import dialog, dialog_close
from loom_app.ui.design.field import select_field, text_area, text_field
from loom_app.ui.design.skeleton import skeleton_lines
from loom_app.ui.settings.blocks import blocked_people
from loom_app.ui.settings.calendar import calendar_card
from loom_app.ui.settings.frame import frame
from loom_app.ui.settings.presence import presence_card
from loom_app.ui.settings.state import SettingsState
from loom_app.ui.settings.video import video_card
from loom_app.ui.shell.native import backend, native_form
from loom_app.ui.text import t

profile = SettingsState.profile


def _picture() -> rx.Component:
    return rx.el.div(
        avatar(profile.initials, profile.hue, profile.avatar_url, size="lg"),
        rx.el.div(
            rx.el.label(
                rx.el.span(t("Choose a picture")),
                PictureChoice.create(
                    id="picture",
                    type="file",
                    accept="image/png,image/jpeg,image/webp,image/gif",
                    url=backend("/files/avatar"),
                    most=avatars.MAX_BYTES,
                    too_large=t("This picture is too large. Choose one of up to 10 MB."),
                    failed=t("The picture could not be sent. Check your connection."),
                    on_done=SettingsState.uploaded,
                    class_name="sr-only",
                ),
                class_name=button_class(
                    "secondary", extra="cursor-pointer focus-within:outline-2 outline-focus"
                ),
            ),
            rx.cond(
                profile.avatar_url != "",
                button(t("Remove"), kind="ghost", on_click=SettingsState.remove_picture),
                rx.fragment(),
            ),
            class_name="flex flex-wrap gap-2",
        ),
        rx.el.p(
            t("JPEG, PNG, WebP or GIF up to 10 MB. You choose the part that is shown."),
            class_name="w-full text-sm text-muted",
        ),
        _cutting(),
        class_name="flex flex-wrap items-center gap-4",
    )


def _cutting() -> rx.Component:
    return dialog(
        t("Choose the part that is shown"),
        rx.el.div(
            crop_area(t("Your picture: drag it, or move it with the arrow keys")),
            class_name="mt-4",
        ),
        zoom_range(t("Zoom")),
        text=t("Drag the picture, or move it with the arrow keys."),
        actions=(
            dialog_close(button(t("Cancel"), kind="secondary")),
            button(t("Use this picture"), on_click=send_cut()),
        ),
        opened=is_cutting(),
        on_open_change=stop_cutting(),
    )


def _form() -> rx.Component:
    errors = SettingsState.errors
    return rx.el.form(
        text_field(
            t("Name"),
            "name",
            default_value=profile.name,
            auto_complete="name",
            error=errors.get("name", ""),
        ),
        text_field(
            t("Pronouns"),
            "pronouns",
            default_value=profile.pronouns,
            optional=True,
            max_length=40,
        ),
        select_field(
            t("Time zone"),
            "zone",
            zone_options(),
            chosen=(profile.zone, profile.zone.split("_").join(" ")),
            default_value=profile.zone,
            hint=t("All times are shown in this zone."),
            error=errors.get("zone", ""),
        ),
        text_area(t("About you"), "bio", default_value=profile.bio, optional=True, max_length=2000),
        rx.el.div(button(t("Save profile"), type="submit")),
        on_submit=SettingsState.save,
        no_validate=True,
        key=profile.id,
        class_name="flex max-w-[480px] flex-col gap-5",
    )


def _account() -> rx.Component:
    return card(
        rx.el.h2(t("Account"), class_name="text-lg font-semibold"),
        rx.el.p(t("Signed in as {email}", email=profile.email), class_name="mt-1 text-base"),
        native_form(
            rx.el.input(type="hidden", name="everywhere", value="yes", read_only=True),
            button(t("Sign out on all devices"), kind="secondary", type="submit"),
            action="/auth/sign-out",
            class_name="mt-4",
        ),
    )


def settings_page() -> rx.Component:
    return frame(
        "profile",
        rx.cond(
            SettingsState.loaded,
            rx.fragment(
                card(_picture(), rx.el.hr(class_name="my-6 border-line"), _form()),
                calendar_card(),
                video_card(),
                presence_card(),
                blocked_people(),
                _account(),
            ),
            card(skeleton_lines(6)),
        ),
    )
