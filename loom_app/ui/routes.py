"""Every address of the app: path, page, title, what it loads, and who may see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import reflex as rx

from loom_app.kit.settings import settings
from loom_app.ui.design.showcase import showcase
from loom_app.ui.public.page import home
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
    ]
    if not settings().production:
        table.append(Route("/design", showcase, "Design"))
    return table
