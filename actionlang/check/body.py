"""The checker's place in a verb: which locals are in scope, what is known of them, and where complaints go."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import attrs

from actionlang.check.asked import Asked
from actionlang.check.hung import Hung
from actionlang.check.names import Names, Universe, short, suggest
from actionlang.check.references import Kind, References
from actionlang.check.spelling import respelt
from actionlang.diagnostics.catalogue import lints
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.diagnostic import Code, Diagnostic, Label
from actionlang.diagnostics.fix import Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.metadata.tables import Table
from actionlang.metadata.types import Choice, Choices, Decimal, ListOf, Money, Outputs, Row, Text, Type, Unknown
from actionlang.plan import expressions as e
from actionlang.plan.facts import Facts, Write
from actionlang.plan.flow import without_locals
from actionlang.plan.plan import Parameter, Verb
from actionlang.plan.steps import Place, Step
from actionlang.syntax import ast

StatementRule = Callable[[Any, "Body"], Step | None]
"""Checks a statement; its step, or None after a complaint."""


@attrs.define(eq=False)
class LocalName:
    """A local: its type, where it was bound, whether anything has used it, and where its row was deleted. One that the script
    does not name where it comes from `stands_for` what is declared elsewhere: a parameter of another verb, say."""

    name: str
    type: Type
    optional: bool
    span: Span
    what: str
    used: bool = False
    deleted_at: Span | None = None
    stands_for: tuple[Kind, str] | None = None


DECLARED = {"tables": Kind.TABLE, "choices": Kind.CHOICE, "verbs": Kind.VERB}
"""What the names of each kind stand for."""

UNKNOWN = (
    codes.UNKNOWN_NAME,
    codes.UNKNOWN_TABLE,
    codes.UNKNOWN_VERB,
    codes.UNKNOWN_TYPE,
    codes.UNKNOWN_MODULE,
    codes.UNKNOWN_FUNCTION,
)
"""What would be complained about over and over where a declaration or an import could not be read."""


class Reporter:
    """Collects a module's diagnostics, the full names of what it uses, and by their places the conditions that its verbs ask.

    With `incomplete`, an import or a declaration could not be read, so nothing is said of names that seem unknown. `seen`
    notes where names are declared and used, if that was asked for.
    """

    def __init__(self, source: Source, seen: References | None = None) -> None:
        self.source = source
        self.seen = seen
        self.diagnostics: list[Diagnostic] = []
        self.used: set[str] = set()
        self.asked: dict[int, Asked] = {}
        self.incomplete = False

    def report(
        self,
        code: Code,
        place: ast.Node | Span,
        message: str,
        hint: str | None = None,
        secondary: tuple[tuple[Span, str], ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Add a diagnostic at a node or span."""
        if self.incomplete and code in UNKNOWN:
            return
        span = place.span if isinstance(place, ast.Node) else place
        labels = tuple(Label(self.source, other, words) for other, words in secondary)
        self.diagnostics.append(Diagnostic(code, message, Label(self.source, span), labels, hint, (), fixes))

    def place(self, node: ast.Node) -> Place:
        """A node's place as plans store it."""
        start, end = self.source.position(node.start), self.source.position(node.end)
        return Place(start.line, start.column, end.line, end.column)


@attrs.define(eq=False)
class Body:
    """State while the steps of one verb (or test, or a REPL's statements) are checked.

    `rules` has for each class of statements what makes a step of it. `unavailable` collects what the statement being
    checked needs and this host does not have. `loop_writes` keeps what each loop writes, by its place, once that is known.
    With `broken`, part of the script could not be read, so nothing can be said of names that seem unused. `absent` has, by
    name, why a row is not there that a reader would look for. In an override, `inherited` is the verb that it
    replaces, on the override's own row. `hung` is what the
    program hangs on steps, where that is known already. It `commits` where a background action's statements are
    committed one after another, as its units are (see `plan.units`); `forgotten` has, by their paths, the values of which
    something was known until then, each with the statement.
    """

    reporter: Reporter
    universe: Universe
    names: Names
    module: str
    kind: str
    outputs: tuple[Parameter, ...] = ()
    output_places: dict[str, Span] = attrs.field(factory=dict)
    locals: dict[str, LocalName] = attrs.field(factory=dict)
    facts: Facts = attrs.field(factory=Facts)
    deleted: frozenset[str] = frozenset()
    in_else_of_attempt: bool = False
    unavailable: list[tuple[str, str]] = attrs.field(factory=list)
    rules: Mapping[type, StatementRule] = attrs.field(factory=dict)
    loop_writes: dict[int, set[Write]] = attrs.field(factory=dict)
    broken: bool = False
    absent: dict[str, str] = attrs.field(factory=dict)
    inherited: Verb | None = None
    hung: Hung | None = None
    commits: bool = False
    forgotten: dict[tuple[str, ...], ast.Statement] = attrs.field(factory=dict)

    def report(
        self,
        code: Code,
        place: ast.Node | Span,
        message: str,
        hint: str | None = None,
        secondary: tuple[tuple[Span, str], ...] = (),
        fixes: tuple[Fix, ...] = (),
    ) -> None:
        """Add a diagnostic at a node or span."""
        self.reporter.report(code, place, message, hint, secondary, fixes)

    def note_asked(self, node: ast.Expression, condition: e.Expression) -> None:
        """Keep a whole condition for the lints. What a test requires is left out, since it is there to hold; and what asks for
        something that this host does not have, since that is no condition yet."""
        if self.kind != "test" and not self.unavailable:
            self.reporter.asked[node.start] = Asked(node, condition, self.facts)

    def respelt(self, place: ast.Node, wrong: str, names: Iterable[str]) -> tuple[Fix, ...]:
        """The fix that writes the name that a misspelt one at the end of a place was meant to be, if one is near."""
        return respelt(place, wrong, names, self.reporter.source.text)

    def hooks_write(self, time: str, event: str, table: Table, columns: Iterable[str] = ()) -> set[Write]:
        """What the hooks may write that are set off before or after an event of a table; nothing while they are not known."""
        return set() if self.hung is None else self.hung.writes(time, event, table.name, columns)

    # ------------------------------------------------------------------------------------------------------ locals

    def bind(self, name: ast.Name, type_: Type, optional: bool, what: str) -> LocalName:
        """Bring a local into scope; complain if the name is taken."""
        taken = self.locals.get(name.text)
        if taken is not None:
            message = f"The name {name.text} is taken: names are bound once and never changed."
            places = ((taken.span, "first bound here"),) if taken.span.end else ()
            self.report(codes.NAME_TAKEN, name, message, "Choose another name.", places)
        local = LocalName(
            name.text, type_, optional, name.span, what, used=taken is not None or name.text.startswith("_")
        )
        self.locals[name.text] = local
        self.deleted -= {name.text}
        if self.reporter.seen is not None:
            self.reporter.seen.bind(name, type_, optional, what)
        return local

    def given(self, name: str, type_: Type, optional: bool, what: str, stands_for: tuple[Kind, str]) -> None:
        """Bring a local into scope that the script does not name where it comes from; nobody minds if it is not used."""
        self.locals[name] = LocalName(name, type_, optional, Span(0, 0), what, used=True, stands_for=stands_for)

    @contextmanager
    def block(self, *, is_stage: bool = False) -> Iterator[None]:
        """A scope of its own: what is bound inside ends with it, and what was never used is complained about. But for a stage it
        is committed as a whole."""
        before, commits = self.locals, self.commits
        self.locals = dict(before)
        self.commits = commits and is_stage
        try:
            yield
        finally:
            self.commits = commits
            self.complain_of_unused(before)
            bound = {name for name, local in self.locals.items() if before.get(name) is not local}
            self.facts = without_locals(self.facts, bound)
            self.locals = before

    def complain_of_unused(self, outside: dict[str, LocalName]) -> None:
        """Warn of locals bound since `outside` that nothing used."""
        if self.broken:
            return
        for name, local in self.locals.items():
            if self.reporter.incomplete and isinstance(local.type, Unknown):
                continue  # Its type may stand where its name should.
            if not local.used and outside.get(name) is not local:
                hint = f"Remove it, or call it _{name} if it has to stay."
                code = lints.UNUSED_PARAMETER if local.what == "parameter" else lints.UNUSED_NAME
                self.report(code, local.span, f"The {local.what} {name} is never used.", hint)
                local.used = True

    # ---------------------------------------------------------------------------------------------- declarations

    def table(self, name: ast.Qualified) -> Table | None:
        """The table a name stands for; None after a complaint."""
        full = self.resolve(name, "tables", codes.UNKNOWN_TABLE, "table")
        return self.universe.tables[full] if full else None

    def verb(self, name: ast.Qualified) -> Verb | None:
        """The verb a name stands for; None after a complaint."""
        full = self.resolve(name, "verbs", codes.UNKNOWN_VERB, "verb")
        if full is None:
            return None
        verb = self.universe.verbs[full]
        if verb.private and full.rpartition(".")[0] != self.module:
            hint = f"Ask whoever maintains {full.rpartition('.')[0]} for a verb that may be performed from outside."
            self.report(codes.PRIVATE_VERB, name, f"{verb.short_name} is private to its module.", hint)
        if verb.deprecated is not None:
            self.report(lints.DEPRECATED_VERB, name, f"{verb.short_name} is deprecated: {verb.deprecation}")
        return verb

    def names_of(self, name: ast.Qualified) -> Names | None:
        """The names of the module that a name says it is taken from, else of this one; None after a complaint."""
        modules = self.names.modules
        if name.qualifier is None or name.qualifier in modules:
            return self.names if name.qualifier is None else modules[name.qualifier]
        hint = suggest(name.qualifier, modules) or "Import it at the top of the file."
        before = ast.Name(name.start, name.start + len(name.qualifier), name.qualifier)
        fixes = self.respelt(before, name.qualifier, modules)
        self.report(codes.UNKNOWN_MODULE, name, f"There is no module {name.qualifier} here.", hint, (), fixes)
        return None

    def event(self, name: ast.Qualified) -> str | None:
        """The full name of an event: one of this module, unless another one is named; None after a complaint."""
        module = self.module
        if name.qualifier is not None and name.qualifier != module:
            names = self.names_of(name)
            if names is None:
                return None
            module = names.module
            self.reporter.used.add(module)
        full = f"{module}.{name.text}"
        if self.reporter.seen is not None:
            if name.qualifier is not None:
                self.reporter.seen.qualify(name, module)
            self.reporter.seen.use(Kind.EVENT, full, name, name.text)
        return full

    def resolve(self, name: ast.Qualified, kind: str, code: Code, word: str) -> str | None:
        """The full name of a table, choice or verb; None after a complaint."""
        names = self.names_of(name)
        if names is None:
            return None
        known: dict[str, tuple[str, ...]] = getattr(names, kind)
        found = known.get(name.text)
        if found is None:
            elsewhere = "Declare it, or import the module that has it."
            hint = suggest(name.text, known) or (f"Look at what {name.qualifier} has." if name.qualifier else elsewhere)
            fixes = self.respelt(name, name.text, known)
            self.report(code, name, f"There is no {word} {name} here.", hint, (), fixes)
            return None
        if len(found) > 1:
            ways = " or ".join(f"{full.rpartition('.')[0].rpartition('.')[2]}.{name.text}" for full in found)
            message = f"Two imports bring a {word} named {name.text}."
            self.report(codes.IMPORTS_CLASH, name, message, f"Say which one: {ways}.")
            return None
        self.reporter.used.add(found[0])
        if self.reporter.seen is not None:
            if name.qualifier is not None:
                self.reporter.seen.qualify(name, name.qualifier)
            self.reporter.seen.use(DECLARED[kind], found[0], name, name.text)
        return found[0]


WORDS = {
    "integer": "an integer",
    "decimal": "a number",
    "money": "an amount of money",
    "float": "a floating point number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a date and time",
    "duration": "a length of time",
    "id": "an id",
    "json": "a JSON value",
    "file": "a file",
    "empty": "empty",
    "unknown": "unknown",
}


def type_in_words(type_: Type) -> str:
    """A type in a sentence, with its article."""
    if isinstance(type_, Text):
        return "a text"
    if isinstance(type_, Decimal | Money):
        return WORDS["money" if isinstance(type_, Money) else "decimal"]
    if isinstance(type_, Choice):
        return f"one of {short(type_.name)}"
    if isinstance(type_, Choices):
        return f"any of {short(type_.name)}"
    if isinstance(type_, Row):
        return f"a row of {' or '.join(short(table) for table in type_.tables)}"
    if isinstance(type_, ListOf):
        return f"a list ({type_in_words(type_.item)} each)"
    if isinstance(type_, Outputs):
        return f"the outputs of {short(type_.verb)}"
    return WORDS[str(type_)]
