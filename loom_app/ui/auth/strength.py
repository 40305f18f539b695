"""How good a new password is, said while it is typed: one part for every form that asks for one."""

from typing import Any

import reflex as rx

from loom_app.domains.accounts import queries
from loom_app.kit.security import limits
from loom_app.kit.text import t
from loom_app.ui.design.field import text_field
from loom_app.ui.session import public

STRENGTHS = (
    t("Very easy to guess"),
    t("Easy to guess"),
    t("Almost: add another word"),
    t("Good"),
    t("Very good"),
)


class StrengthState(rx.State):
    """Of the password that is being typed; nothing of it is kept."""

    score: int = -1
    words: str = ""

    @rx.event
    @public
    async def load(self) -> None:
        self.score, self.words = -1, ""

    @rx.event
    @public
    async def judge(self, password: str) -> None:
        caller = str(self.router_data.get("ip", ""))
        if not password or len(password) > 200 or not limits.allow("judge", caller):
            self.score, self.words = -1, ""
            return
        score = queries.password_strength(password)
        self.score = min(score, 2) if len(password) < 12 else score
        self.words = STRENGTHS[self.score]


def _bars() -> rx.Component:
    bars = [
        rx.el.span(
            class_name=rx.cond(
                StrengthState.score > i,
                rx.cond(
                    StrengthState.score >= 3,
                    "h-1 flex-1 rounded-full bg-good",
                    "h-1 flex-1 rounded-full bg-accent",
                ),
                "h-1 flex-1 rounded-full bg-line",
            )
        )
        for i in range(4)
    ]
    return rx.el.div(
        rx.el.div(*bars, class_name="flex gap-1.5", aria_hidden="true"),
        rx.el.p(StrengthState.words, class_name="min-h-5 text-sm text-muted", aria_live="polite"),
        class_name="flex flex-col gap-1",
    )


def new_password_field(label: Any, *, error: Any = "", field_id: str = "") -> rx.Component:
    """The field, named "password", four bars below it, and the words for them."""
    field_id = field_id or "field-password"
    return rx.el.div(
        text_field(
            label,
            "password",
            field_id=field_id,
            type="password",
            auto_complete="new-password",
            hint=t("At least 12 characters. A short sentence works well."),
            error=error,
            on_change=StrengthState.judge.debounce(300),
        ),
        _bars(),
        class_name="flex flex-col gap-3",
    )
