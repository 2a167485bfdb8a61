"""docs/reference/standard-library.md, made from stdlib/*.act: what each module declares, in its own words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from actionlang.check.program import PRELUDE, CheckedModule
from actionlang.compile.modules import Loader
from actionlang.compile.standard import standard_modules
from actionlang.plan.expression_text import short
from actionlang.plan.plan import Effects, Verb
from actionlang.syntax import ast
from actionlang.syntax.parser import parse

HEAD = """# Standard library

Tables and verbs that a company would start from, to use as they are and to read. `import helpdesk;` brings a module in; `core` is
there without. The [functions](prelude.md) have a page of their own. `actionlang explain helpdesk.Escalate` shows a verb's steps.

This page is made from [stdlib](../../stdlib/) by `python -m website pages`; change the scripts, not this page.

"""

ORDER = ("core", "parties", "helpdesk", "sales", "approval", "scheduling")


def page() -> str:
    """The page as it should be."""
    loader = Loader(Path("/nowhere"))
    for name in standard_modules():
        loader.load_standard(name)
    names = sorted(
        set(loader.checked) - {PRELUDE}, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name)
    )
    contents = " · ".join(f"[{name}](#{name})" for name in names)
    return "".join([HEAD, contents, "\n", *(part for name in names for part in _module(loader.checked[name]))])


def _module(checked: CheckedModule) -> Iterator[str]:
    module = parse(checked.source).module
    yield f"\n## {checked.name}\n\n{_intro(module)}\n"
    imports = [each.target for each in module.declarations if isinstance(each, ast.Import)]
    if imports:
        yield f"\nImports {', '.join(f'[{name}](#{name})' for name in imports)}.\n"
    tables = [each for each in module.declarations if isinstance(each, ast.Choice | ast.Table)]
    if tables:
        yield f"\n### Tables of {checked.name}\n"
    for declared in tables:
        doc = f"\n{_one_line(declared.doc)}\n" if isinstance(declared, ast.Table) and declared.doc else ""
        yield f"\n#### {declared.name.text}\n{doc}\n```act shown\n{_text(declared, checked)}\n```\n"
    verbs = [each for each in module.declarations if isinstance(each, ast.Action)]
    if verbs:
        yield f"\n### Verbs of {checked.name}\n"
    for verb in verbs:
        yield from _verb(verb, checked)


def _verb(declared: ast.Action, checked: CheckedModule) -> Iterator[str]:
    verb = checked.verbs[f"{checked.name}.{declared.name.text}"]
    if verb.private:
        return
    yield f"\n#### {verb.name.rpartition('.')[2]}\n\n{_one_line(declared.doc)}\n"
    yield f"\n```act shown\n{_contract(declared, checked)}\n```\n\n"
    yield f"{_effects(verb)}\n"


def _contract(declared: ast.Action, checked: CheckedModule) -> str:
    """What stands before the steps."""
    end = declared.body.start if declared.body is not None else declared.end
    return checked.source.text[declared.start : end].rstrip()


def _text(declared: ast.Declaration, checked: CheckedModule) -> str:
    return checked.source.text[declared.start : declared.end]


def _effects(verb: Verb) -> str:
    """What a verb does to which tables, in a sentence for each kind."""
    effects = verb.effects
    sentences = [
        _sentence("Creates", effects.creates),
        _sentence("Changes", [f"{table}|{', '.join(columns)}" for table, columns in effects.updates]),
        _sentence("Moves", [table for table, _ in effects.moves]),
        _sentence("Assigns", [table for table, _ in effects.assigns]),
        _sentence("Deletes", effects.deletes),
        _sentence("Performs", effects.performs),
    ]
    told = " ".join(sentence for sentence in sentences if sentence)
    return told or ("Changes nothing." if effects.writes_nothing else _only_reads(effects))


def _only_reads(effects: Effects) -> str:
    return _sentence("Reads", [table for table, _ in effects.reads])


def _sentence(word: str, items: Iterable[str]) -> str:
    told = []
    for item in items:
        name, _, columns = item.partition("|")
        told.append(f"`{short(name)}`" + (f" ({columns})" if columns else ""))
    return f"{word} {', '.join(told)}." if told else ""


def _intro(module: ast.Module) -> str:
    """The comment that a file begins with."""
    lines = []
    first = min((each.start for each in module.declarations), default=0)
    for comment in module.comments:
        if comment.is_doc or comment.start > first:
            break
        lines.append(comment.text.strip())
    return "\n".join(lines).strip()


def _one_line(doc: str) -> str:
    return " ".join(doc.split())
