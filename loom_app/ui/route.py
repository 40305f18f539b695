"""What an address of the app is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import reflex as rx


@dataclass(frozen=True)
class Route:
    path: str
    page: Callable[[], rx.Component]
    title: Any
    on_load: list[Any] = field(default_factory=list)
    who: Literal["everyone", "person", "coach", "staff"] = "everyone"
    description: str = ""
    framed: bool = False  # other sites may show it inside theirs: it knows nobody
