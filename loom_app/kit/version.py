"""What this process was made from."""

import os
from functools import cache

from loom_app.kit.settings import ROOT


@cache
def pages() -> str:
    """Ten digits of the hash over everything that the pages were built from (`cli build`), the
    same for every process of one version; "" where they were not built."""
    stamp = ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web") / "loom-build.sha256"
    return stamp.read_text()[:10] if stamp.exists() else ""
