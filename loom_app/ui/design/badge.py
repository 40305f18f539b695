"""Small words about a thing: badges say a state, chips can be chosen."""

from typing import Any, Literal

import reflex as rx

from loom_app.ui.design.icon import icon

Tone = Literal["plain", "brand", "accent", "good", "warn", "bad", "info"]
TONES: dict[Tone, str] = {
    "plain": "bg-sunken text-muted",
    "brand": "bg-brand-soft text-brand-ink",
    "accent": "bg-accent-soft text-accent-ink",
    "good": "bg-good-soft text-good",
    "warn": "bg-warn-soft text-warn",
    "bad": "bg-bad-soft text-bad",
    "info": "bg-info-soft text-info",
}
_BADGE = (
    "inline-flex items-center gap-1 rounded-full px-2.5 py-0.5 text-xs font-medium "
    "whitespace-nowrap "
)


def badge(text: Any, tone: Tone | rx.Var = "plain", icon_name: str = "") -> rx.Component:
    """A state in a word; a tone from a var picks among the same tones."""
    inside = [icon(icon_name, 14) if icon_name else rx.fragment(), rx.el.span(text)]
    if isinstance(tone, rx.Var):
        looks = [(name, _BADGE + classes) for name, classes in TONES.items()]
        return rx.el.span(*inside, class_name=rx.match(tone, *looks, _BADGE + TONES["plain"]))
    return rx.el.span(*inside, class_name=_BADGE + TONES[tone])


_CHIP = (
    "inline-flex h-11 md:h-9 items-center gap-1.5 rounded-full border px-4 text-sm font-medium "
    "whitespace-nowrap transition-colors border-edge/60 bg-surface hover:bg-hover "
    "aria-pressed:border-brand aria-pressed:bg-brand-soft aria-pressed:text-brand-ink"
)


def chip(label: Any, *, chosen: Any = False, on_click: Any = None, **props: Any) -> rx.Component:
    """A choice that stays visible after it is made."""
    return rx.el.button(
        label, type="button", aria_pressed=chosen, on_click=on_click, class_name=_CHIP, **props
    )


def tag(text: Any) -> rx.Component:
    """A word that describes and does nothing: a specialty, a language."""
    return rx.el.span(
        text,
        class_name="inline-flex rounded-full border border-line px-2.5 py-0.5 text-sm text-muted",
    )
