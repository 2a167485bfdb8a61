"""Private verbs are in no listing, and can not be called by any way; verbs that credentials are not for, are not offered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from mcp.shared.exceptions import MCPError

from actionlang.cli.group import actionlang
from actionlang.runtime.database import Database
from tests.server.identity.asking import Asking
from tests.server.identity.whole import key_of, whole_server
from tests.server.mcp.agents import agent, run

PRIVATE, PUBLIC = "Hidden", "TakeSample"
ROOT = "/api/data/v9.2"

LISTINGS = {
    "$metadata as XML": f"{ROOT}/$metadata",
    "$metadata as JSON": f"{ROOT}/$metadata?$format=json",
    "OpenAPI": "/openapi.json",
}


@pytest.fixture(scope="module")
def ask(kept_desk: Database) -> Iterator[Asking]:
    with whole_server(kept_desk) as ask:
        yield ask


@pytest.fixture(scope="module")
def ann(kept_desk: Database) -> str:
    return key_of("ann", kept_desk)


@pytest.mark.parametrize("listing", LISTINGS)
def test_no_document_lists_private_verbs(ask: Asking, ann: str, listing: str) -> None:
    told = ask(LISTINGS[listing], token=ann)
    assert told.status == 200, told.text
    assert PUBLIC in told.text and PRIVATE not in told.text


@pytest.mark.parametrize("path", [f"{ROOT}/", "/docs"])
def test_no_page_lists_private_verbs(ask: Asking, ann: str, path: str) -> None:
    told = ask(path, token=ann)
    assert told.status == 200, told.text
    assert PRIVATE not in told.text


def test_no_tool_is_a_private_verb(ask: Asking, ann: str) -> None:
    async def work() -> None:
        async with agent(f"{ask.base}/mcp", Authorization=f"Bearer {ann}") as client:
            told = (await client.list_tools()).model_dump_json()
            assert PUBLIC in told and PRIVATE not in told
            with pytest.raises(MCPError, match="There is no tool"):
                await client.call_tool(PRIVATE, {"row": "samples(1)"})

    run(work)


@pytest.mark.parametrize("language", ["python", "typescript"])
def test_no_client_has_private_verbs(kept_desk: Database, tmp_path: Path, language: str) -> None:
    url = kept_desk.engine.url.render_as_string(hide_password=False)
    with chdir(tmp_path):
        done = CliRunner().invoke(
            actionlang, ["client", language, "--active", "--db", url, "-o", "made"], standalone_mode=False
        )
    assert not done.return_value, done.output
    text = "\n".join(file.read_text() for file in tmp_path.rglob("*") if file.is_file())
    assert "take_sample" in text.lower().replace("takesample", "take_sample")
    assert PRIVATE.lower() not in text.lower()


def test_verbs_that_credentials_are_not_for_are_not_offered(ask: Asking, kept_desk: Database) -> None:
    key = key_of("ann", kept_desk, "verb:helpdesk.*")
    told = ask("/openapi.json", token=key).text
    assert "Escalate" in told and PUBLIC not in told

    async def work() -> None:
        async with agent(f"{ask.base}/mcp", Authorization=f"Bearer {key}") as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert "Escalate" in names and PUBLIC not in names

    run(work)


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/Hidden",
        f"{ROOT}/samples(1)/Microsoft.Dynamics.CRM.Hidden",
        f"{ROOT}/samples(code='S-1')/Microsoft.Dynamics.CRM.Hidden",
        f"{ROOT}/samples/Microsoft.Dynamics.CRM.Hidden",
        f"{ROOT}/verbs_desk_Hidden",
        f"{ROOT}/verbs.desk.Hidden",
        f"{ROOT}/samples(1)/Hidden",
    ],
)
def test_a_private_verb_is_as_if_it_were_not_there(ask: Asking, ann: str, path: str) -> None:
    """What is answered is the same as for a name that nothing has, but for the name."""
    header = [("Authorization", f"Bearer {ann}"), ("Content-Type", "application/json")]
    hidden = ask.raw(path, "POST", header, b"{}")
    nothing = ask.raw(path.replace(PRIVATE, "Nowhere"), "POST", header, b"{}")
    assert hidden.status in (404, 405)
    assert (hidden.status, json.loads(hidden.text.replace(PRIVATE, "Nowhere"))) == (nothing.status, nothing.data)
