"""What an operator chooses of how the server is watched."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import attrs

OFF = "off"
LOOPBACK, OPEN = "loopback", "open"
CALLS, STEPS = "calls", "steps"
JSON, PLAIN = "json", "plain"
LEVELS = ("debug", "info", "warning", "error")


def _setting(default: Any, about: str, known: tuple[Any, ...]) -> Any:
    return attrs.field(default=default, validator=attrs.validators.in_(known), metadata={"about": about})


@attrs.frozen
class Observing:
    """How the server is watched. `metrics` says who may read `/metrics`: nobody (`off`), callers on the same machine
    (`loopback`), or everybody (`open`). `traces` says which spans there are: none (`off`), one a call (`calls`), or one a step,
    too (`steps`); None leaves that to the environment, see `with_environment`. `log` is `json` or `plain`, `log_level` the least
    that is logged. `requests` says whether each request has a line in the log, `probes` whether those of `/healthz`, `/readyz`
    and `/metrics` have one, too."""

    metrics: str = _setting(
        LOOPBACK,
        "Who may read `/metrics`: nobody (`off`), callers on this machine (`loopback`), everybody (`open`).",
        (OFF, LOOPBACK, OPEN),
    )
    traces: str | None = _setting(
        None,
        "Spans: none (`off`), one a call (`calls`), one a step too (`steps`). By default as `OTEL_*` say.",
        (None, OFF, CALLS, STEPS),
    )
    log: str = _setting(JSON, "The form of the log: `json`, or `plain` for people.", (JSON, PLAIN))
    log_level: str = _setting("info", "The least that is logged: `debug`, `info`, `warning` or `error`.", LEVELS)
    requests: bool = _setting(True, "Whether each request has a line in the log.", (True, False))
    probes: bool = _setting(
        False, "Whether those of `/healthz`, `/readyz` and `/metrics` have one, too.", (True, False)
    )

    def with_environment(self, environment: Mapping[str, str]) -> Observing:
        """The same, with `traces` decided. Where the setting says nothing, there are traces when OpenTelemetry's own variables
        say where they go (`OTEL_TRACES_EXPORTER`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`). With
        `OTEL_SDK_DISABLED=true` there are none, whatever else is said."""
        if environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
            return attrs.evolve(self, traces=OFF)
        if self.traces is not None:
            return self
        exporter = environment.get("OTEL_TRACES_EXPORTER", "").strip().lower()
        names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
        is_told = exporter != "none" and (exporter or any(environment.get(name) for name in names))
        return attrs.evolve(self, traces=STEPS if is_told else OFF)

    @property
    def steps_are_traced(self) -> bool:
        """Whether the database is to be opened with `Hosting(trace=True)`, as the settings and this process's environment say."""
        return self.with_environment(os.environ).traces == STEPS
