"""The details step: what to talk about, and what the coach would like to know."""

from typing import Any

import reflex as rx

from loom_app.ui.booking.preparing import DetailsState
from loom_app.ui.booking.rows import Question
from loom_app.ui.booking.state import BookingState
from loom_app.ui.booking.thumb import thumb_bar
from loom_app.ui.design.alert import alert
from loom_app.ui.design.browser.kept_form import KeptForm
from loom_app.ui.design.button import button, link_button
from loom_app.ui.design.field import checkbox, select_field, text_area, text_field
from loom_app.ui.design.skeleton import bone, loading
from loom_app.ui.text import t


def _question(question: rx.Var[Question]) -> rx.Component:
    asked: Any = question
    common: dict[str, Any] = {"field_id": asked.key, "error": DetailsState.errors[asked.key]}
    return rx.match(
        asked.kind,
        (
            "choice",
            select_field(
                asked.label,
                asked.key,
                asked.choices.to(list[list[str]]),
                default_value=asked.answer,
                **common,
            ),
        ),
        (
            "short",
            text_field(
                asked.label, asked.key, default_value=asked.answer, max_length=2000, **common
            ),
        ),
        text_area(
            asked.label,
            asked.key,
            default_value=asked.answer,
            rows="3",
            max_length=2000,
            grows=True,
            **common,
        ),
    )


def _form() -> rx.Component:
    return KeptForm.create(
        text_area(
            t("What would you like to talk about?"),
            "agenda",
            hint=t("A line is enough. Your coach reads it before you meet."),
            error=DetailsState.errors["agenda"],
            optional=True,
            default_value=DetailsState.agenda,
            max_length=2000,
            grows=True,
        ),
        rx.foreach(DetailsState.questions, _question),
        rx.cond(
            DetailsState.group,
            checkbox(
                t("Show my name to the others in the group"),
                "share_name",
                hint=t("Your coach sees it either way."),
                default_checked=DetailsState.share_name,
            ),
            rx.fragment(),
        ),
        thumb_bar(
            button(
                t("Go to review"),
                type="submit",
                size="lg",
                icon_after="arrow-right",
                class_name="max-sm:w-full",
            )
        ),
        on_submit=DetailsState.save,
        key=DetailsState.form_key,
        words=DetailsState.form_key,
        id="details",
        class_name="flex max-w-form flex-col gap-3 sm:gap-6",
    )


def another_time() -> rx.Component:
    return link_button(
        t("Choose another time"), BookingState.times_href, kind="secondary", size="sm"
    )


def details_step(*before: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.h1(t("What is on your mind?"), class_name="display text-xl sm:text-2xl"),
        alert(DetailsState.errors["starts_at"], another_time()),
        *before,
        rx.cond(
            (DetailsState.form_key != "") & (DetailsState.offering_id == BookingState.offering.id),
            _form(),
            loading(
                bone("h-28 w-full"), bone("h-12 w-40"), class_name="flex max-w-form flex-col gap-6"
            ),
        ),
        class_name="flex flex-col gap-2 sm:gap-5",
    )
