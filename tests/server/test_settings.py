"""Settings: which of file, environment and option counts, and how each wrong value is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.server.setting_sources import Resolved, Sources, read_file, variable_of
from actionlang.server.settings import ServerSettings, is_loopback

Table = Mapping[str, object]


def resolved(file: Table | None = None, variables: Mapping[str, str] | None = None, **options: object) -> Resolved:
    """What holds."""
    sources = Sources()
    sources.file(file or {}, "actionlang.toml", section="server")
    sources.environment(variables or {})
    for name, value in options.items():
        sources.option(name, value, f"--{name}")
    return sources.resolved()


def _refused(
    file: Table | None = None, variables: Mapping[str, str] | None = None, **options: object
) -> tuple[str, str]:
    with pytest.raises(ActionLangError) as raised:
        resolved(file, variables, **options)
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.code.id == "E1107"
    return diagnostic.message, diagnostic.hint or ""


def _from(found: Resolved) -> dict[str, str]:
    return {each.name: each.where for each in found.origins if each.where != "default"}


def test_nothing_is_said() -> None:
    assert resolved().settings == ServerSettings()
    assert _from(resolved()) == {}


def test_what_comes_later_counts() -> None:
    file = {"port": 1, "workers": 2, "drain": 3, "odata": {"kept": 60}}
    found = resolved(
        file, {"ACTIONLANG_SERVER_PORT": "4", "ACTIONLANG_SERVER_WORKERS": "5", "PATH": "/"}, port=6, host=None
    )
    settings = found.settings
    assert (settings.port, settings.workers, settings.drain, settings.odata.kept) == (6, 5, 3.0, timedelta(minutes=1))
    assert _from(found) == {
        "port": "--port",
        "workers": "ACTIONLANG_SERVER_WORKERS",
        "drain": "actionlang.toml",
        "odata.kept": "actionlang.toml",
    }


def test_each_kind_of_value_can_stand_in_the_environment() -> None:
    issuers = '[{issuer = "https://a.example.com", audience = ["x"]}]'
    variables = {
        "ACTIONLANG_SERVER_DELIVER": "True",
        "ACTIONLANG_SERVER_DRAIN": "1.5",
        "ACTIONLANG_SERVER_HOSTS": "a.example.com, b.example.com",
        "ACTIONLANG_SERVER_PROXIES": '["10.0.0.1"]',
        "ACTIONLANG_SERVER_PUBLIC_URL": "https://verbs.example.com",
        "ACTIONLANG_SERVER_IDENTITY_API_KEYS": "false",
        "ACTIONLANG_SERVER_IDENTITY_ISSUERS": issuers,
        "ACTIONLANG_SERVER_OBSERVING_LOG": "plain",
    }
    settings = resolved(variables=variables).settings
    assert (settings.deliver, settings.drain, settings.public_url) == (True, 1.5, "https://verbs.example.com")
    assert (settings.hosts, settings.proxies) == (("a.example.com", "b.example.com"), ("10.0.0.1",))
    assert (settings.identity.api_keys, settings.identity.issuers[0].audience) == (False, ("x",))
    assert settings.observing.log == "plain"


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ({"port": "80"}, 'port in [server] of actionlang.toml must be a whole number, not "80".'),
        ({"port": True}, "port in [server] of actionlang.toml must be a whole number, not true."),
        ({"port": 70000}, "port in [server] of actionlang.toml must be at most 65535, not 70000."),
        ({"drain": -1}, "drain in [server] of actionlang.toml must be at least 0, not -1.0."),
        ({"deliver": 1}, "deliver in [server] of actionlang.toml must be true or false, not 1."),
        ({"hosts": "a"}, 'hosts in [server] of actionlang.toml must be a list, not "a".'),
        ({"hosts": [1]}, "hosts in [server] of actionlang.toml must be a text, not 1."),
        (
            {"proxies": ["proxy"]},
            "proxies in [server] of actionlang.toml must be addresses or networks such as \"10.0.0.0/8\", not 'proxy'.",
        ),
        (
            {"synchronous": "off"},
            'synchronous in [server] of actionlang.toml must be one of full, normal, not "off".',
        ),
        (
            {"odata": {"deepest": 2}},
            "deepest in [server.odata] of actionlang.toml must be at least 4, not 2.",
        ),
        ({"odata": 2}, "odata in [server] of actionlang.toml must be a table, not 2."),
        ({"identity": {"isuers": []}}, "actionlang.toml has the unknown setting server.identity.isuers."),
        (
            {"identity": {"issuers": [{"audience": ["x"]}]}},
            "issuers in [server.identity] of actionlang.toml has a wrong issuer: it must be given.",
        ),
        ({"public_url": "verbs"}, "public_url in [server] of actionlang.toml must be an address such as"),
        (
            {"public_url": "https://verbs.example.com:99999"},
            "public_url in [server] of actionlang.toml must be an address",
        ),
        ({"cors_origins": ["https://[a"]}, "cors_origins in [server] of actionlang.toml must be origins such as"),
        ({"host": ""}, "host in [server] of actionlang.toml must be an address such as"),
        ({"host": "[::1]"}, "host in [server] of actionlang.toml must be an address such as"),
        ({"host": "unix:/run/verbs.sock"}, "host in [server] of actionlang.toml must be an address such as"),
        ({"host": "localhost:8000"}, "host in [server] of actionlang.toml must be an address such as"),
        ({"hosts": ["verbs.example.com:443"]}, "hosts in [server] of actionlang.toml must be names such as"),
        ({"hosts": ["*verbs"]}, "hosts in [server] of actionlang.toml must be names such as"),
        ({"time_zone": "Mars/Olympus"}, "time_zone in [server] of actionlang.toml must be a time zone that there is"),
        ({"drain": float("inf")}, "drain in [server] of actionlang.toml must be a number that is finite, not inf."),
        (
            {"odata": {"kept": 10**20}},
            "kept in [server.odata] of actionlang.toml must be a number of seconds that can be",
        ),
        (
            {"odata": {"kept": float("nan")}},
            "kept in [server.odata] of actionlang.toml must be a number of seconds that",
        ),
    ],
)
def test_wrong_values_in_a_file(file: Table, message: str) -> None:
    assert _refused(file)[0].startswith(message)


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("PORT", "eighty", 'ACTIONLANG_SERVER_PORT must be a whole number, not "eighty".'),
        ("PORT", "1\nx = 2", "ACTIONLANG_SERVER_PORT must be a whole number, not"),
        ("DELIVER", "yes", 'ACTIONLANG_SERVER_DELIVER must be true or false, not "yes".'),
        ("IDENTITY_ISSUERS", "https://a", "ACTIONLANG_SERVER_IDENTITY_ISSUERS must be tables as in TOML"),
        ("PROT", "80", "There is no setting for the variable ACTIONLANG_SERVER_PROT."),
    ],
)
def test_wrong_values_in_the_environment(variable: str, text: str, message: str) -> None:
    assert _refused(variables={f"ACTIONLANG_SERVER_{variable}": text})[0].startswith(message)


def test_values_of_their_kind() -> None:
    hosts = ["verbs.example.com", "*.example.com", "*", "[::1]", "localhost"]
    assert resolved({"hosts": hosts}).settings.hosts == tuple(hosts)
    for host in ("::1", "::", "0.0.0.0", "fe80::1%eth0", "verbs.example.com", "localhost"):
        assert resolved({"host": host}).settings.host == host
    assert resolved({"time_zone": "Europe/Berlin"}).settings.time_zone == "Europe/Berlin"


def test_nothing_in_the_environment_is_nothing() -> None:
    """As where a file of variables has a line for each, and not all are filled in."""
    names = (
        "PUBLIC_URL",
        "DATABASE",
        "TIME_ZONE",
        "IDENTITY_ANONYMOUS",
        "IDENTITY_API_KEYS",
        "OBSERVING_TRACES",
        "HOSTS",
    )
    assert resolved(variables={f"ACTIONLANG_SERVER_{each}": "" for each in names}).settings == ServerSettings()


def test_what_was_perhaps_meant() -> None:
    assert _refused({"prot": 80})[1] == "did you mean port?"
    assert _refused(variables={"ACTIONLANG_SERVER_PROT": "80"})[1] == "did you mean ACTIONLANG_SERVER_PORT?"
    assert "without it" in _refused({"server": {}})[1]


def test_a_wrong_option() -> None:
    assert _refused(port=-1)[0] == "--port must be at least 0, not -1."


def test_files_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    with pytest.raises(ActionLangError, match=r"There is no file s\.toml"):
        read_file(file, "s.toml")
    file.write_text("port = ")
    with pytest.raises(ActionLangError, match=r"s\.toml can not be read"):
        read_file(file, "s.toml")


def test_passwords_are_not_shown() -> None:
    url = "postgresql://ann:pass@word@host/desk?password=x&host=/tmp"
    (shown,) = [each.shown for each in resolved(database=url).origins if each.name == "database"]
    assert shown == '"postgresql://ann:***@host/desk?password=***&host=/tmp"'


def test_every_setting_has_its_own_variable() -> None:
    names = [variable_of(each.name) for each in resolved().origins]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("0.0.0.0", False)],
)
def test_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
