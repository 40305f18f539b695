"""The admin page: starlette-admin over our own queries and actions, behind one door."""

from loom_app.http.admin.site import mounted

__all__ = ["mounted"]
