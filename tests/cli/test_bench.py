"""The parts of the benchmark that could lie: ranks, bundles, and the frames it counts."""

import json

import pytest

from loom_app.cli import bench
from loom_app.cli.bench import bundle, chat
from loom_app.cli.bench.driver import Load


def test_percentiles_are_ranks_of_what_was_measured():
    values = [float(n) for n in range(1, 101)]
    assert [chat.percentile(values, p) for p in (50, 95, 99, 100)] == [50.0, 95.0, 99.0, 100.0]
    assert chat.percentile([7.0], 99) == 7.0
    assert chat.percentile([], 99) == -1.0


def test_a_bundle_is_what_the_document_and_its_route_import_and_no_more(folder):
    assets = folder / "assets"
    assets.mkdir()
    routes = {
        "root": {"id": "root", "path": "", "module": "/assets/root.js", "css": ["/assets/a.css"]},
        "chat": {"id": "chat", "path": "messages/:conversation", "module": "/assets/chat.js"},
        "home": {"id": "home", "index": True, "module": "/assets/home.js"},
    }
    manifest = "window.__reactRouterManifest=" + json.dumps({"routes": routes}) + ";"
    (assets / "manifest-1.js").write_text(manifest)
    (assets / "root.js").write_text('import{a}from"./shared.js";')
    (assets / "chat.js").write_text('import"./shared.js";import("./later.js")')
    (assets / "a.css").write_text("a{}")
    for name in ("shared", "later", "home"):
        (assets / f"{name}.js").write_text("x")
    (folder / "__spa-fallback.html").write_text('<link href="/assets/root.js">')
    named = bundle._document(folder, "/messages/[conversation]") | bundle._of_route(
        folder, "/messages/[conversation]"
    )
    assert bundle._closure(folder, named) == {
        "/assets/root.js",
        "/assets/a.css",
        "/assets/chat.js",
        "/assets/shared.js",
    }
    assert bundle._known(folder, "/")
    assert not bundle._known(folder, "/coaches")


def test_a_page_over_its_budget_is_named():
    light, heavy = {"js": 350.0, "css": 9.0}, {"js": 350.1, "css": 20.5}
    assert bundle.over({"/": light}, 120.0) == []
    assert bundle.over({"/": light, "/messages": heavy}, 121.0) == [
        "/messages: 350.1 KB js, 350 allowed",
        "/messages: 20.5 KB css, 20 allowed",
        "fonts: 121.0 KB, 120 allowed",
    ]


async def test_a_message_counts_once_and_only_at_the_other_one():
    load = Load({"kind": "insert", "cookies": {}})

    class Socket:
        async def send(self, frame: str) -> None:
            self.frame = frame

    load.sockets = {1: Socket(), 2: Socket()}  # type: ignore[assignment]
    await load.write(5, 1)
    load.seen(1, 5, load.sent[5].at + 1)
    assert load.figures()["latency_ms"] == []
    load.seen(2, 5, load.sent[5].at + 2)
    load.seen(2, 5, load.sent[5].at + 9)
    load.seen(2, 6, 0.0)
    assert load.figures() == {"sent": 1, "latency_ms": [2000.0], "ack_ms": [1000.0]} or (
        load.figures()["latency_ms"] == pytest.approx([2000.0])
    )


def test_lost_messages_and_a_slot_sold_twice_end_in_an_error_code(monkeypatch, folder):
    good = {
        "chat": [{"sent": 2, "delivered": 2}],
        "race": {"attempts": 2, "won": 1, "refused": 1, "errors": 0},
    }
    for change, code in (({}, 0), ({"chat": [{"sent": 2, "delivered": 1}]}, 1)):
        figures = good | change

        async def measured(*_rest, figures=figures):
            return figures

        monkeypatch.setattr(bench, "_measure", measured)
        out = folder / "figures.json"
        assert bench.main(["--out", str(out)]) == code
        assert json.loads(out.read_text()) == figures
