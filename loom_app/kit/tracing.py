"""Spans to an OpenTelemetry collector (OTLP over HTTP), where LOOM_OTLP_URL names one.

Spans hold names of routes, handlers and jobs, numbers of requests and how it ended: no address, no
text of statements' values, nobody's name.
"""

import contextlib
from collections.abc import Generator
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

from loom_app.kit.settings import settings

_TRACER = trace.get_tracer("loom")


def configure() -> None:
    """From now on; without the setting, spans cost next to nothing and go nowhere."""
    url = settings().otlp_url
    if not url:
        return
    # only here: the exporter loads much that nobody needs without it
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import (  # noqa: PLC0415
        BatchSpanProcessor,
        SpanExportResult,
    )

    from loom_app.kit import outside  # noqa: PLC0415 - it imports us

    class Noted(OTLPSpanExporter):
        """Says how it went, for the page of services."""

        def export(self, spans: Any) -> SpanExportResult:
            result = super().export(spans)
            if result is SpanExportResult.SUCCESS:
                outside.worked("otlp")
            else:
                outside.failed("otlp", "The collector did not take the spans")
            return result

    provider = TracerProvider(resource=Resource({"service.name": "loom"}))
    provider.add_span_processor(BatchSpanProcessor(Noted(f"{url}/v1/traces")))
    trace.set_tracer_provider(provider)


def stop() -> None:
    """Send what was gathered; at the end of the process."""
    flush: Any = getattr(trace.get_tracer_provider(), "shutdown", None)
    if flush is not None:
        flush()


@contextlib.contextmanager
def span(name: str, **facts: str) -> Generator[trace.Span]:
    """Around a piece of work; an exception marks it with its type, never with its words."""
    with _TRACER.start_as_current_span(
        name, attributes=facts, record_exception=False, set_status_on_exception=False
    ) as one:
        try:
            yield one
        except Exception as error:
            one.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise


def ids(_logger: Any, _method: str, event: Any) -> Any:
    """For structlog: the trace that a line belongs to."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace"] = f"{context.trace_id:032x}"
    return event
