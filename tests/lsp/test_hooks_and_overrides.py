"""What the server knows of hooks, overrides and what is inherited, over standard input and output."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

from tests.lsp.editor import CONFIG, VS_CODE, Editor, started

pytestmark = pytest.mark.asyncio(loop_scope="module")

BASE = """\
table item < number text(20) required key; title text(200); size integer >

## Give an item another title.
action Name on item (title text, times integer default 1) returns (was text optional) <
  let before = item.title;
  update item set title = "{title} {times}";
  return was: before;
>
"""
ABOVE = """\
import "base.act";

override action Name on item (title text, times integer default 1) returns (was text optional) <
  inherited(title: title, times: times) as done;
  return was: done.was;
>

on after perform of Name < require (title != "" and was != "") >

on after update of item (title) < update item set size = length(item.title otherwise "") >
"""


@pytest_lsp.fixture(config=CONFIG, scope="module")  # type: ignore[untyped-decorator]
async def client(client: LanguageClient, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[None]:
    """A client with a server of its own."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "actionlang.toml").write_text("")
    (folder / "base.act").write_text(BASE)
    (folder / "above.act").write_text(ABOVE)
    client.desk = await started(client, VS_CODE, folder)  # type: ignore[attr-defined]
    yield
    await client.shutdown_session()


@pytest.fixture
def editor(client: LanguageClient) -> Editor:
    """The editor, with both scripts open as they were."""
    editor: Editor = client.desk  # type: ignore[attr-defined]
    for name, text in (("base.act", BASE), ("above.act", ABOVE)):
        uri = editor.uri(name)
        if uri not in editor.texts:
            editor.open(name)
        elif editor.texts[uri] != text:
            editor.replace(uri, editor.texts[uri], text)
    return editor


@pytest.fixture
def above(editor: Editor) -> str:
    """The script with the override and the hooks."""
    return editor.uri("above.act")


@pytest.mark.parametrize("around", ["inher|ited(", "override action Na|me", "perform of Na|me"])
async def test_the_way_to_the_verb(editor: Editor, above: str, around: str) -> None:
    found = await editor.client.text_document_definition_async(editor.at(lsp.DefinitionParams, above, around))
    assert isinstance(found, list)
    assert [(each.uri, editor.text_at(each)) for each in found] == [(editor.uri("base.act"), "Name")]
    told = await editor.client.text_document_hover_async(editor.at(lsp.HoverParams, above, around))
    assert told is not None
    assert isinstance(told.contents, lsp.MarkupContent)
    assert "Give an item another title." in told.contents.value


async def test_what_a_hook_on_a_verb_sees_leads_to_the_verb(editor: Editor, above: str) -> None:
    for around, name in (("(ti|tle != ", "title"), ("and w|as != ", "was")):
        found = await editor.client.text_document_definition_async(editor.at(lsp.DefinitionParams, above, around))
        assert isinstance(found, list)
        assert editor.uri("base.act") in [each.uri for each in found]
        assert {editor.text_at(each) for each in found} == {name}


async def test_what_inherited_takes(editor: Editor, above: str) -> None:
    editor.replace(above, "(title: title, times: times)", "(title: title, ")
    found = await editor.client.text_document_signature_help_async(
        editor.at(lsp.SignatureHelpParams, above, "inherited(title: title, |")
    )
    assert found is not None
    assert found.signatures[0].label == "Name(title text, times integer default 1) on item returns (was text optional)"
    assert found.active_parameter == 1


async def test_what_can_be_hooked(editor: Editor, above: str) -> None:
    editor.replace(above, "perform of Name", "perform of ")
    found = await editor.client.text_document_completion_async(editor.at(lsp.CompletionParams, above, "perform of | <"))
    assert isinstance(found, lsp.CompletionList)
    assert "Name" in [each.label for each in found.items]
    assert "item" not in [each.label for each in found.items]


async def test_a_verb_is_renamed_in_its_overrides_and_hooks(editor: Editor, above: str) -> None:
    base = editor.uri("base.act")
    edit = await editor.client.text_document_rename_async(
        editor.at(lsp.RenameParams, base, "action Na|me", new_name="Call")
    )
    assert edit is not None
    assert editor.applied(edit) == {base: BASE.replace("Name", "Call"), above: ABOVE.replace("Name", "Call")}


async def test_a_parameter_is_renamed_with_those_of_its_overrides(editor: Editor, above: str) -> None:
    base = editor.uri("base.act")
    edit = await editor.client.text_document_rename_async(
        editor.at(lsp.RenameParams, base, "text, tim|es", new_name="often")
    )
    assert edit is not None
    assert editor.applied(edit) == {base: BASE.replace("times", "often"), above: ABOVE.replace("times", "often")}


async def test_inherited_keeps_its_name(editor: Editor, above: str) -> None:
    with pytest.raises(JsonRpcException) as caught:
        await editor.client.text_document_rename_async(
            editor.at(lsp.RenameParams, above, "inher|ited(", new_name="other")
        )
    assert caught.value.message == "inherited is a word of the language and keeps its name."


async def test_what_scripts_do_to_each_other_is_told_and_taken_back(editor: Editor, above: str) -> None:
    await editor.problems(above, lambda found: not found)
    editor.replace(above, "set size = ", "set title = item.title, size = ")
    (found,) = await editor.problems(above, lambda found: len(found) == 1)
    assert (found.code, found.message.partition("\n")[0]) == (
        "E0524",
        "after update of item sets off itself, so it might never end.",
    )
    editor.replace(above, "set title = item.title, size = ", "set size = ")
    await editor.problems(above, lambda found: not found)


async def test_what_a_hook_does_to_a_verb_of_another_script_is_told_there(editor: Editor, above: str) -> None:
    base = editor.uri("base.act")
    editor.replace(base, "let before = item.title;", 'require (item.size is not empty); let before = "{item.size}";')
    editor.replace(base, "return was: before;", 'return was: "{before} {item.size}";')
    (found,) = await editor.problems(base, lambda found: len(found) == 1)
    assert found.code == "E0526"
    assert "With the hook after update of item in this program: item.size may be empty" in found.message
