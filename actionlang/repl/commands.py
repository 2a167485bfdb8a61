"""Commands to the prompt: what begins with a `:`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from actionlang.check.names import suggest
from actionlang.diagnostics.catalogue import all_codes, by_id
from actionlang.diagnostics.catalogue import project as project_codes
from actionlang.diagnostics.catalogue import repl as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic
from actionlang.diagnostics.pages import error_page, plain
from actionlang.metadata.tables import Table
from actionlang.plan.describe import describe
from actionlang.repl.completion import Candidate, complete, in_script, type_words
from actionlang.repl.cursor import WORD
from actionlang.repl.grid import Heading, grid

if TYPE_CHECKING:
    from actionlang.repl.evaluator import Evaluator

Do = Callable[["Evaluator", str], None]
Offer = Callable[["Evaluator", str], Iterator[Candidate]]


def _nothing(_: Evaluator, __: str) -> Iterator[Candidate]:
    return iter(())


@attrs.frozen
class Command:
    """A command: its names, the first being the one to show, what stands behind it, what it does. `do` raises ActionLangError
    when it can not be done; `offer` gives what could stand behind it."""

    names: tuple[str, ...]
    takes: str
    help: str
    do: Do
    offer: Offer = _nothing


class Leave(Exception):
    """The session is to end."""


def run_command(text: str, evaluator: Evaluator) -> None:
    """Do what a line that begins with `:` says.

    Raises ActionLangError when it can not be done, Leave when it says to leave.
    """
    word, _, rest = text.strip().partition(" ")
    command = _find(word)
    argument = rest.strip().rstrip(";").strip()
    if argument and not command.takes:
        raise _wrong(f"{command.names[0]} takes nothing behind it.", f"Write {command.names[0]} alone.")
    if not argument and command.takes and not command.takes.startswith("["):
        raise _wrong(f"{command.names[0]} needs to know which.", f"Write {command.names[0]} {command.takes}.")
    command.do(evaluator, argument)


def complete_command(before: str, evaluator: Evaluator) -> tuple[str, list[Candidate]]:
    """The last word of a command that is being typed, and what could stand in its place."""
    word, blank, rest = before.lstrip().partition(" ")
    if not blank:
        return word, [
            Candidate(command.names[0], command.help) for command in COMMANDS if command.names[0].startswith(word)
        ]
    for command in COMMANDS:
        if word in command.names:
            rest = rest.lstrip()
            return rest, [each for each in command.offer(evaluator, rest) if each.text.lower().startswith(rest.lower())]
    return rest, []


def _find(word: str) -> Command:
    for command in COMMANDS:
        if word in command.names:
            return command
    names = [name for command in COMMANDS for name in command.names]
    hint = suggest(word, names) or "Type :help for all commands."
    raise ActionLangError(Diagnostic(codes.UNKNOWN_COMMAND, f"There is no command {word}.", hint=hint))


def _wrong(message: str, hint: str | None = None) -> ActionLangError:
    return ActionLangError(Diagnostic(codes.WRONG_COMMAND, message, hint=hint))


# ------------------------------------------------------------------------------------------------------------- what they do


def _help(evaluator: Evaluator, _: str) -> None:
    left = [" ".join(part for part in (command.names[0], command.takes) if part) for command in COMMANDS]
    width = max(map(len, left))
    evaluator.screen.say(
        "Type a declaration, a statement, an expression or a query, as a script has it:",
        "",
        "  import helpdesk;",
        "  case where (case.status = open) order by case.due limit 10",
        '  find case as c where (c.number = "CAS-0042"); update c set priority = high',
        '  perform Escalate(reason: "No answer") on c',
        "",
        "Commands:",
        "",
        *(f"  {text:<{width}}  {command.help}" for text, command in zip(left, COMMANDS, strict=True)),
        "",
        "Enter ends what is complete, Alt+Enter begins a new line, Tab completes, Ctrl+C clears, Ctrl+D leaves.",
    )


def _explain(evaluator: Evaluator, name: str) -> None:
    code = by_id(name)
    if code is not None:
        evaluator.screen.show(plain(error_page(code), evaluator.screen.color))
        return
    verb = evaluator.scene().verb(name) or evaluator.workspace.linker.verbs.get(name)
    if verb is None:
        hint = (
            suggest(name, evaluator.scene().names.verbs) or "Type :verbs for all verbs, or name a code such as E0301."
        )
        message = f"There is neither a verb nor a code {name}."
        raise ActionLangError(Diagnostic(project_codes.NO_SUCH_VERB, message, hint=hint))
    evaluator.screen.say(*describe(evaluator.workspace.linker.plan(verb)).splitlines())


def _tables(evaluator: Evaluator, name: str) -> None:
    scene = evaluator.scene()
    if name:
        table = scene.table(name) or scene.universe.tables.get(name)
        if table is None:
            raise _wrong(
                f"There is no table {name}.", suggest(name, scene.names.tables) or "Type :tables for all tables."
            )
        evaluator.screen.say(*_columns(table, evaluator.screen.width))
        return
    tables = [table for short in sorted(scene.names.tables) if (table := scene.table(short)) is not None]
    rows = [(in_script(table.short_name), table.label or "", _first_sentence(table.doc)) for table in tables]
    _list(evaluator, ("table", "label", "what it is"), rows, "There are no tables yet.")


def _columns(table: Table, width: int) -> list[str]:
    title = f'{table.name} "{table.label}"' if table.label else table.name
    rows = [
        (in_script(column.name), type_words(column.type), _modifiers(table, column.name), _first_sentence(column.doc))
        for column in table.columns
    ]
    return [title, *grid([Heading(name) for name in ("column", "type", "", "what it is")], rows, width)]


def _modifiers(table: Table, name: str) -> str:
    column = table.by_name[name]
    words = [word for word in ("primary", "required", "unique", "readonly", "sensitive") if getattr(column, word)]
    words += ["key"] if (name,) in table.keys else []
    if column.moves is not None:
        words.append("; ".join(f"{move.state} -> {', '.join(move.targets)}" for move in column.moves if move.targets))
    return ", ".join(words)


def _verbs(evaluator: Evaluator, _: str) -> None:
    scene = evaluator.scene()
    verbs = [verb for short in sorted(scene.names.verbs) if (verb := scene.verb(short)) is not None]
    rows = [
        (
            verb.short_name,
            verb.binding.table.rpartition(".")[2] if verb.binding else "",
            ", ".join(parameter.name for parameter in verb.inputs),
            _first_sentence(verb.doc),
        )
        for verb in verbs
        if not verb.private
    ]
    _list(evaluator, ("verb", "on", "takes", "what it does"), rows, "There are no verbs yet.")


def _list(evaluator: Evaluator, headings: Sequence[str], rows: Sequence[Sequence[str]], none: str) -> None:
    if not rows:
        evaluator.screen.say(none)
        return
    evaluator.screen.say(*grid([Heading(name) for name in headings], rows, evaluator.screen.width))


def _first_sentence(doc: str) -> str:
    return " ".join(doc.split()).partition(". ")[0].rstrip(".")


def _changes(evaluator: Evaluator, _: str) -> None:
    evaluator.show_changes()


def _commit(evaluator: Evaluator, _: str) -> None:
    evaluator.commit()


def _rollback(evaluator: Evaluator, _: str) -> None:
    evaluator.rollback()


def _caller(evaluator: Evaluator, expression: str) -> None:
    evaluator.call_as(expression)


def _load(evaluator: Evaluator, path: str) -> None:
    evaluator.load(Path(path.strip('"')).expanduser())


def _reload(evaluator: Evaluator, _: str) -> None:
    evaluator.reload()


def _quit(_: Evaluator, __: str) -> None:
    raise Leave


# ----------------------------------------------------------------------------------------------------- what could stand there


def _verbs_and_codes(evaluator: Evaluator, typed: str) -> Iterator[Candidate]:
    yield from (Candidate(name, "verb") for name in sorted(evaluator.scene().names.verbs))
    if typed:
        yield from (Candidate(code.id, code.title) for code in all_codes())


def _table_names(evaluator: Evaluator, _: str) -> Iterator[Candidate]:
    yield from (Candidate(name, "table") for name in sorted(evaluator.scene().names.tables))


def _values(evaluator: Evaluator, typed: str) -> Iterator[Candidate]:
    word = WORD.search(typed)
    begin = typed[: word.start()] if word else typed
    yield from (Candidate(f"{begin}{each.text}", each.what) for each in complete(typed, evaluator.scene()))


def _paths(_: Evaluator, typed: str) -> Iterator[Candidate]:
    folder = Path(typed).expanduser() if typed.endswith("/") else Path(typed).expanduser().parent
    begin = typed if typed.endswith("/") else typed[: len(typed) - len(Path(typed).name)]
    try:
        found = sorted(folder.iterdir())
    except OSError:
        return
    for item in found:
        if not item.name.startswith(".") and (item.is_dir() or item.suffix == ".act"):
            yield Candidate(
                f"{begin}{item.name}{'/' if item.is_dir() else ''}", "folder" if item.is_dir() else "script"
            )


COMMANDS: tuple[Command, ...] = (
    Command(
        (":explain",),
        "VERB|CODE",
        "what a verb takes, does and needs, or what an error means",
        _explain,
        _verbs_and_codes,
    ),
    Command((":tables",), "[NAME]", "the tables there are, or the columns of one", _tables, _table_names),
    Command((":verbs",), "", "the verbs there are", _verbs),
    Command((":changes",), "", "what was changed and not kept yet", _changes),
    Command((":commit",), "", "keep what was changed", _commit),
    Command((":rollback",), "", "undo what was changed since the last :commit", _rollback),
    Command((":caller",), "[USER]", 'who calls from now on: :caller user("ann@example.com")', _caller, _values),
    Command((":load",), "PATH", "load a script, or the scripts in a folder", _load, _paths),
    Command((":reload",), "", "load all scripts again, as they are now", _reload),
    Command((":help", ":h", ":?"), "", "this text", _help),
    Command((":quit", ":q", ":exit"), "", "leave", _quit),
)
