"""What the server answers about a small project, over standard input and output."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.lsp.semantic_tokens import TYPES
from tests.lsp.editor import CONFIG, DESK, TESTS, VS_CODE, Editor, started

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_lsp.fixture(config=CONFIG, scope="module")  # type: ignore[untyped-decorator]
async def client(client: LanguageClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """A client with a server of its own."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "actionlang.toml").write_text("")
    (folder / "desk.act").write_text(DESK)
    (folder / "tests.act").write_text(TESTS)
    client.desk = await started(client, VS_CODE, folder)  # type: ignore[attr-defined]
    yield
    await client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    """The editor, with both scripts open as they were."""
    editor: Editor = client.desk  # type: ignore[attr-defined]
    for name, text in (("desk.act", DESK), ("tests.act", TESTS)):
        uri = editor.uri(name)
        if uri not in editor.texts:
            editor.open(name)
        elif editor.texts[uri] != text:
            editor.replace(uri, editor.texts[uri], text)
    return editor


@pytest.fixture
def desk(editor: Editor) -> str:
    """The script with tables and verbs."""
    return editor.uri("desk.act")


@pytest.fixture
def tests(editor: Editor) -> str:
    """The script with tests."""
    return editor.uri("tests.act")


async def hovered(editor: Editor, uri: str, around: str) -> str:
    """What is shown at a place."""
    found = await editor.client.text_document_hover_async(editor.at(lsp.HoverParams, uri, around))
    assert found is not None
    assert isinstance(found.contents, lsp.MarkupContent)
    return found.contents.value


# --------------------------------------------------------------------------------------------------------------- hover


async def test_hover_tells_contract_documentation_effects_and_needs(editor: Editor, tests: str) -> None:
    assert await hovered(editor, tests, "perform Esc|alate(") == (
        "```actionlang\n"
        "action Escalate on request (reason text, days integer default 2) returns (left integer)\n"
        "```\n\n"
        "Put a request before the others.\n\n"
        "- reads request (cost, title)\n"
        "- updates request (priority, title)\n\n"
        "Needs the privileges read request and update request."
    )


async def test_hover_tells_type_and_documentation_of_a_column(editor: Editor, tests: str) -> None:
    told = await hovered(editor, tests, "r.tit|le")
    assert told == "```actionlang\nrequest.title text(200) required\n```\n\nIn a few words."


async def test_hover_tells_the_inferred_type(editor: Editor, desk: str) -> None:
    assert await hovered(editor, desk, "let co|sts") == "```actionlang\ncosts decimal\n```"


async def test_hover_tells_what_to_do_instead_of_giving_a_deprecated_parameter(editor: Editor, desk: str) -> None:
    editor.replace(
        desk, "days integer default 2", 'days integer default 2 deprecated "Say when." until date "2030-12-31"'
    )
    told = await hovered(editor, desk, "da|ys integer")
    assert "**Deprecated**: Say when. It is kept until 2030-12-31." in told


async def test_hover_tells_where_a_state_can_move(editor: Editor, desk: str) -> None:
    told = await hovered(editor, desk, "< op|en")
    assert told == "```actionlang\nstatus.open\n```\n\nA request moves from here to done."


@pytest.mark.parametrize(
    ("around", "part"),
    [
        ("title    te|xt(200)", "Text. With a size"),
        ("priority Prior|ity", "choice Priority < low = 1; normal = 2; high = 3 >"),
        ("(rea|son text", "Escalate takes it."),
        ("on requ|est (reason", "table request"),
    ],
)
async def test_hover_of_other_names(editor: Editor, desk: str, around: str, part: str) -> None:
    assert part in await hovered(editor, desk, around)


async def test_nothing_is_shown_where_nothing_is(editor: Editor, desk: str) -> None:
    assert (
        await editor.client.text_document_hover_async(editor.at(lsp.HoverParams, desk, "action Escalate o|n")) is None
    )


# ---------------------------------------------------------------------------------------------------------- navigation


async def declared(editor: Editor, uri: str, around: str) -> list[str]:
    """What stands where the name at a place is declared, each with the name of its file."""
    found = await editor.client.text_document_definition_async(editor.at(lsp.DefinitionParams, uri, around))
    assert isinstance(found, list)
    return [f"{each.uri.rpartition('/')[2]}: {editor.text_at(each)}" for each in found]


@pytest.mark.parametrize(
    ("around", "place"),
    [
        ("perform Esc|alate(", "desk.act: Escalate"),
        ("(rea|son: ", "desk.act: reason"),
        ("e.le|ft", "desk.act: left"),
        ("r.prio|rity", "desk.act: priority"),
        ("= hi|gh", "desk.act: high"),
        ("create requ|est as r", "desk.act: request"),
        ("on |r as e", "tests.act: r"),
        ('import "de|sk.act"', "desk.act: "),
    ],
)
async def test_definition(editor: Editor, tests: str, around: str, place: str) -> None:
    assert await declared(editor, tests, around) == [place]


async def test_definition_in_the_standard_library_and_the_prelude(editor: Editor) -> None:
    uri = editor.open(
        "more.act",
        "action A < let day = add_workdays(today(), 1); find user; update user set name = upper(user.name) >",
    )
    try:
        assert await declared(editor, uri, "add_work|days") == ["prelude.act: add_workdays"]
        assert await declared(editor, uri, "find us|er") == ["core.act: user"]
        assert await declared(editor, uri, "user.na|me)") == ["core.act: name"]
    finally:
        editor.close(uri)


async def test_type_definition(editor: Editor, tests: str) -> None:
    found = await editor.client.text_document_type_definition_async(
        editor.at(lsp.TypeDefinitionParams, tests, "on |r as e")
    )
    assert isinstance(found, list)
    assert [editor.text_at(each) for each in found] == ["request"]


async def test_references_are_found_in_all_files(editor: Editor, desk: str) -> None:
    context = lsp.ReferenceContext(include_declaration=True)
    found = await editor.client.text_document_references_async(
        editor.at(lsp.ReferenceParams, desk, "tit|le    text", context=context)
    )
    assert found is not None
    places = sorted((each.uri.rpartition("/")[2], each.range.start.line) for each in found)
    assert places == [
        ("desk.act", 6),
        ("desk.act", 16),
        ("desk.act", 16),
        ("tests.act", 3),
        ("tests.act", 9),
        ("tests.act", 10),
    ]
    context = lsp.ReferenceContext(include_declaration=False)
    found = await editor.client.text_document_references_async(
        editor.at(lsp.ReferenceParams, desk, "tit|le    text", context=context)
    )
    assert found is not None
    assert len(found) == 5


async def test_highlights(editor: Editor, desk: str) -> None:
    found = await editor.client.text_document_document_highlight_async(
        editor.at(lsp.DocumentHighlightParams, desk, "(cos|ts > 100)")
    )
    assert found is not None
    assert [(each.range.start.line, each.kind) for each in found] == [
        (14, lsp.DocumentHighlightKind.Write),
        (15, lsp.DocumentHighlightKind.Read),
    ]


# ---------------------------------------------------------------------------------------------------- while one types


async def completed(editor: Editor, uri: str, around: str) -> list[str]:
    """What could stand at a place."""
    found = await editor.client.text_document_completion_async(editor.at(lsp.CompletionParams, uri, around))
    assert isinstance(found, lsp.CompletionList)
    return [each.label for each in found.items]


async def test_completion_of_columns_and_of_members(editor: Editor, desk: str) -> None:
    editor.replace(desk, "return left", "update request set ;\n  return left")
    assert await completed(editor, desk, "set |;") == ["number", "title", "priority", "cost"]
    editor.replace(desk, "set ;", "set priority = ;")
    assert (await completed(editor, desk, "priority = |;"))[:3] == ["low", "normal", "high"]
    editor.replace(desk, "set priority = ;", "set priority = hi;")
    found = await editor.client.text_document_completion_async(
        editor.at(lsp.CompletionParams, desk, "set priority = hi|;")
    )
    assert isinstance(found, lsp.CompletionList)
    assert [each.label for each in found.items] == ["high"]
    edit = found.items[0].text_edit
    assert isinstance(edit, lsp.TextEdit)
    assert "set priority = high;" in editor.changed(desk, [edit])


async def test_completion_behind_a_mistake(editor: Editor, tests: str) -> None:
    editor.replace(tests, 'perform Escalate(reason: "smoke") on r as e;', "let x = ; perform ")
    assert "Escalate" in await completed(editor, tests, "let x = ; perform |")
    editor.replace(tests, "perform ", "perform Escalate(")
    assert (await completed(editor, tests, "perform Escalate(|"))[:2] == ["reason:", "days:"]


async def test_completion_of_what_can_be_imported(editor: Editor, tests: str) -> None:
    editor.replace(tests, 'import "desk.act";', "import ")
    assert await completed(editor, tests, "import |") == [
        "approval",
        "core",
        "helpdesk",
        "parties",
        "sales",
        "scheduling",
    ]


async def test_completion_in_a_text_offers_nothing(editor: Editor, desk: str) -> None:
    params = editor.at(lsp.CompletionParams, desk, '"Urgent: |')
    assert await editor.client.text_document_completion_async(params) is None


async def signature(editor: Editor, uri: str, around: str) -> tuple[str, int | None]:
    """What a call takes at a place, and which argument is typed."""
    found = await editor.client.text_document_signature_help_async(editor.at(lsp.SignatureHelpParams, uri, around))
    assert found is not None
    return found.signatures[found.active_signature or 0].label, found.active_parameter


async def test_signature_help(editor: Editor, tests: str) -> None:
    line = "Escalate(reason text, days integer default 2) on request returns (left integer)"
    assert await signature(editor, tests, "perform Escalate(|reason") == (line, 0)
    editor.replace(tests, '(reason: "smoke")', "(days: ")
    assert await signature(editor, tests, "(days: |") == (line, 1)
    editor.replace(tests, "(days: ", '(reason: left("smoke", ')
    assert await signature(editor, tests, 'left("smoke", |') == ("left(value text, count integer) returns text", 1)
    editor.replace(tests, '(reason: left("smoke", ', "(days: count(")
    assert (await signature(editor, tests, "count(|"))[0] == "count(TABLE where (...)) integer"
    editor.replace(tests, "(days: count(", "(days: request(")
    assert await signature(editor, tests, "(days: request(|") == ("request(number text(20) required key)", 0)


# -------------------------------------------------------------------------------------------------------- the whole text


async def test_document_symbols(editor: Editor, desk: str) -> None:
    params = lsp.DocumentSymbolParams(lsp.TextDocumentIdentifier(desk))
    found = await editor.client.text_document_document_symbol_async(params)
    assert found is not None
    told = [(each.name, [inner.name for inner in each.children or ()]) for each in found]  # type: ignore[union-attr]
    assert told == [
        ("Priority", ["low", "normal", "high"]),
        ("request", ["number", "title", "priority", "cost", "status"]),
        ("Escalate", ["reason", "days", "left"]),
    ]


async def test_workspace_symbols(editor: Editor) -> None:
    found = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("esc"))
    assert found is not None
    assert [(each.name, each.container_name) for each in found] == [("Escalate", "desk")]
    found = await editor.client.workspace_symbol_async(lsp.WorkspaceSymbolParams("test"))
    assert found is not None
    assert {each.name for each in found} >= {'test "an urgent request"', 'test "one that fails"'}


async def test_folding(editor: Editor, desk: str) -> None:
    params = lsp.FoldingRangeParams(lsp.TextDocumentIdentifier(desk))
    found = await editor.client.text_document_folding_range_async(params)
    assert found is not None
    assert sorted((each.start_line, each.end_line) for each in found) == [(3, 9), (13, 17)]


async def test_selection_ranges(editor: Editor, desk: str) -> None:
    params = lsp.SelectionRangeParams(lsp.TextDocumentIdentifier(desk), [editor.place(desk, "let co|sts")])
    found = await editor.client.text_document_selection_range_async(params)
    assert found is not None
    widths = []
    each: lsp.SelectionRange | None = found[0]
    while each is not None:
        widths.append(editor.text_at(lsp.Location(desk, each.range)))
        each = each.parent
    assert widths[0] == "costs"
    assert widths[1] == "let costs = request.cost otherwise 0"
    assert widths[-1] == editor.texts[desk]


async def test_semantic_tokens(editor: Editor, desk: str) -> None:
    params = lsp.SemanticTokensParams(lsp.TextDocumentIdentifier(desk))
    found = await editor.client.text_document_semantic_tokens_full_async(params)
    assert found is not None
    words = decoded(editor, desk, found)
    assert words[:4] == [("choice", "keyword"), ("Priority", "enum"), ("low", "enumMember"), ("1", "number")]
    assert {
        ("## What somebody asked for.", "comment"),
        ("request", "struct"),
        ("title", "property"),
        ("text", "type"),
        ("Escalate", "method"),
        ("reason", "parameter"),
        ("costs", "variable"),
        ("request", "variable"),
        ('"Urgent: {', "string"),
        ("left", "property"),
    } <= set(words)
    part = lsp.SemanticTokensRangeParams(
        lsp.TextDocumentIdentifier(desk), lsp.Range(lsp.Position(14, 0), lsp.Position(14, 40))
    )
    found = await editor.client.text_document_semantic_tokens_range_async(part)
    assert found is not None
    assert [word for word, _ in decoded(editor, desk, found)] == ["let", "costs", "request", "cost", "otherwise", "0"]


def decoded(editor: Editor, uri: str, tokens: lsp.SemanticTokens) -> list[tuple[str, str]]:
    """The words of a script, and what they were said to be."""
    words = []
    line = column = 0
    for at in range(0, len(tokens.data), 5):
        down, right, length, kind, _ = tokens.data[at : at + 5]
        line, column = line + down, right if down else column + right
        place = lsp.Range(lsp.Position(line, column), lsp.Position(line, column + length))
        words.append((editor.text_at(lsp.Location(uri, place)), TYPES[kind]))
    return words


async def test_inlay_hints(editor: Editor, desk: str) -> None:
    whole = lsp.Range(lsp.Position(0, 0), lsp.Position(99, 0))
    params = lsp.InlayHintParams(lsp.TextDocumentIdentifier(desk), whole)
    found = await editor.client.text_document_inlay_hint_async(params)
    assert found is not None
    assert [(each.position, each.label) for each in found] == [(editor.place(desk, "let costs|"), " decimal")]


async def test_formatting_changes_only_lines_that_are_not_as_they_should_be(editor: Editor, desk: str) -> None:
    params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(desk), lsp.FormattingOptions(8, False))
    edits = await editor.client.text_document_formatting_async(params)
    assert edits is not None
    formatted = editor.changed(desk, edits)
    assert formatted == format_source(Source("desk.act", DESK))
    editor.replace(desk, editor.texts[desk], formatted)
    assert not await editor.client.text_document_formatting_async(params)
    editor.replace(desk, "  let costs = ", "      let costs   = ")
    edits = await editor.client.text_document_formatting_async(params)
    assert edits is not None
    assert len(edits) == 1
    assert editor.changed(desk, edits) == formatted


async def test_what_can_not_be_read_can_not_be_formatted(editor: Editor, desk: str) -> None:
    editor.replace(desk, "let costs = ", "let = ")
    params = lsp.DocumentFormattingParams(lsp.TextDocumentIdentifier(desk), lsp.FormattingOptions(8, False))
    with pytest.raises(JsonRpcException, match=r"A script that can not be read can not be formatted: .* \(line 15\)"):
        await editor.client.text_document_formatting_async(params)


async def test_the_editor_is_told_to_ask_anew_about_scripts_that_import_the_edited_one(
    editor: Editor, desk: str, tests: str
) -> None:
    await editor.problems(tests, lambda found: not found, version=editor.versions[tests])
    before = editor.refreshed
    editor.replace(desk, "returns (left integer)", "returns (left integer optional)")
    await editor.until(lambda: editor.refreshed > before)


async def test_the_editor_is_asked_to_watch_files(editor: Editor) -> None:
    (registration,) = editor.registered
    assert registration.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES
    options: Any = registration.register_options
    assert [each["globPattern"] for each in options["watchers"]] == [
        "**/*.act",
        "**/actionlang.toml",
        "**/actionlang.effects",
    ]


# ---------------------------------------------------------------------------------------------------------------- tests


async def run(editor: Editor, command: lsp.Command | None) -> dict[str, Any]:
    """Do what a lens offers."""
    assert command is not None
    params = lsp.ExecuteCommandParams(command.command, command.arguments)
    answer: dict[str, Any] | None = await editor.client.workspace_execute_command_async(params)
    assert answer is not None
    return answer


async def test_code_lenses_run_tests(editor: Editor, tests: str) -> None:
    lenses = await editor.client.text_document_code_lens_async(lsp.CodeLensParams(lsp.TextDocumentIdentifier(tests)))
    assert lenses is not None
    assert [(each.range.start.line, each.command.title) for each in lenses if each.command] == [
        (2, "run all tests"),
        (2, "run test"),
        (8, "run test"),
    ]
    passing, failing = lenses[1].command, lenses[2].command
    answer = await run(editor, passing)
    assert (answer["passed"], answer["failed"]) == (1, 0)
    assert editor.client.messages[-1].type is lsp.MessageType.Info
    assert editor.client.messages[-1].message.startswith('"an urgent request" passed in ')
    answer = await run(editor, failing)
    assert answer["tests"][0]["message"] == "It is a lamp."
    assert editor.client.messages[-1].message == '"one that fails" failed: It is a lamp.'
    found = await editor.problems(tests, bool)
    assert [(each.range.start.line, each.code) for each in found] == [(10, "E0701")]
    editor.replace(tests, '"Printer") else', '"Lamp") else')
    await editor.problems(tests, lambda found: not found)


async def test_a_script_with_errors_is_not_tested(editor: Editor, tests: str) -> None:
    editor.replace(tests, "r.priority = high", "r.priority = hihg")
    with pytest.raises(JsonRpcException, match=r"tests\.act has errors: mend them first, then run the test\."):
        await editor.client.workspace_execute_command_async(lsp.ExecuteCommandParams("actionlang.runTest", [tests]))
