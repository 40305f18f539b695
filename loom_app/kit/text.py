"""The text catalogue: every word for people goes through `t`.

gettext's way: the English source is the key, so code reads as it speaks and a missing translation
shows English. Catalogues are loaded once per process and chosen by a context variable: no text and
no language lives in a tab's state. Later languages are `.po` files compiled by Babel.
"""

import contextlib
import gettext
from collections.abc import Generator
from contextvars import ContextVar
from typing import Any

_language: ContextVar[str] = ContextVar("language", default="en")
_catalogues: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}


def t(source: str, **values: Any) -> str:
    """The text in the reader's language, with `{name}` filled from values."""
    found = _catalogues.get(_language.get(), _catalogues["en"]).gettext(source)
    return found.format(**values) if values else found


def tn(singular: str, plural: str, n: int, **values: Any) -> str:
    """The form for n, which is also filled in as `{n}`."""
    catalogue = _catalogues.get(_language.get(), _catalogues["en"])
    return catalogue.ngettext(singular, plural, n).format(n=n, **values)


def language() -> str:
    return _language.get()


@contextlib.contextmanager
def speaking(code: str) -> Generator[None]:
    """Texts inside the block are in this language."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)
