"""Dashboards and alert rules ask for figures that there are."""

import json
import re

from loom_app.kit.metrics import REGISTRY
from loom_app.kit.settings import ROOT

NAME = re.compile(r"\b((?:loom|process)_[a-z_]+)")
# what Prometheus makes of a figure's name
ENDS = ("_bucket", "_count", "_sum", "_total", "")


def figures() -> set[str]:
    return {f"{one.name}{end}" for one in REGISTRY.collect() for end in ENDS}


def test_alerts_and_dashboards_name_figures_that_are_there():
    rules = (ROOT / "deploy" / "prometheus" / "alerts.yml").read_text()
    asked = set(NAME.findall("\n".join(line for line in rules.splitlines() if "todo:" not in line)))
    board = json.loads((ROOT / "deploy" / "grafana" / "loom.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            asked |= set(NAME.findall(target["expr"]))
    assert len(asked) > 8
    assert asked <= figures()
