"""A row of the list of conversations."""

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from loom_app.domains.messaging.queries import ConversationCard
from loom_app.ui.chat.inbox_state import InboxState
from loom_app.ui.chat.state import ChatState
from loom_app.ui.design.avatar import avatar
from loom_app.ui.design.button import icon_button
from loom_app.ui.design.icon import icon
from loom_app.ui.text import t

# a new message sends its own card alone: the browser puts it where it belongs
_TOGETHER = """((kept, moved, gone) => {
  const known = new Set([...moved.map((c) => c.id), ...gone]);
  return [...moved, ...kept.filter((c) => !known.has(c.id))]
    .sort((a, b) => (b.pinned - a.pinned) || (b.at - a.at) || (b.id - a.id));
})(@cards, @moved, @gone)"""


def shown() -> rx.Var:
    """The list as it stands: what was read first, with what moved since."""
    parts = {"cards": InboxState.cards, "moved": InboxState.moved, "gone": InboxState.gone}
    script = _TOGETHER
    for name, var in parts.items():
        script = script.replace(f"@{name}", str(var))
    data = VarData.merge(*(var._get_all_var_data() for var in parts.values()))  # noqa: SLF001 - what it depends on
    return rx.Var(script, _var_data=data).to(list[ConversationCard])


def group_face(hue: Any, size: str = "size-11") -> rx.Component:
    """Many people: a sign in place of a face."""
    return rx.el.span(
        icon("users", 20),
        aria_hidden="true",
        style={"--hue": hue},
        class_name=f"hue inline-flex shrink-0 items-center justify-center rounded-full {size}",
    )


def face(card: Any, here: Any) -> rx.Component:
    dot = rx.match(
        here,
        ("online", _dot(t("Online"), "bg-good")),
        ("away", _dot(t("Away"), "bg-warn")),
        rx.fragment(),
    )
    return rx.el.span(
        rx.cond(
            card.kind == "pair",
            avatar(card.initials, card.hue, card.avatar_url),
            group_face(card.hue),
        ),
        dot,
        class_name="relative shrink-0",
    )


def _dot(words: str, colour: str) -> rx.Component:
    return rx.el.span(
        rx.el.span(words, class_name="sr-only"),
        class_name=(
            f"absolute bottom-0 right-0 size-3 rounded-full border-2 border-canvas {colour}"
        ),
    )


def _mark(icon_name: str, words: str) -> rx.Component:
    return rx.el.span(
        icon(icon_name, 14), rx.el.span(words, class_name="sr-only"), class_name="text-muted"
    )


def _badge(card: Any) -> rx.Component:
    count = rx.el.span(
        rx.cond(card.unread > 99, "99+", card.unread.to_string(use_json=False)),
        rx.el.span(t("unread"), class_name="sr-only"),
        class_name=(
            "flex h-5 min-w-5 shrink-0 items-center justify-center rounded-full px-1.5 text-xs "
            "font-semibold tabular "
        )
        + rx.cond(card.muted, "bg-hover text-muted", "bg-brand text-on-brand").to(str),
    )
    dot = rx.el.span(
        rx.el.span(t("Marked as unread"), class_name="sr-only"),
        class_name="size-2.5 shrink-0 rounded-full bg-brand",
    )
    return rx.cond(card.unread > 0, count, rx.cond(card.marked, dot, rx.fragment()))


def _first_line(card: Any) -> rx.Component:
    return rx.el.span(
        rx.el.span(card.name, class_name="min-w-0 truncate text-base font-medium"),
        rx.cond(card.muted, _mark("bell-off", t("Muted")), rx.fragment()),
        rx.cond(card.pinned, _mark("pin", t("Pinned")), rx.fragment()),
        rx.el.span(card.time, class_name="ml-auto shrink-0 pl-2 text-xs text-muted tabular"),
        class_name="flex items-center gap-1.5",
    )


def _second_line(card: Any) -> rx.Component:
    preview = rx.cond(
        (card.unread > 0) | card.marked,
        "truncate text-sm font-medium text-ink",
        "truncate text-sm text-muted",
    )
    return rx.el.span(
        rx.el.span(card.preview, dir="auto", class_name=preview),
        _badge(card),
        class_name="flex min-h-5 items-center justify-between gap-3",
    )


@rx.memo
def conversation_row(
    rest: rx.RestProp,
    *,
    card: rx.Var[ConversationCard],
    here: rx.Var[str],
    current: rx.Var[str],
) -> rx.Component:
    """The whole row is the target; its menu stands over its end, and always beside it on touch."""
    return rx.el.li(
        rx.el.a(
            face(card, here),
            rx.el.span(_first_line(card), _second_line(card), class_name="min-w-0 flex-1"),
            href=f"/messages/{card.id}",
            aria_current=current,
            class_name=(
                "flex min-h-16 items-center gap-3 rounded-control px-3 py-2.5 hover:bg-hover "
                "aria-[current=page]:bg-brand-soft pointer-coarse:pr-12"
            ),
        ),
        icon_button(
            "ellipsis-vertical",
            t("Options for {name}", name=card.name),
            on_click=InboxState.choose(card.id),
            class_name=(
                "absolute right-0.5 top-1/2 -translate-y-1/2 text-muted opacity-0 "
                "bg-hover focus-visible:opacity-100 group-hover:opacity-100 "
                "pointer-coarse:bg-transparent pointer-coarse:opacity-100"
            ),
        ),
        rest,
        class_name="group relative",
    )


def row(card: Any) -> rx.Component:
    here = InboxState.here[card.other_id].to(str)
    current = rx.cond(ChatState.conversation_id == card.id, "page", "false")
    return conversation_row(card=card, here=here, current=current, key=card.id)
