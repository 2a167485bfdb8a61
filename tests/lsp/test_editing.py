"""What the server makes of texts that change: in the editor, on disk, in several folders and outside of all."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.lsp.editor import CONFIG, DESK, MINIMAL, TESTS, Editor, started

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_lsp.fixture(config=CONFIG, scope="module")  # type: ignore[untyped-decorator]
async def client(client: LanguageClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """A client with a server of its own, and two folders open."""
    folder, other = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    (other / "desk.act").write_text("table other < name text >")
    client.desk = await started(client, MINIMAL, folder, other)  # type: ignore[attr-defined]
    client.first, client.other = folder, other  # type: ignore[attr-defined]
    yield
    await client.shutdown_session()


@pytest.fixture
def other(client: LanguageClient) -> Path:
    """The second folder."""
    folder: Path = client.other  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    """The editor, with both scripts in a project of their own below the first folder and none open: what the server still has to
    say of the test before is of other scripts."""
    editor: Editor = client.desk  # type: ignore[attr-defined]
    for uri in list(editor.texts):
        editor.close(uri)
    editor.folder = Path(tempfile.mkdtemp(dir=client.first))  # type: ignore[attr-defined]
    editor.write("actionlang.toml", "")
    editor.write("desk.act", DESK)
    editor.write("tests.act", TESTS)
    say_changed(editor, "desk.act", "tests.act")
    return editor


def say_changed(editor: Editor, *names: str) -> None:
    """Tell the server of changes on disk."""
    changes = [lsp.FileEvent(editor.uri(name), lsp.FileChangeType.Changed) for name in names]
    editor.client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(changes))


def messages(found: Sequence[lsp.Diagnostic]) -> list[str]:
    """What is said first of each problem."""
    return [each.message.splitlines()[0] for each in found]


async def test_problems_as_you_type(editor: Editor) -> None:
    uri = editor.open("desk.act")
    await editor.problems(uri, lambda found: not found)
    editor.replace(uri, "request.cost otherwise", "request.costs otherwise")
    (found,) = await editor.problems(uri, bool)
    assert found.message == "request has no column costs.\nhint: Did you mean cost?"
    assert (found.severity, found.code, found.source) == (lsp.DiagnosticSeverity.Error, "E0203", "actionlang")
    assert editor.text_at(lsp.Location(uri, found.range)) == "costs"
    editor.replace(uri, "request.costs", "request.cost")
    await editor.problems(uri, lambda found: not found)


async def test_a_mistake_does_not_hide_the_next(editor: Editor) -> None:
    uri = editor.open("desk.act")
    editor.replace(uri, "otherwise 0;", "otherwise ;")
    editor.replace(uri, "priority = high", "priority = hihg")
    found = await editor.problems(uri, lambda found: len(found) == 2)
    assert [each.range.start.line for each in found] == [14, 15]


async def test_scripts_that_import_the_edited_one_are_checked_from_its_unsaved_text(editor: Editor) -> None:
    desk, tests = editor.open("desk.act"), editor.open("tests.act")
    await editor.problems(tests, lambda found: not found)
    editor.replace(desk, "days integer default 2", "days integer")
    assert messages(await editor.problems(tests, bool)) == ["Escalate needs the argument days."]
    editor.close(desk)
    await editor.problems(tests, lambda found: not found)


async def test_scripts_that_are_not_open_are_checked_too(editor: Editor) -> None:
    desk = editor.open("desk.act")
    editor.replace(desk, "action Escalate", "action Raise")
    found = await editor.problems(editor.uri("tests.act"), bool)
    assert messages(found) == ["There is no verb Escalate here."]


async def test_many_keys_are_one_check(editor: Editor) -> None:
    uri = editor.open("desk.act")
    await editor.problems(uri, version=1)
    before = len(editor.published)
    for letter in "abcdefgh":
        editor.replace(uri, "In a few words.", f"In a few words.{letter}")
    await editor.problems(uri, version=9)
    versions = [each.version for each in editor.published[before:] if each.uri == uri]
    assert versions == [9]


async def test_columns_count_as_the_editor_counts(editor: Editor) -> None:
    uri = editor.open("more.act", 'action A < let a = "\N{PILE OF POO}\N{PILE OF POO}"; let _b = a.x >')
    (found,) = await editor.problems(uri, lambda found: len(found) == 1)
    assert found.range == lsp.Range(lsp.Position(0, 36), lsp.Position(0, 37))
    editor.replace(uri, '\N{PILE OF POO}"; let _b = a.x', '\N{PILE OF POO}\N{GRINNING FACE}"; fail a; let _b = a.x')
    assert editor.texts[uri].count("\N{GRINNING FACE}") == 1
    hover = editor.at(lsp.HoverParams, uri, "fail a|;")
    told = await editor.client.text_document_hover_async(hover)
    assert told is not None
    assert told.range == lsp.Range(lsp.Position(0, 34), lsp.Position(0, 35))


async def test_line_ends_of_windows(editor: Editor) -> None:
    editor.write("windows.act", DESK.replace("\n", "\r\n"))
    uri = editor.open("windows.act")
    await editor.problems(uri, lambda found: not found)
    editor.replace(uri, "request.cost otherwise", "request.costs otherwise")
    (found,) = await editor.problems(uri, bool)
    assert editor.text_at(lsp.Location(uri, found.range)) == "costs"
    editor.replace(uri, "request.costs otherwise", "request.cost   otherwise")
    params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(uri), lsp.FormattingOptions(8, False))
    edits = await editor.client.text_document_formatting_async(params)
    assert edits is not None
    formatted = editor.changed(uri, edits)
    assert "request.cost otherwise 0;\r\n" in formatted
    assert formatted.count("\n") == formatted.count("\r\n")


async def test_an_untitled_text(editor: Editor) -> None:
    uri = editor.open("untitled:Untitled-1", 'import helpdesk;\naction A on case < update case set tilte = "x" >')
    (found,) = await editor.problems(uri, bool)
    assert found.message.splitlines()[0] == "case has no column tilte."
    editor.replace(uri, "tilte", "title")
    await editor.problems(uri, lambda found: not found)
    told = await editor.client.text_document_hover_async(editor.at(lsp.HoverParams, uri, "ti|tle"))
    assert told is not None
    editor.replace(uri, "title", "titel")
    await editor.problems(uri, bool)
    editor.close(uri)
    await editor.problems(uri, lambda found: not found)


async def test_a_file_outside_of_all_folders_and_what_it_imports(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "base.act").write_text("table thing < name text required >")
    (tmp_path / "elsewhere.act").write_text("table thing < name text >")
    path = tmp_path / "verbs.act"
    uri = editor.open(path.as_uri(), 'import "base.act"; action A on thing < update thing set nam = "x" >')
    assert messages(await editor.problems(uri, bool)) == ["thing has no column nam."]


async def test_each_folder_is_a_project_of_its_own(editor: Editor, other: Path) -> None:
    first, second = editor.open("desk.act"), editor.open((other / "desk.act").as_uri(), "table other < name text;; >")
    await editor.problems(first, lambda found: not found)
    symbols = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("other"))
    assert symbols is not None
    assert [each.location.uri for each in symbols] == [second]
    removed = [lsp.WorkspaceFolder(other.as_uri(), "second")]
    event = lsp.WorkspaceFoldersChangeEvent(added=[], removed=removed)
    editor.client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event))
    editor.close(second)
    symbols = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("other"))
    assert symbols is not None
    assert list(symbols) == []


async def test_files_that_appear_change_and_go(editor: Editor) -> None:
    uri = editor.open("more.act", 'import "late.act"; action A on late < update late set name = "x" >')
    assert messages(await editor.problems(uri, bool)) == ["There is no file late.act."]
    editor.write("late.act", "table late < name text >")
    say_changed(editor, "late.act")
    await editor.problems(uri, lambda found: not found)
    editor.write("late.act", "table late < nome text >")
    say_changed(editor, "late.act")
    assert messages(await editor.problems(uri, bool)) == ["late has no column name."]
    (editor.folder / "late.act").unlink()
    say_changed(editor, "late.act")
    assert messages(await editor.problems(uri, lambda found: bool(found) and "file" in found[0].message)) == [
        "There is no file late.act."
    ]


async def test_a_file_that_is_no_text(editor: Editor) -> None:
    (editor.folder / "bad.act").write_bytes(b"table x < \xff >")
    say_changed(editor, "bad.act")
    assert messages(await editor.problems(editor.uri("bad.act"), bool)) == [
        "bad.act is not UTF-8 text: line 1 has the byte 0xFF."
    ]
    (editor.folder / "bad.act").unlink()
    say_changed(editor, "bad.act")
    await editor.problems(editor.uri("bad.act"), lambda found: not found)


async def test_a_project_file_that_is_wrong(editor: Editor) -> None:
    editor.write("actionlang.toml", "sources = 3")
    say_changed(editor, "actionlang.toml")
    (found,) = await editor.problems(editor.uri("actionlang.toml"), bool)
    assert "must list folders under sources" in found.message
    editor.write("actionlang.toml", 'sources = ["."]')
    say_changed(editor, "actionlang.toml")
    await editor.problems(editor.uri("actionlang.toml"), lambda found: not found)


async def test_what_the_project_says_of_lints_counts(editor: Editor) -> None:
    uri = editor.open("more.act", "action A < let unused = 1; >")
    (found,) = await editor.problems(uri, lambda found: len(found) == 1)
    assert (found.severity, found.code) == (lsp.DiagnosticSeverity.Warning, "unused-name")
    assert found.tags == (lsp.DiagnosticTag.Unnecessary,)
    for level, want in (("deny", [lsp.DiagnosticSeverity.Error]), ("off", [])):
        editor.write("actionlang.toml", f'[lints]\nunused-name = "{level}"')
        say_changed(editor, "actionlang.toml")
        await editor.problems(uri, lambda found, want=want: [each.severity for each in found] == want)  # type: ignore[misc]


async def test_scripts_that_import_each_other(editor: Editor) -> None:
    first = editor.open("first.act", 'import "second.act"; table a < name text >')
    second = editor.open("second.act", "table b < name text >")
    await editor.problems(second, lambda found: not found)
    editor.replace(second, "table b", 'import "first.act"; table b')
    circle = "These modules import each other: "
    await editor.problems(second, lambda found: any(each.message.startswith(circle) for each in found))
    editor.replace(second, 'import "first.act"; ', "")
    await editor.problems(second, lambda found: not found)
    await editor.problems(first, lambda found: not any(each.message.startswith(circle) for each in found))


@pytest.mark.parametrize(
    ("around", "why"),
    [
        (
            "action Esca|late",
            (
                "Whoever calls Escalate from outside the scripts, or has a plan of it, knows it by this name. Mark it private if "
                "nobody does; or add a verb of the new name that it performs, and mark it deprecated."
            ),
        ),
        (
            "(rea|son text",
            (
                "Whoever calls Escalate from outside the scripts gives reason by this name. Mark the verb private if nobody does; or "
                "add a parameter of the new name beside it."
            ),
        ),
        (
            "(le|ft integer",
            (
                "Whoever calls Escalate from outside the scripts reads left by this name. Mark the verb private if nobody does; or add "
                "an output of the new name beside it."
            ),
        ),
        (
            "hi|gh = 3",
            (
                "Stored rows, and callers from outside the scripts, know the member high by this name. Add a member of the new name "
                "instead, and give the rows that one."
            ),
        ),
    ],
)
async def test_an_editor_that_can_not_ask_first_renames_no_contract(editor: Editor, around: str, why: str) -> None:
    uri = editor.open("desk.act")
    with pytest.raises(JsonRpcException) as caught:
        await editor.client.text_document_rename_async(editor.at(lsp.RenameParams, uri, around, new_name="other"))
    assert caught.value.message == why


async def test_a_request_that_is_cancelled_is_answered_with_that(editor: Editor) -> None:
    uri = editor.open("tests.act")
    for number in range(40):
        editor.write(f"more{number}.act", DESK)
    say_changed(editor, *(f"more{number}.act" for number in range(40)))
    params = editor.at(
        lsp.ReferenceParams, uri, "perform Esc|alate", context=lsp.ReferenceContext(include_declaration=True)
    )
    answer = editor.client.protocol.send_request("textDocument/references", params)
    numbers = [id_ for id_, future in editor.client.protocol._request_futures.items() if future is answer]
    editor.client.protocol.notify("$/cancelRequest", lsp.CancelParams(numbers[0]))
    with pytest.raises(JsonRpcException, match="canceled"):
        await asyncio.wrap_future(answer)
    assert await editor.client.text_document_references_async(params)


async def test_what_is_no_message_is_survived(editor: Editor) -> None:
    uri = editor.open("desk.act")
    unknown = lsp.TextDocumentIdentifier(editor.uri("nowhere.act"))
    assert await editor.client.text_document_hover_async(lsp.HoverParams(unknown, lsp.Position(0, 0))) is None
    far = lsp.HoverParams(lsp.TextDocumentIdentifier(uri), lsp.Position(10_000, 10_000))
    assert await editor.client.text_document_hover_async(far) is None
    editor.client.text_document_did_change(
        lsp.DidChangeTextDocumentParams(
            lsp.VersionedTextDocumentIdentifier(2, unknown.uri), [lsp.TextDocumentContentChangeWholeDocument("x")]
        )
    )
    params = lsp.ExecuteCommandParams("actionlang.runTest", [unknown.uri])
    with pytest.raises(JsonRpcException, match="is not open"):
        await editor.client.workspace_execute_command_async(params)
    with pytest.raises(JsonRpcException, match="not defined"):
        await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams("actionlang.nothing"))
    assert not editor.client.messages
