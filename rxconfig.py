"""What Reflex needs to know; everything else is in `loom_app.kit.settings`."""

import os
import pathlib
import sys

# Node and npm come from a wheel in this environment; bun would be downloaded, so it is never used.
os.environ.setdefault("REFLEX_USE_NPM", "1")
os.environ["PATH"] = f"{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

import reflex as rx

from loom_app.kit.settings import settings
from loom_app.ui.design.browser.build import CspPlugin, DesignPlugin

_chosen = settings()
_dev_origins = [
    f"http://{host}:{port}" for host in ("localhost", "127.0.0.1") for port in (3000, _chosen.port)
]

config = rx.Config(
    app_name="loom_app",
    app_module_import="loom_app.loom_app",
    api_url=_chosen.base_url,
    backend_port=_chosen.port,
    # a sixth less than gzip alone, for the browsers and connections that take it
    frontend_compression_formats=["brotli", "gzip"],
    cors_allowed_origins=[_chosen.base_url] if _chosen.production else _dev_origins,
    frontend_lazy_bundled_libraries=True,
    redis_token_expiration=12 * 3600,  # the memory manager's idle expiry too
    redis_url=_chosen.redis_url or None,
    show_built_with_reflex=False,
    # in memory, a tab that reconnects to another process is filled anew from the database
    state_manager_mode=rx.constants.StateManagerMode.REDIS
    if _chosen.redis_url
    else rx.constants.StateManagerMode.MEMORY,
    telemetry_enabled=False,
    trusted_proxy_hops=_chosen.trusted_proxy_hops,
    plugins=[
        rx.plugins.TailwindV4Plugin(config={"darkMode": "class", "theme": DesignPlugin.theme()}),
        DesignPlugin(),
        CspPlugin(),
    ],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
