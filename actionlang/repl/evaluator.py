"""Answering one entry: checking it, running it, showing what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import attrs

from actionlang.check.fragment import VALUE, CheckedFragment, Environment, check_fragment, check_query_input
from actionlang.check.names import listed
from actionlang.compile.project import scripts_under
from actionlang.diagnostics.catalogue import names as name_codes
from actionlang.diagnostics.catalogue import repl as codes
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.source import Source
from actionlang.engine.failure import Failure
from actionlang.engine.store import RowRef
from actionlang.metadata import types as t
from actionlang.plan.expressions import Query
from actionlang.plan.plan import StepPlan, Verb
from actionlang.plan.steps import ForEachRow
from actionlang.repl.answers import Answers
from actionlang.repl.commands import Leave, run_command
from actionlang.repl.entry import Entry, Kind
from actionlang.repl.names import Bound, bound_names, runnable
from actionlang.repl.scene import Scene
from actionlang.repl.screen import Screen
from actionlang.repl.work import Work
from actionlang.repl.workspace import Workspace
from actionlang.runtime.result import RunFailed
from actionlang.syntax import ast
from actionlang.syntax.parser import ParsedModule, ParsedQuery, ParsedSteps, parse_query
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner

INPUT = "input"
"""The name of the verb that statements typed here make (see `check.fragment`)."""

SHOWN_ONLY = "shown_"
"""How names begin that are given to what verbs return where it has none, so that it can be shown."""


@attrs.frozen
class Answer:
    """How an entry went: well or not, and whether it says to leave."""

    well: bool
    leaves: bool = False


class Evaluator:
    """A session: scripts, work on a database, and the names bound so far."""

    def __init__(self, workspace: Workspace, work: Work, screen: Screen, *, in_memory: bool) -> None:
        """`in_memory`: whether the database is this session's own, so that all tables are made when they are needed."""
        self.workspace = workspace
        self.work = work
        self.screen = screen
        self.names: dict[str, Bound] = {}
        self.caller: RowRef | None = None
        self._names_before: dict[str, Bound] = {}
        self._in_memory = in_memory
        self._answers = Answers(screen, work, workspace.schema)

    # ------------------------------------------------------------------------------------------------------------- answering

    def evaluate(self, entry: Entry) -> Answer:
        """Answer an entry. It never raises on account of what the entry says."""
        try:
            return self._evaluate(entry)
        except Leave:
            return Answer(True, leaves=True)
        except ActionLangError as error:
            self.screen.complain(*self._placed(error, entry.source))
        except Failure as failure:
            self.screen.complain(self._told(failure, failure.diagnostic(), entry.source))
        self._see_what_is_lost()
        return Answer(False)

    def _evaluate(self, entry: Entry) -> Answer:
        if any(found.severity is Severity.ERROR for found in entry.diagnostics):
            self.screen.complain(*entry.diagnostics)
            return Answer(False)
        match entry.parsed:
            case ParsedModule():
                return self._declare(entry.parsed)
            case ParsedSteps():
                self._do(entry.parsed)
            case ParsedQuery():
                self._ask(entry.parsed)
            case None if entry.kind is Kind.COMMAND:
                run_command(entry.source.text, self)
        return Answer(True)

    def _declare(self, parsed: ParsedModule) -> Answer:
        declared = self.workspace.declare(parsed)
        self.screen.complain(*declared.warnings)
        again = [name for name in self.workspace.typed_tables() if f"table {name.rpartition('.')[2]}" in declared.again]
        self.work.drop_tables(self.workspace.schema(), again, keep=self._in_memory)
        titles = {f'test "{test.doc}"' for test in declared.tests}
        for what in declared.names:
            if what not in titles:
                done = "done" if what.startswith("import ") else "replaced" if what in declared.again else "declared"
                self.screen.say(f"{what}: {done}")
        passed = [self._test(test) for test in declared.tests]
        return Answer(all(passed))

    def _test(self, test: Verb) -> bool:
        """Run a test that was declared, on a database of its own."""
        suite = Suite(self.workspace.sources, self.work.database.zone)
        outcome = Runner().run(Case(self.workspace.linker.plan(test), suite))
        if outcome.diagnostic is not None:
            self.screen.complain(outcome.diagnostic)
            return False
        self.screen.say(f'test "{test.doc}" passed')
        return True

    def _do(self, parsed: ParsedSteps) -> None:
        """Run statements."""
        parsed = _with_results_named(parsed)
        checked = check_fragment(parsed, self._environment())
        if _binds_again(checked):
            anew = check_fragment(parsed, self._environment(without=frozenset(_bound_by(parsed))))
            checked = anew if anew.verb is not None else checked
        self._complain(checked)
        verbs = self.workspace.module.universe.verbs
        found = {_name_of(each) for each in parsed.statements if isinstance(each, ast.Find)}
        verb, arguments = runnable(checked, self.names, verbs)
        tables = self.workspace.module.universe.tables
        for name, bound in bound_names(checked, self._run(verb, arguments), verbs, tables).items():
            if isinstance(bound.type, t.Outputs):
                self._answers.outputs(bound.value, verbs[bound.type.verb].outputs)
            elif name in found:
                self._answers.named(name, bound.value, bound.type)
            if not name.startswith(SHOWN_ONLY):
                self.names[name] = bound

    def _run(self, verb: Verb, arguments: dict[str, object]) -> dict[str, object]:
        """The outputs of some statements. What they change is shown; when they fail, they have changed nothing."""
        plan = self.workspace.linker.plan(verb)
        self._make_tables(plan)
        if self._in_memory and verb.effects.starts:
            self.work.make_room_for_starts()
        if verb.effects.writes_nothing:
            return self.work.look(plan, arguments, None, self.caller)[0]
        names = dict(self.names)
        was_pending = self.work.pending
        result = self.work.run(plan, arguments, self.caller)
        if not was_pending:
            self._names_before = names
        self._answers.changed(result.changes, result.events, result.started)
        return dict(result.outputs)

    def _ask(self, parsed: ParsedQuery) -> None:
        """Show a value, or the rows of a query."""
        result = self._result_named(parsed)
        if result is not None and isinstance(result.type, t.Outputs):
            self._answers.outputs(result.value, self.workspace.module.universe.verbs[result.type.verb].outputs)
            return
        verb, outputs, rows = self._look(parsed)
        if rows is not None:
            self._answers.rows(rows)
        else:
            self._answers.value(outputs[VALUE], verb.outputs[0].type)

    def _look(self, parsed: ParsedQuery) -> tuple[Verb, dict[str, object], list[RowRef] | None]:
        """The verb that an expression or query makes, its outputs, and the rows of a query."""
        checked = check_query_input(parsed, self._environment())
        self._complain(checked)
        verb, arguments = runnable(checked, self.names, self.workspace.module.universe.verbs)
        query = _query_of(verb) if checked.query is not None else None
        plan = self.workspace.linker.plan(verb)
        self._make_tables(plan)
        outputs, rows = self.work.look(plan, arguments, query, self.caller)
        return verb, outputs, rows if query is not None else None

    def _result_named(self, parsed: ParsedQuery) -> Bound | None:
        """What a performed verb returned, when an entry is no more than its name."""
        query = parsed.query
        if query is None or query.alias or query.where or query.order or query.limit:
            return None
        return self.names.get(query.value.text) if isinstance(query.value, ast.NameExpression) else None

    def _complain(self, checked: CheckedFragment) -> None:
        """Show warnings. Raises ActionLangError when there are errors."""
        errors = [found for found in checked.diagnostics if found.severity is Severity.ERROR]
        if errors or checked.verb is None:
            raise ActionLangError(*errors)
        self.screen.complain(*checked.diagnostics)

    # ---------------------------------------------------------------------------------------------------- what commands need

    def scene(self) -> Scene:
        """What completion needs to know."""
        module = self.workspace.module
        types = {name: bound.type for name, bound in self.names.items()}
        return Scene(module.universe, module.names, types, self._state_of)

    def pending_words(self) -> str:
        """What only `:commit` keeps, as the beginning of a sentence: `3 changed rows are`."""
        work = self.work
        rows, made, events = len({change.row for change in work.changes}), len(work.made), len(work.events)
        started = len(work.started)
        counts = ((made, "new table"), (rows, "changed row"), (events, "event"), (started, "started run"))
        words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counts if count]
        return f"{listed(words, 'and') if words else 'What was done'} {'are' if made + rows + events + started > 1 else 'is'}"

    def show_changes(self) -> None:
        """Show what was changed since the last commit."""
        work = self.work
        self._answers.all_changes(work.changes, work.events, work.started, work.made)

    def commit(self) -> None:
        """Keep what was changed. Raises ActionLangError when that is refused."""
        if not self.work.pending:
            self.screen.say("There is nothing to keep.")
            return
        words = self.pending_words()
        self.work.commit()
        self.screen.say(f"{words} kept.")

    def rollback(self) -> None:
        """Undo what was changed since the last commit; names bound since are forgotten, as their rows may be gone."""
        if not self.work.pending:
            self.screen.say("There is nothing to undo.")
            return
        words = self.pending_words()
        self.work.rollback()
        self.names = dict(self._names_before)
        self.screen.say(f"{words} undone.")

    def call_as(self, expression: str) -> None:
        """From now on the user that an expression stands for calls; without an expression nobody does.

        Raises ActionLangError or Failure when it stands for no user.
        """
        self.caller = None
        if not expression:
            self.screen.say("Nobody calls.")
            return
        parsed = parse_query(Source("<caller>", expression))
        _, outputs, rows = self._look(parsed)
        found = outputs.get(VALUE)
        if rows is not None or not isinstance(found, RowRef) or found.table not in t.USER.tables:
            message = f"{expression} is not a user."
            raise ActionLangError(
                Diagnostic(codes.WRONG_COMMAND, message, hint='For example :caller user("ann@example.com")')
            )
        self.caller = found
        self._answers.named("caller", found, t.USER)

    def load(self, path: Path) -> None:
        """Load a script, or those in a folder. Raises ActionLangError, and changes nothing, when that can not be done."""
        scripts = scripts_under(path)
        self.screen.complain(*self.workspace.load(scripts))
        self.screen.say(f"{len(scripts)} script{'' if len(scripts) == 1 else 's'} loaded.")

    def reload(self) -> None:
        """Load all scripts anew. Raises ActionLangError, and changes nothing, when that can not be done."""
        self.screen.complain(*self.workspace.reload())
        count = len(self.workspace.files)
        self.screen.say(f"{count} script{'' if count == 1 else 's'} loaded.")

    def try_to(self, do: Callable[[], None]) -> bool:
        """Do something, and complain if it can not be done; whether it was."""
        try:
            do()
        except ActionLangError as error:
            self.screen.complain(*error.diagnostics)
            return False
        return True

    def say_undone(self) -> None:
        """Say that what was not kept is lost now."""
        self.screen.complain(
            Diagnostic(codes.NOT_KEPT, f"{self.pending_words()} undone.", hint=":commit keeps what was changed")
        )

    # ----------------------------------------------------------------------------------------------------------------- the rest

    def _environment(self, without: frozenset[str] = frozenset()) -> Environment:
        """What an entry can see."""
        locals_ = tuple(bound.parameter for name, bound in self.names.items() if name not in without)
        return Environment.of(self.workspace.module, locals_)

    def _make_tables(self, plan: StepPlan) -> None:
        """Make the tables that a plan needs and that are not there, if they are this session's own."""
        typed = self.workspace.typed_tables()
        wanted = [table.name for table in plan.tables if self._in_memory or table.name in typed]
        self.work.make_tables(self.workspace.schema(), wanted, keep=self._in_memory)

    def _state_of(self, name: str) -> str | None:
        """The status of the row that a name stands for."""
        row = self.names[name].value
        status = self.workspace.linker.tables[row.table].status if isinstance(row, RowRef) else None
        if status is None:
            return None
        try:
            return str(
                self.work.read(self.workspace.schema(), lambda reader: reader.values(row, [status.name])[status.name])
            )
        except (ActionLangError, Failure):
            return None

    def _placed(self, error: ActionLangError, source: Source) -> Iterator[Diagnostic]:
        """An error's diagnostics; that of a failed run points to the step that failed."""
        if isinstance(error, RunFailed) and error.failure is not None:
            yield self._told(error.failure, error.diagnostics[0], source)
        else:
            yield from error.diagnostics

    def _told(self, failure: Failure, diagnostic: Diagnostic, source: Source) -> Diagnostic:
        """A failure's diagnostic, pointing to the step if its text is at hand."""
        module, _, verb = (failure.verb or "").rpartition(".")
        typed_now = module == self.workspace.module.name and verb == INPUT
        text = source if typed_now else self.workspace.module_source(module)
        primary = failure.diagnostic(text).primary if text is not None else None
        notes = tuple(note for note in diagnostic.notes if not (typed_now and note.startswith(f"in {INPUT},")))
        return attrs.evolve(diagnostic, primary=primary, notes=notes)

    def _see_what_is_lost(self) -> None:
        if self.work.lost():
            self.names = dict(self._names_before)
            message = "The database undid everything that was not kept yet."
            self.screen.complain(Diagnostic(codes.NOT_KEPT, message, hint="type it again"))


def _with_results_named(parsed: ParsedSteps) -> ParsedSteps:
    """The statements, what performed verbs return having a name in any case, so that it can be shown."""
    statements = tuple(
        attrs.evolve(each, alias=ast.Name(each.start, each.start, f"{SHOWN_ONLY}{number}"))
        if isinstance(each, ast.Perform) and each.alias is None
        else each
        for number, each in enumerate(parsed.statements)
    )
    return attrs.evolve(parsed, statements=statements)


def _binds_again(checked: CheckedFragment) -> bool:
    """Whether all that is wrong is that a name is bound already: at the prompt, unlike in a verb, it may be bound anew."""
    errors = [found.code for found in checked.diagnostics if found.severity is Severity.ERROR]
    return bool(errors) and set(errors) <= {name_codes.NAME_TAKEN, name_codes.NEEDS_ALIAS}


def _bound_by(parsed: ParsedSteps) -> Iterable[str]:
    """The names that statements bind for those after them."""
    for each in parsed.statements:
        match each:
            case ast.Let(name=name):
                yield name.text
            case ast.Create(alias=ast.Name(text=text)) | ast.Perform(alias=ast.Name(text=text)):
                yield text
            case ast.Find():
                yield _name_of(each)


def _name_of(find: ast.Find) -> str:
    """The name that a row found goes by."""
    return find.alias.text if find.alias is not None else find.table.text


def _query_of(verb: Verb) -> Query:
    """The query whose rows an input's verb goes through."""
    return next(step.query for step in verb.steps if isinstance(step, ForEachRow))
