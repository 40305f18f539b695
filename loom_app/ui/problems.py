"""How a failure reaches a person: beside its field, or as a notice with a reference number."""

import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import reflex as rx

from loom_app.domains.accounts.errors import StepUpNeeded
from loom_app.kit import clock, failures
from loom_app.kit.errors import DomainError

CARRIED_SECONDS = 3


@dataclass(frozen=True)
class Toast:
    """A notice: kind is "success", "info" or "error"; `said` in seconds of the clock."""

    id: str
    kind: str
    text: str
    said: float = 0.0


def _for_everyone(handler: Any) -> Any:
    """Like `session.public`, which knows this module: visitors get notices too."""
    handler.__loom_public__ = True
    return handler


class Stopped(Exception):
    """The handler may not go on, and the person has been told why."""


class Toasts(rx.State):
    """The notices of this tab; drawn by the shell, so that no script is sent by the server."""

    items: list[Toast] = []

    def _add(self, kind: str, text: str) -> None:
        said = clock.now().timestamp()
        others = [one for one in self.items if (one.kind, one.text) != (kind, text)]
        self.items = [*others, Toast(secrets.token_hex(4), kind, text, said)][-4:]

    @rx.event
    @_for_everyone
    def dismiss(self, toast_id: str) -> None:
        self.items = [toast for toast in self.items if toast.id != toast_id]


class StepUp(rx.State):
    """Whether this tab asks for a proof of who is there; the dialog is in every signed-in page."""

    asked: bool = False
    by: str = "password"
    href: str = "/confirm-it-is-you"

    @rx.event
    def dismiss(self, opened: bool) -> None:
        """The dialog says whether it is open; nothing opens it but a refusal."""
        self.asked = self.asked and opened


class Problems(rx.State, mixin=True):
    """The one mixin: field messages of the last attempt."""

    errors: dict[str, str] = {}


async def say(state: rx.State, text: str, kind: str = "success") -> None:
    """Confirm an outcome. Call while the tab's lock is held."""
    toasts = await state.get_state(Toasts)
    toasts._add(kind, text)  # noqa: SLF001 - a handler must not be able to


async def turn_page(state: rx.State) -> None:
    """Forget the notices of the page before; one said on the way here is still news."""
    toasts = await state.get_state(Toasts)
    fresh = clock.now().timestamp() - CARRIED_SECONDS
    if any(toast.said < fresh for toast in toasts.items):
        toasts.items = [toast for toast in toasts.items if toast.said >= fresh]


async def show_problem(state: rx.State, problem: DomainError) -> None:
    """Beside its field where the State has the mixin and the error a field; else as a notice. Where
    a fresh proof of the person is needed, it is asked for."""
    if isinstance(problem, StepUpNeeded):
        asking = await state.get_state(StepUp)
        here = quote(state.router.url.path, safe="/")
        asking.asked, asking.by = True, problem.by
        asking.href = f"/confirm-it-is-you?next={here}"
        return
    if problem.field and isinstance(state, Problems):
        state.errors = {**state.errors, problem.field: problem.message}
    else:
        await say(state, problem.message, "error")


async def show_failure(state: rx.State, error: Exception) -> None:
    """What nobody expected: logged under a number that the person can tell us."""
    reference = failures.report("ui.failed", error, state=type(state).__name__)
    await say(state, failures.words(reference), "error")
