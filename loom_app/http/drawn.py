"""Pages that the server draws itself, without a script: for machines' doors and for what failed."""

from html import escape

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from loom_app.kit.text import t

STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 'Inter Variable', system-ui, sans-serif }
body { margin: 0 auto; max-width: 760px; padding: 24px 16px;
  background: light-dark(#faf8f5, #211f1d); color: light-dark(#2b2724, #ece7e1) }
h1 { font-size: 22px } h2 { font-size: 17px; margin: 28px 0 8px }
a { color: inherit; text-decoration: none }
li { border: 1px solid light-dark(#e3ddd5, #3a3633); border-radius: 14px; margin: 0 0 8px;
  background: light-dark(#fff, #2a2725) }
li a { display: block; padding: 12px 16px; min-height: 44px; box-sizing: border-box }
ul { list-style: none; padding: 0 } small { opacity: .75 } strong { display: block }
iframe { width: 100%; height: 620px; border: 1px solid light-dark(#e3ddd5, #3a3633);
  border-radius: 14px; background: #fff }
.alone { max-width: 440px; margin: 18vh auto 0; text-align: center }
.go { display: inline-block; margin: 16px 4px 0; padding: 11px 20px; border-radius: 12px;
  min-height: 44px; box-sizing: border-box; font-weight: 600;
  background: light-dark(#2b2724, #ece7e1); color: light-dark(#fff, #211f1d) }
"""


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    """`body` is markup; whatever people wrote in it is escaped already."""
    return HTMLResponse(
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
        status,
    )


def problem(
    headers: Headers,
    status: int,
    words: str,
    more: dict[str, str] | None = None,
    *,
    again: str = "",
) -> Response:
    """What went wrong, in words: a page for who opened one, a line for programs. `again`: an
    address to try once more."""
    if "text/html" not in headers.get("accept", ""):
        answer: Response = PlainTextResponse(words, status)
    else:
        retry = f"<a class=go href='{escape(again)}'>{escape(t('Try again'))}</a>" if again else ""
        start = f"<a class=go href='/'>{escape(t('Go to the start'))}</a>"
        answer = page(
            t("That did not work · Loom"),
            f"<div class=alone><h1>{escape(t('That did not work'))}</h1>"
            f"<p>{escape(words)}</p>{retry}{start}</div>",
            status,
        )
    answer.headers.update(more or {})
    return answer
