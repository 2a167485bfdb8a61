"""The page for operators names the metrics that there are, with their kinds and labels, and the settings."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import attrs
from prometheus_client.core import Metric

from actionlang.runtime.connections import Usage
from actionlang.server.observing.metrics import Metrics
from actionlang.server.observing.scraped import BackgroundRuns, Found, Outbox, metrics_of
from actionlang.server.observing.settings import Observing
from tests.server.world import desk, service, somebody

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "watch-a-server.md").read_text("utf-8")


def test_the_table_of_metrics() -> None:
    told = set(re.findall(r"^\| `(\w+)` \| (\w+) \|\s*(.*?)\s*\| (.*?) \|$", PAGE, re.MULTILINE))
    with desk("sqlite") as database:
        active = tuple(service(database).listed(somebody("ann")))
    metrics = Metrics()
    metrics.call_ended("v", 200, "E0701", 0.1)
    metrics.retried("v", 1)
    metrics.replayed("v")
    metrics.request_began()
    metrics.request_ended("/api", "GET", 200, "E0701", 0.1)
    metrics.levels_noted(lambda: Usage(0, 1, 10))
    outbox = Outbox(0, 0, 0, datetime.now(UTC))
    background = BackgroundRuns(0, 0, 0, datetime.now(UTC))
    found = [*metrics.registry.collect(), *metrics_of(Found(True, outbox, background, 1, active))]
    assert told == {
        (_name(each.name, each.type), each.type, ", ".join(f"`{name}`" for name in _labels(each)), each.documentation)
        for each in found
    }


def _name(name: str, kind: str) -> str:
    return name + {"counter": "_total", "info": "_info"}.get(kind, "")


def _labels(metric: Metric) -> list[str]:
    return [name for name in metric.samples[0].labels if name != "le"]


def test_all_settings_are_told() -> None:
    for field in attrs.fields(Observing):
        assert f"`{field.name}" in PAGE, field.name
