"""Import every reaction and job once, so that events and queued work find them."""

import functools
import importlib
import importlib.util
import pkgutil

from loom_app import domains


@functools.cache
def wire() -> None:
    """Idempotent."""
    for package in pkgutil.iter_modules(domains.__path__):
        for part in ("reactions", "jobs"):
            name = f"loom_app.domains.{package.name}.{part}"
            if importlib.util.find_spec(name):
                importlib.import_module(name)
