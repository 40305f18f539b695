"""Every address of the app: path, page, title, what it loads, and who may see it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import reflex as rx

from loom_app.kit.settings import settings
from loom_app.ui.auth.check_mail import check_mail, verify
from loom_app.ui.auth.sign_in import sign_in
from loom_app.ui.auth.sign_up import sign_up
from loom_app.ui.auth.state import SignInState, SignUpState, VerifyState
from loom_app.ui.design.showcase import showcase
from loom_app.ui.public.page import home
from loom_app.ui.session import Viewer
from loom_app.ui.shell.error_page import not_found
from loom_app.ui.text import t


@dataclass(frozen=True)
class Route:
    path: str
    page: Callable[[], rx.Component]
    title: str
    on_load: list[Any] = field(default_factory=list)
    who: Literal["everyone", "person", "coach", "staff"] = "everyone"
    description: str = ""


def routes() -> list[Route]:
    """The route table; `/design` exists in development only."""
    table = [
        Route("/", home, t("Loom: coaching with people you trust")),
        Route("/404", not_found, t("Nothing here · Loom")),
        Route("/sign-up", sign_up, t("Create your account · Loom"), [SignUpState.load]),
        Route("/sign-in", sign_in, t("Sign in · Loom"), [SignInState.load]),
        Route("/check-mail", check_mail, t("Check your mail · Loom"), [VerifyState.load]),
        Route("/verify", verify, t("Confirm your address · Loom"), [VerifyState.load]),
    ]
    if not settings().production:
        table.append(Route("/design", showcase, "Design"))
    return [replace(route, on_load=[Viewer.arrive, *route.on_load]) for route in table]
