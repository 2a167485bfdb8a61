"""Renaming and mending, over standard input and output: what is changed, what is asked about first, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.lsp.editor import CONFIG, DESK, TESTS, VS_CODE, Editor, started

pytestmark = pytest.mark.asyncio(loop_scope="module")

MORE = """\
import "desk.act";
import helpdesk;

action Settle on request (words text) returns (done text) private <
  find request as old where (old.number = request.number);
  let told = "{words} {old.title}";
  let many = count(request as each_one where each_one.title = told);
  if (exists(user where user.name = told)) < fail "There is one." >
  update request set title = told, cost = 1.5;
  return done: "{many}"
>

action Use on request < perform Settle(words: "x") on request as s; update request set title = s.done >

action Count < let n = exists(case where (case.title = "x")); require (n) >

action Tell on request < emit Told(what: request.title) >
"""


@pytest_lsp.fixture(config=CONFIG, scope="module")  # type: ignore[untyped-decorator]
async def client(client: LanguageClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """A client with a server of its own."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "actionlang.toml").write_text("")
    for name, text in (("desk.act", DESK), ("tests.act", TESTS), ("more.act", MORE)):
        (folder / name).write_text(text)
    client.desk = await started(client, VS_CODE, folder)  # type: ignore[attr-defined]
    yield
    await client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    """The editor, with one script open that imports the others."""
    editor: Editor = client.desk  # type: ignore[attr-defined]
    if editor.uri("more.act") not in editor.texts:
        editor.open("more.act")
    return editor


@pytest.fixture
def more(editor: Editor) -> str:
    """The script that is open."""
    uri = editor.uri("more.act")
    if editor.texts[uri] != MORE:
        editor.replace(uri, editor.texts[uri], MORE)
    return uri


async def test_nothing_is_wrong_with_the_scripts(editor: Editor, more: str) -> None:
    await editor.problems(more, lambda found: not found)


async def renamed(editor: Editor, uri: str, around: str, new: str) -> dict[str, str]:
    """The texts that a rename changes, by the names of their files."""
    edit = await editor.client.text_document_rename_async(editor.at(lsp.RenameParams, uri, around, new_name=new))
    assert edit is not None
    assert edit.change_annotations is None
    return {name.rpartition("/")[2]: text for name, text in editor.applied(edit).items()}


async def refused(editor: Editor, uri: str, around: str, new: str) -> str:
    """Why a rename is refused."""
    with pytest.raises(JsonRpcException) as caught:
        await editor.client.text_document_rename_async(editor.at(lsp.RenameParams, uri, around, new_name=new))
    assert caught.value.code == lsp.LSPErrorCodes.RequestFailed
    return caught.value.message


# ------------------------------------------------------------------------------------------------------- what is changed


async def test_a_value_is_renamed_where_it_is_used(editor: Editor, more: str) -> None:
    assert await renamed(editor, more, "title = to|ld, cost", "words_told") == {
        "more.act": MORE.replace("told", "words_told")
    }


async def test_a_column_is_renamed_in_all_files_and_keeps_where_it_is_stored(editor: Editor, more: str) -> None:
    new = await renamed(editor, more, "old.ti|tle", "headline")
    assert new["tests.act"] == TESTS.replace("title", "headline")
    assert new["more.act"] == MORE.replace("case.title", "case.TITLE").replace("title", "headline").replace(
        "TITLE", "title"
    )
    assert '  headline    text(200) required stored as "title";\n' in new["desk.act"]
    assert 'set headline = "Urgent: {request.headline} ({reason})"' in new["desk.act"]


async def test_rows_named_after_a_table_are_renamed_with_it(editor: Editor, more: str) -> None:
    new = await renamed(editor, more, "Settle on requ|est", "wish")
    assert 'table wish "Request" stored as "request" <' in new["desk.act"]
    assert "let costs = wish.cost otherwise 0;" in new["desk.act"]
    assert 'update wish set title = "Urgent: {wish.title} ({reason})"' in new["desk.act"]
    assert "request" not in new["more.act"]
    assert new["tests.act"] == TESTS.replace("create request", "create wish")


async def test_a_row_named_after_its_table_gets_a_name_of_its_own(editor: Editor, more: str) -> None:
    editor.replace(more, "find request as old where (old.number = request.number);", "find user;")
    editor.replace(more, "{old.title}", "{user.name}")
    editor.replace(more, "exists(user where user.name = told)", "told = user.name")
    before = editor.texts[more]
    new = await renamed(editor, more, "told = us|er.name", "someone")
    assert new == {
        "more.act": before.replace("find user;", "find user as someone;").replace("user.name", "someone.name")
    }


async def test_names_of_a_private_verb_are_nobody_elses(editor: Editor, more: str) -> None:
    assert await renamed(editor, more, "perform Set|tle", "Close") == {"more.act": MORE.replace("Settle", "Close")}
    new = await renamed(editor, more, "(wor|ds: ", "text_of_it")
    assert new == {"more.act": MORE.replace("words", "text_of_it")}
    new = await renamed(editor, more, "s.do|ne", "outcome")
    assert new == {"more.act": MORE.replace("done", "outcome")}


async def test_a_name_that_needs_backticks(editor: Editor, more: str) -> None:
    new = await renamed(editor, more, "let to|ld", "`what was told`")
    assert new == {"more.act": MORE.replace("told", "`what was told`")}


async def test_a_choice(editor: Editor, more: str) -> None:
    desk = editor.open("desk.act")
    try:
        new = await renamed(editor, desk, "choice Prior|ity", "Urgency")
        assert new == {"desk.act": DESK.replace("Priority", "Urgency")}
    finally:
        editor.close(desk)


async def test_the_place_that_is_renamed(editor: Editor, more: str) -> None:
    params = editor.at(lsp.PrepareRenameParams, more, "title = to|ld, cost")
    found = await editor.client.text_document_prepare_rename_async(params)
    assert isinstance(found, lsp.PrepareRenamePlaceholder)
    assert found.placeholder == "told"
    assert editor.text_at(lsp.Location(more, found.range)) == "told"


@pytest.mark.parametrize(
    ("around", "told"),
    [
        (
            "emit To|ld",
            "```actionlang\nevent more.Told\n```\n\nWhat a verb says to those who subscribed to it, once its run is kept.",
        ),
        ("wha|t: request", "```actionlang\nwhat text(200)\n```\n\nWhat `more.Told` carries."),
    ],
)
async def test_hover_of_an_event(editor: Editor, more: str, around: str, told: str) -> None:
    found = await editor.client.text_document_hover_async(editor.at(lsp.HoverParams, more, around))
    assert found is not None
    assert isinstance(found.contents, lsp.MarkupContent)
    assert found.contents.value == told


# ---------------------------------------------------------------------------------------------- what is asked about first


@pytest.mark.parametrize(
    ("around", "new", "warning"),
    [
        (
            "action Us|e on",
            "Apply",
            "Whoever calls Use from outside the scripts, or has a plan of it, knows it by this name.",
        ),
    ],
)
async def test_what_callers_know_is_asked_about(editor: Editor, more: str, around: str, new: str, warning: str) -> None:
    edit = await editor.client.text_document_rename_async(editor.at(lsp.RenameParams, more, around, new_name=new))
    assert edit is not None
    assert edit.change_annotations == {"contract": lsp.ChangeAnnotation("This changes a contract", True, warning)}
    assert editor.applied(edit)[more] == MORE.replace("action Use", "action Apply")


# ------------------------------------------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("around", "new", "why"),
    [
        (
            "let to|ld",
            "many",
            "That would not do: The name many is taken: names are bound once and never changed. (more.act, line 7)",
        ),
        (
            "let to|ld",
            "words",
            "That would not do: The name words is taken: names are bound once and never changed. (more.act, line 6)",
        ),
        (
            "let to|ld",
            "two words",
            "'two words' is no name: a name has letters, digits and _; any other one is written in backticks.",
        ),
        (
            "let to|ld",
            "1st",
            "'1st' is no name: a name has letters, digits and _; any other one is written in backticks.",
        ),
        ("old.ti|tle", "number", "There is a column number already."),
        ("action Set|tle", "Escalate", "There is a verb Escalate already."),
        ("Settle on requ|est", "case", "That would not do: Two imports bring a table named case. (more.act, line 4)"),
        ("where (case.ti|tle", "headline", "title belongs to the standard library and keeps its name."),
        ("user.na|me", "called", "name belongs to the standard library and keeps its name."),
        ("update requ|est set title = to", "r", "This row is named after its table request: rename the table instead."),
        ("= cou|nt(", "r", "count is a word of the language and keeps its name."),
        ("emit To|ld", "Said", "Told is what subscribers know an event by and keeps its name."),
        ("wha|t: request", "title", "what is what subscribers read in an event and keeps its name."),
        ("impo|rt helpdesk", "r", "There is no name here that could be changed."),
    ],
)
async def test_refusals(editor: Editor, more: str, around: str, new: str, why: str) -> None:
    assert await refused(editor, more, around, new) == why


async def test_a_name_that_would_mean_something_else(editor: Editor, more: str) -> None:
    editor.replace(more, "let told = ", "let high = ")
    editor.replace(more, "each_one.title = told", "each_one.title = high")
    editor.replace(more, "user.name = told", "user.name = high")
    editor.replace(more, "title = told, cost = 1.5", "title = high, priority = low")
    assert await renamed(editor, more, "let hi|gh", "tall")
    why = await refused(editor, more, "let hi|gh", "low")
    assert why.startswith("That would not do: low is a member of Priority, and a value here is called so too.")


# ---------------------------------------------------------------------------------------------------------- code actions


async def actions(editor: Editor, uri: str, around: str, only: list[str] | None = None) -> list[lsp.CodeAction]:
    """What mends the problems at a place."""
    place = editor.place(uri, around)
    params = lsp.CodeActionParams(
        lsp.TextDocumentIdentifier(uri), lsp.Range(place, place), lsp.CodeActionContext([], only)
    )
    found = await editor.client.text_document_code_action_async(params)
    return [each for each in found or () if isinstance(each, lsp.CodeAction)]


@pytest.mark.parametrize(
    ("right", "wrong", "title"),
    [
        ("old.title", "old.titel", "Write title"),
        ("perform Settle", "perform Setle", "Write Settle"),
        ("s.done", "s.don", "Write done"),
        ("find request", "find reqest", "Write request"),
        ("(words: ", "(word: ", "Write words"),
        ("set title", "set titl", "Write title"),
        ("= count(", "= cont(", "Write count"),
        ("{many}", "{mani}", "Write many"),
    ],
)
async def test_a_misspelt_name_is_mended(editor: Editor, more: str, right: str, wrong: str, title: str) -> None:
    editor.replace(more, right, wrong)
    (action,) = [each for each in await actions(editor, more, f"{wrong[:-2]}|{wrong[-2:]}") if each.title == title]
    assert action.is_preferred
    assert action.kind == lsp.CodeActionKind.QuickFix
    assert action.edit is not None
    assert editor.applied(action.edit) == {more: MORE}


async def test_safe_fixes_are_made_all_at_once(editor: Editor, more: str) -> None:
    editor.replace(more, "let many", "let unused = 1;\n  let many")
    editor.replace(more, "let told", "let unused_too = 2;\n  let told")
    (action,) = await actions(editor, more, "let un|used", ["source.fixAll"])
    assert action.edit is not None
    assert editor.applied(action.edit)[more] == MORE
