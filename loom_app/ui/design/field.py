"""Fields: label above, hint below, the error in place of the hint, all linked."""

from collections.abc import Sequence
from typing import Any

import reflex as rx

from loom_app.ui.design.browser.reached import reaching, when_reached
from loom_app.ui.design.given import given
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t

_CONTROL = (
    "w-full rounded-control border bg-surface px-3 text-base text-ink placeholder:text-muted "
    "border-edge aria-invalid:border-bad aria-invalid:ring-1 aria-invalid:ring-bad "
    "transition-colors"
)
INPUT = f"{_CONTROL} h-11"
_AREA = f"{_CONTROL} py-2.5 min-h-28 leading-6 resize-y"


def _has(error: Any) -> Any:
    # an entry that is missing from a dict of errors is undefined, not ""
    return rx.cond(error, True, False) if isinstance(error, rx.Var) else bool(error)


def _note(note_id: Any, hint: Any, error: Any) -> rx.Component:
    """One line under the control: the hint, or what is wrong with what was typed."""
    quiet = rx.el.p(hint, class_name="text-sm text-muted") if given(hint) else rx.fragment()
    loud = rx.el.p(
        icon("circle-alert", 16, class_name="mt-0.5"),
        rx.el.span(error),
        class_name="flex gap-1.5 text-sm text-bad",
    )
    shown = rx.cond(_has(error), loud, quiet) if isinstance(error, rx.Var) else quiet
    if isinstance(error, str) and error:
        shown = loud
    return rx.el.div(shown, id=note_id, aria_live="polite")


def frame(
    label: Any, control: rx.Component, *, field_id: Any, hint: Any, error: Any, optional: bool
) -> rx.Component:
    """Label, control and note in their order."""
    extra = (
        rx.el.span(t("optional"), class_name="text-sm font-normal text-muted")
        if optional
        else rx.fragment()
    )
    return rx.el.div(
        rx.el.label(
            rx.el.span(label),
            extra,
            html_for=field_id,
            class_name="flex items-baseline justify-between gap-3 text-sm font-medium text-ink",
        ),
        control,
        _note(f"{field_id}-note", hint, error),
        class_name="flex flex-col gap-1.5",
    )


def _linked(field_id: Any, error: Any) -> dict[str, Any]:
    """The id goes past Reflex: it would send the control a second time, under its id."""
    return {
        "custom_attrs": {"id": field_id},
        "aria_invalid": _has(error),
        "aria_describedby": f"{field_id}-note",
    }


def text_field(
    label: Any,
    name: str,
    *,
    hint: Any = "",
    error: Any = "",
    optional: bool = False,
    field_id: Any = None,
    **props: Any,
) -> rx.Component:
    """A line of text; `type`, `default_value`, `auto_complete` and handlers pass through."""
    field_id = f"field-{name}" if field_id is None else field_id
    props.setdefault("type", "text")
    control = rx.el.input(name=name, class_name=INPUT, **_linked(field_id, error), **props)
    return frame(label, control, field_id=field_id, hint=hint, error=error, optional=optional)


def text_area(
    label: Any,
    name: str,
    *,
    hint: Any = "",
    error: Any = "",
    optional: bool = False,
    field_id: Any = None,
    grows: bool = False,
    **props: Any,
) -> rx.Component:
    """Several lines of text; one that `grows` is two lines high on a phone, and as high as what is
    written into it."""
    field_id = f"field-{name}" if field_id is None else field_id
    props.setdefault("rows", "4")
    look = f"{_AREA} max-sm:min-h-[4.5rem] max-sm:[field-sizing:content]" if grows else _AREA
    control = rx.el.textarea(name=name, class_name=look, **_linked(field_id, error), **props)
    return frame(label, control, field_id=field_id, hint=hint, error=error, optional=optional)


Options = Sequence[tuple[str, str]]


def select_control(
    options: Options | rx.Var,
    class_name: str = "",
    wrap_class: str = "",
    *,
    chosen: tuple[Any, Any] | None = None,
    **props: Any,
) -> rx.Component:
    """A native select: the phone's own picker, the keyboard's own behaviour. `chosen`: there are
    very many; only this (value, words) is drawn, ahead of all, until somebody reaches for them."""
    if isinstance(options, rx.Var):
        inside = [rx.foreach(options, lambda pair: rx.el.option(pair[1], value=pair[0]))]
    else:
        inside = [rx.el.option(text, value=value) for value, text in options]
    if chosen is not None:
        first = rx.el.option(chosen[1], value=chosen[0])
        inside = [first, when_reached(rx.fragment(*inside))]
        props.update(reaching())
    return rx.el.div(
        rx.el.select(
            *inside, class_name=f"{INPUT} appearance-none truncate pr-10 {class_name}", **props
        ),
        icon(
            "chevron-down",
            18,
            class_name="pointer-events-none absolute right-3 top-[13px] text-muted",
        ),
        class_name=f"relative {wrap_class}",
    )


def select_field(
    label: Any,
    name: str,
    options: Options | rx.Var,
    *,
    hint: Any = "",
    error: Any = "",
    optional: bool = False,
    field_id: Any = None,
    **props: Any,
) -> rx.Component:
    """One of a list: (value, words) pairs."""
    field_id = f"field-{name}" if field_id is None else field_id
    control = select_control(options, name=name, **_linked(field_id, error), **props)
    return frame(label, control, field_id=field_id, hint=hint, error=error, optional=optional)


def checkbox(
    label: Any, name: str, *, hint: Any = "", field_id: Any = None, **props: Any
) -> rx.Component:
    """A box to tick with its words beside it; the whole line is the target."""
    field_id = f"field-{name}" if field_id is None else field_id
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            name=name,
            custom_attrs={"id": field_id},
            class_name="mt-0.5 size-5 shrink-0 accent-[var(--brand)]",
            **props,
        ),
        rx.el.span(
            rx.el.span(label, class_name="block text-base"),
            rx.el.span(hint, class_name="block text-sm text-muted")
            if given(hint)
            else rx.fragment(),
        ),
        class_name="flex min-h-11 items-start gap-3 py-2",
    )


def search_field(label: Any, *, class_name: str = "", **props: Any) -> rx.Component:
    """A search line: its name is spoken, its placeholder shows what can be found."""
    return rx.el.div(
        icon(
            "search",
            18,
            class_name="pointer-events-none absolute left-3 top-[13px] text-muted",
        ),
        rx.el.input(type="search", aria_label=label, class_name=f"{INPUT} pl-10", **props),
        class_name=f"relative {class_name}",
    )
