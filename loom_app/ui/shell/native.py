"""Elements that leave the single page: a form that the browser itself posts."""

from typing import Any

import reflex as rx
from reflex.utils.exec import is_prod_mode
from reflex_base.config import get_config
from reflex_components_core.el.elements.forms import Form


class NativeForm(Form):
    """A form the browser posts: Reflex's own always prevents that."""

    @classmethod
    def create(cls, *children: Any, **props: Any) -> Form:
        return super(Form, cls).create(*children, **props)


def backend(path: str) -> str:
    """The address of an HTTP route: the same origin when built, the other port in `make dev`."""
    return path if is_prod_mode() else f"{get_config().api_url}{path}"


def native_form(*children: Any, action: str, **props: Any) -> rx.Component:
    return NativeForm.create(*children, action=backend(action), method="post", **props)
