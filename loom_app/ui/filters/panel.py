"""The filter panel: beside the list on a desk, in a drawer on a phone."""

from typing import Any

import reflex as rx

from loom_app.ui.design.button import button, icon_button
from loom_app.ui.design.dialog import dialog_close, drawer
from loom_app.ui.design.field import INPUT, text_field
from loom_app.ui.text import t, tn

_LINE = (
    "flex min-h-11 cursor-pointer items-center gap-3 rounded-control px-2 text-sm hover:bg-hover "
    "md:min-h-9"
)
_BOX = "size-5 shrink-0 accent-[var(--brand)]"


def _group(title: Any, *content: Any) -> rx.Component:
    return rx.el.div(
        rx.el.h3(title, class_name="mb-2 text-sm font-semibold"),
        *content,
        role="group",
        aria_label=title,
        class_name="min-w-0 border-t border-line pt-4",
    )


def several(state: Any, key: str, title: Any, choices: Any) -> rx.Component:
    """Any of many words, each with how many it would leave."""

    def line(choice: Any) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=choice.on,
                on_change=state.toggle(key, choice.value),
                class_name=_BOX,
            ),
            rx.el.span(choice.label, class_name="min-w-0 flex-1 truncate"),
            rx.cond(
                choice.count >= 0,
                rx.el.span(choice.count, class_name="text-muted tabular"),
                rx.fragment(),
            ),
            class_name=_LINE,
            key=choice.value,
        )

    return rx.cond(
        choices.length() > 0,
        _group(
            title,
            rx.el.div(
                rx.foreach(choices, line),
                class_name="-mx-2 flex max-h-64 flex-col overflow-y-auto",
            ),
        ),
        rx.fragment(),
    )


def pills(
    state: Any, key: str, title: Any, choices: Any, *after: Any, many: bool = False
) -> rx.Component:
    """One of few words, or several; what is on goes off when chosen again."""

    def pill(choice: Any) -> rx.Component:
        return rx.el.button(
            choice.label,
            type="button",
            aria_pressed=choice.on,
            on_click=state.toggle(key, choice.value)
            if many
            else state.narrow(key, rx.cond(choice.on, "", choice.value)),
            class_name=(
                "inline-flex h-11 items-center rounded-full border border-edge/60 px-3.5 text-sm "
                "font-medium tabular hover:bg-hover aria-pressed:border-brand "
                "aria-pressed:bg-brand-soft aria-pressed:text-brand-ink md:h-9"
            ),
            key=choice.value,
        )

    return _group(
        title,
        rx.el.div(rx.foreach(choices, pill), class_name="flex flex-wrap gap-2"),
        *after,
    )


def span(
    state: Any,
    title: Any,
    low: tuple[str, Any, Any],
    high: tuple[str, Any, Any],
    *before: Any,
    beat: str = "on_blur",
    narrow: Any = None,
    basis: str = "basis-24",
    **props: Any,
) -> rx.Component:
    """From and to: (key, label, value) each; goes to the address on the beat and by Enter.
    `narrow` takes a key and what was typed."""
    narrow = narrow or state.narrow

    def field(key: str, label: Any, value: Any) -> rx.Component:
        return rx.el.label(
            rx.el.span(label, class_name="text-sm text-muted"),
            rx.el.input(
                name=key,
                default_value=value,
                key=state.span_key,
                class_name=f"{INPUT} mt-1 min-w-0 !px-2 text-sm tabular",
                **{beat: lambda now: narrow(key, now)},
                **props,
            ),
            class_name=f"min-w-0 flex-1 {basis}",
        )

    return _group(
        title,
        *before,
        rx.el.form(
            field(*low),
            field(*high),
            rx.el.button(type="submit", class_name="hidden", aria_hidden="true", tab_index=-1),
            on_submit=state.narrow_all,
            class_name="flex flex-wrap gap-3",
        ),
    )


def days(state: Any, first: Any, last: Any, **props: Any) -> rx.Component:
    """From one day to another, both included; under the keys "from" and "to"."""
    return span(
        state,
        t("Days"),
        ("from", t("From"), first),
        ("to", t("To"), last),
        beat="on_change",
        narrow=state.narrow_day,
        basis="basis-36",
        type="date",
        **props,
    )


def _presets(state: Any, place: str) -> rx.Component:
    def line(preset: Any) -> rx.Component:
        return rx.el.li(
            rx.el.a(
                preset.name,
                href=preset.href,
                aria_current=rx.cond(preset.here, "page", "false"),
                class_name=(
                    "min-w-0 flex-1 truncate rounded-control px-2 py-2 text-sm font-medium "
                    "hover:bg-hover aria-[current=page]:text-brand-ink"
                ),
            ),
            icon_button(
                "x",
                t("Remove {name}", name=preset.name),
                on_click=state.remove_preset(preset.id),
                class_name="text-muted",
            ),
            class_name="-mx-2 flex items-center",
            key=preset.id,
        )

    return rx.cond(
        state.presets.length() > 0,
        rx.el.nav(
            rx.el.h3(t("Saved filters"), class_name="mb-1 text-sm font-semibold"),
            rx.el.ul(rx.foreach(state.presets, line)),
            aria_label=t("Saved filters") if place == "desk" else t("Saved filters here"),
        ),
        rx.fragment(),
    )


def _save(state: Any, place: str) -> rx.Component:
    return rx.cond(
        state.may_save & (state.filters_on > 0),
        rx.el.form(
            text_field(
                t("Keep these filters as"),
                "preset",
                field_id=f"preset-{place}",
                error=state.errors["preset"],
                max_length=60,
                key=state.preset_key,
            ),
            button(t("Save filters"), kind="secondary", size="sm", type="submit"),
            on_submit=state.save_preset,
            class_name="flex flex-col gap-2 border-t border-line pt-4",
        ),
        rx.fragment(),
    )


def results(total: Any) -> Any:
    """How many a list leaves, on the way back to it."""
    return tn("Show {n} result", "Show {n} results", total)


def _clear(state: Any, **props: Any) -> rx.Component:
    return rx.cond(
        state.filters_on > 0,
        button(t("Clear filters"), kind="ghost", size="sm", on_click=state.clear_filters, **props),
        rx.fragment(),
    )


def desk_panel(state: Any, *groups: rx.Component) -> rx.Component:
    """The panel beside the list; on smaller windows `phone_panel` has the same."""
    return rx.el.aside(
        rx.el.div(
            rx.el.h2(t("Filters"), class_name="text-lg font-semibold"),
            _clear(state),
            class_name="flex min-h-9 items-center justify-between",
        ),
        _presets(state, "desk"),
        *groups,
        _save(state, "desk"),
        class_name="hidden flex-col gap-4 lg:flex",
    )


def phone_panel(state: Any, done: Any, *groups: rx.Component) -> rx.Component:
    """A button with how many filters are on, and the drawer it opens; `done` closes it."""
    opener = button(
        rx.cond(state.filters_on > 0, t("Filters · {n}", n=state.filters_on), t("Filters")),
        kind="secondary",
        icon_name="sliders-horizontal",
        class_name="lg:hidden",
    )
    return drawer(
        t("Filters"),
        _presets(state, "phone"),
        *groups,
        _save(state, "phone"),
        rx.el.div(
            _clear(state, class_name="flex-1"),
            dialog_close(button(done, class_name="flex-1")),
            class_name=(
                "sticky -bottom-5 -mx-5 mt-auto flex gap-3 border-t border-line bg-surface p-4"
            ),
        ),
        trigger=opener,
    )
