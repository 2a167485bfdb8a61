"""From the grammar's rules to the syntax tree.

Each rule or alternative of grammar/actionlang.lark calls the method of its name here with its children, while the parse goes
on; no tree but this one is ever built. Children are tokens, nodes, lists of nodes (rules that repeat) or None (left out).
`end` is where the last token read ends, which is where the node being built ends.
"""

from __future__ import annotations

from actionlang.diagnostics.catalogue import syntax as codes
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax import ast
from actionlang.syntax.build_expressions import Expressions, name
from actionlang.syntax.collecting import Children
from actionlang.syntax.tokens import Token


class Statements(Expressions):
    """Rules of statements."""

    def block(self, c: Children) -> ast.Block:
        return ast.Block(c[0].start, self.end, tuple(c[1]))

    def create(self, c: Children) -> ast.Statement:
        return ast.Create(c[0].start, self.end, c[1], c[2] and name(c[2]), tuple(c[4]))

    def create_bare(self, c: Children) -> ast.Statement:
        return ast.Create(c[0].start, self.end, c[1], c[2] and name(c[2]), ())

    def update(self, c: Children) -> ast.Statement:
        return ast.Update(c[0].start, self.end, c[1], tuple(c[3]))

    def delete(self, c: Children) -> ast.Statement:
        return ast.Delete(c[0].start, self.end, c[1])

    def assign(self, c: Children) -> ast.Statement:
        return ast.Assign(c[0].start, self.end, c[1], c[3])

    def move(self, c: Children) -> ast.Statement:
        return ast.Move(c[0].start, self.end, c[1], name(c[3]))

    def assignment(self, c: Children) -> ast.Assignment:
        return ast.Assignment(c[0].start, self.end, name(c[0]), c[2])

    def perform(self, c: Children) -> ast.Statement:
        self.calls.append(str(c[1]))
        return ast.Perform(c[0].start, self.end, c[1], tuple(c[2]), c[3], c[4] and name(c[4]))

    def inherited(self, c: Children) -> ast.Statement:
        return ast.Inherited(c[0].start, self.end, tuple(c[1]), c[2] and name(c[2]))

    def start(self, c: Children) -> ast.Statement:
        kind, value = c[4] or ("after", None)
        after, at = (value, None) if kind == "after" else (None, value)
        return ast.Start(c[0].start, self.end, c[1], tuple(c[2]), c[3], after, at)

    def start_after(self, c: Children) -> tuple[str, ast.Expression]:
        return "after", c[1]

    def start_at(self, c: Children) -> tuple[str, ast.Expression]:
        return "at", c[1]

    def find(self, c: Children) -> ast.Statement:
        alias = c[3] and name(c[3])
        return ast.Find(c[0].start, self.end, c[2], alias, c[1] is not None, c[4], tuple(c[5]), c[6])

    def ordering(self, c: Children) -> ast.Ordering:
        return ast.Ordering(c[0].start, self.end, c[0], c[-1].type == "DESCENDING" if len(c) == 2 else False)

    def for_each(self, c: Children) -> ast.Statement:
        return ast.ForEach(c[0].start, self.end, name(c[2]), c[4], c[5], tuple(c[6]), c[7], c[8])

    def if_plain(self, c: Children) -> ast.Statement:
        return ast.If(c[0][0].start, self.end, tuple(c[0]), None)

    def if_else(self, c: Children) -> ast.Statement:
        return ast.If(c[0][0].start, self.end, tuple(c[0]), c[2])

    def if_first(self, c: Children) -> list[ast.Branch]:
        return [ast.Branch(c[0].start, self.end, c[2], c[4])]

    def if_more(self, c: Children) -> list[ast.Branch]:
        c[0].append(ast.Branch(c[1].start, self.end, c[4], c[6]))
        return c[0]  # type: ignore[no-any-return]

    def attempt(self, c: Children) -> ast.Statement:
        return ast.Attempt(c[0].start, self.end, c[1], c[3])

    def let(self, c: Children) -> ast.Statement:
        return ast.Let(c[0].start, self.end, name(c[1]), c[3])

    def require(self, c: Children) -> ast.Statement:
        return ast.Require(c[0].start, self.end, c[2], c[4])

    def fail(self, c: Children) -> ast.Statement:
        return ast.Fail(c[0].start, self.end, c[1])

    def stop(self, c: Children) -> ast.Statement:
        return ast.Stop(c[0].start, self.end)

    def emit(self, c: Children) -> ast.Statement:
        return ast.Emit(c[0].start, self.end, c[1], tuple(c[2]))

    def stage(self, c: Children) -> ast.Statement:
        title = ast.TextLiteral(c[1].start, c[1].end, c[1].value)
        return ast.Stage(c[0].start, self.end, title, c[2])

    def wait_for(self, c: Children) -> ast.Statement:
        return ast.Wait(c[0].start, self.end, c[1], False)

    def wait_until(self, c: Children) -> ast.Statement:
        return ast.Wait(c[0].start, self.end, c[2], True)

    def return_bare(self, c: Children) -> ast.Statement:
        return ast.Return(c[0].start, self.end, ())

    def return_outputs(self, c: Children) -> ast.Statement:
        return ast.Return(c[0].start, self.end, tuple(c[1]))

    def output(self, c: Children) -> ast.Output:
        return ast.Output(c[0].start, self.end, name(c[0]), c[2])

    def expect_any(self, c: Children) -> ast.Statement:
        return ast.Expect(c[0].start, self.end, None, c[2])

    def expect_text(self, c: Children) -> ast.Statement:
        return ast.Expect(c[0].start, self.end, c[2], c[3])


class Types(Statements):
    """Rules of types."""

    def type_name(self, c: Children) -> ast.TypeName:
        return ast.TypeName(c[0].start, self.end, self.unqualified(c), ())

    def type_qualified(self, c: Children) -> ast.TypeName:
        return ast.TypeName(c[0].start, self.end, self.qualified(c), ())

    def type_sized(self, c: Children) -> ast.TypeName:
        return ast.TypeName(c[0].start, self.end, self.unqualified(c), (self.whole(c[2]),))

    def type_scaled(self, c: Children) -> ast.TypeName:
        return ast.TypeName(c[0].start, self.end, self.unqualified(c), (self.whole(c[2]), self.whole(c[4])))

    def type_choices(self, c: Children) -> ast.ChoicesType:
        return ast.ChoicesType(c[0].start, self.end, c[2])

    def type_list(self, c: Children) -> ast.ListType:
        return ast.ListType(c[0].start, self.end, c[2])

    def type_alternatives(self, c: Children) -> ast.AlternativesType:
        return ast.AlternativesType(c[0][0].start, self.end, tuple(c[0]))

    def whole(self, token: Token) -> int:
        """A number literal that must be whole."""
        if isinstance(token.value, int):
            return token.value
        span = Span(token.start, token.end)
        message = "A whole number belongs here."
        hint = "Write it without a decimal point: text(20)."
        self.diagnostics.append(Diagnostic(codes.BAD_LITERAL, message, Label(self.source, span), hint=hint))
        return 1

    def integer(self, c: Children) -> int:
        return self.whole(c[0])

    def negative_integer(self, c: Children) -> int:
        return -self.whole(c[1])


class Builder(Types):
    """Rules of declarations, and with the rest of them the whole builder.

    `docs` are the `##` texts by the offset of the token below them; what is wrong is added to `diagnostics`.
    """

    def __init__(self, source: Source, docs: dict[int, str], diagnostics: list[Diagnostic]) -> None:
        self.source = source
        self.docs = docs
        self.diagnostics = diagnostics
        self.end = 0
        self.calls: list[str] = []

    def doc(self, start: int) -> str:
        """The `##` text above the token at `start`."""
        return self.docs.get(start, "")

    def module(self, c: Children) -> tuple[ast.Declaration, ...]:
        return tuple(c[0])

    def steps(self, c: Children) -> tuple[ast.Statement, ...]:
        return tuple(c[0])

    def query(self, c: Children) -> ast.QueryInput:
        return ast.QueryInput(c[0].start, self.end, c[0], c[1] and name(c[1]), c[2], tuple(c[3]), c[4])

    def broken(self, c: Children) -> ast.BrokenDeclaration | ast.BrokenStatement:
        node = ast.BrokenStatement if c[0].value == "statement" else ast.BrokenDeclaration
        return node(c[0].start, c[0].end)

    def import_plain(self, c: Children) -> ast.Declaration:
        return ast.Import(c[0].start, self.end, c[1].value, c[1].type == "TEXT", None)

    def import_as(self, c: Children) -> ast.Declaration:
        return ast.Import(c[0].start, self.end, c[1].value, c[1].type == "TEXT", name(c[3]))

    def choice(self, c: Children) -> ast.Declaration:
        return ast.Choice(c[0].start, self.end, name(c[1]), tuple(c[3]), self.doc(c[0].start))

    def member(self, c: Children) -> ast.Member:
        label = c[2] and c[2].value
        return ast.Member(c[0].start, self.end, name(c[0]), c[1], label, self.doc(c[0].start))

    def table(self, c: Children) -> ast.Declaration:
        label, stored = c[2] and c[2].value, c[3] and c[3].value
        return ast.Table(c[0].start, self.end, name(c[1]), label, stored, tuple(c[5]), self.doc(c[0].start))

    def plain_column(self, c: Children) -> ast.Column:
        return ast.Column(c[0].start, self.end, name(c[0]), c[1], tuple(c[2]), self.doc(c[0].start))

    def unique_together(self, c: Children) -> ast.Together:
        return ast.Together(c[0].start, self.end, "unique", tuple(name(token) for token in c[2]))

    def key_together(self, c: Children) -> ast.Together:
        return ast.Together(c[0].start, self.end, "key", tuple(name(token) for token in c[2]))

    def status_column(self, c: Children) -> ast.StatusColumn:
        states = tuple(state for state in c[2] if isinstance(state, ast.State))
        return ast.StatusColumn(c[0].start, self.end, name(c[0]), states, tuple(c[4]), self.doc(c[0].start))

    def final_state(self, c: Children) -> ast.State:
        return self.moving_state([*c, None, ()])

    def moving_state(self, c: Children) -> ast.State:
        label = c[2] and c[2].value
        moves = tuple(name(token) for token in c[4])
        return ast.State(c[0].start, self.end, name(c[0]), c[1], label, moves, self.doc(c[0].start))

    def flag(self, c: Children) -> ast.Modifier:
        return ast.Modifier(c[0].start, self.end, c[0].value)

    def default(self, c: Children) -> ast.Modifier:
        return ast.Modifier(c[0].start, self.end, "default", value=c[1])

    def stored_as(self, c: Children) -> ast.Modifier:
        return ast.Modifier(c[0].start, self.end, "stored", text=c[2].value)

    def kind(self, c: Children) -> Token:
        return Token("KIND", c[0].value, c[0].start, c[-1].end)

    def action(self, c: Children) -> ast.Declaration:
        start = c[0].start
        return ast.Action(
            start,
            self.end,
            c[0].value,
            c[1],
            c[2],
            tuple(c[3]),
            tuple(c[4]),
            tuple(c[5]),
            c[6],
            self.doc(start),
            self.take_calls(),
        )

    def take_calls(self) -> frozenset[str]:
        """The names called since the last declaration."""
        calls = frozenset(self.calls)
        self.calls.clear()
        return calls

    def extern(self, c: Children) -> ast.Declaration:
        start, verb = c[0].start, ast.Qualified(c[2].start, c[2].end, None, c[2].value)
        kind = f"extern {c[1].value}"
        parts = (c[3], tuple(c[4]), tuple(c[5]), tuple(c[6]))
        return ast.Action(start, self.end, kind, verb, *parts, None, self.doc(start), frozenset())

    def binding_row(self, c: Children) -> ast.Binding:
        return ast.Binding(c[0].start, self.end, c[1], False)

    def binding_each(self, c: Children) -> ast.Binding:
        return ast.Binding(c[0].start, self.end, c[2], True)

    def parameter(self, c: Children) -> ast.Parameter:
        return ast.Parameter(c[0].start, self.end, name(c[0]), c[1], tuple(c[2]), self.doc(c[0].start))

    def clause_requires(self, c: Children) -> ast.Clause:
        return ast.Clause(c[0].start, self.end, "requires", ".".join(str(token.value) for token in c[1]))

    def clause_system(self, c: Children) -> ast.Clause:
        return ast.Clause(c[0].start, self.end, "system")

    def clause_private(self, c: Children) -> ast.Clause:
        return ast.Clause(c[0].start, self.end, "private")

    def clause_deprecated(self, c: Children) -> ast.Clause:
        return ast.Clause(c[0].start, self.end, "deprecated", c[1].value, c[2])

    def deprecated(self, c: Children) -> ast.Modifier:
        return ast.Modifier(c[0].start, self.end, "deprecated", c[2], c[1].value)

    def until_day(self, c: Children) -> ast.Expression:
        return self.typed_literal(c[1:])

    def hook(self, c: Children) -> ast.Declaration:
        self.calls.clear()
        columns = tuple(name(token) for token in c[5])
        return ast.Hook(c[0].start, self.end, c[1].value, c[2].value, c[4], columns, c[6])

    def test(self, c: Children) -> ast.Declaration:
        self.calls.clear()
        return ast.Test(c[0].start, self.end, c[1].value, None, c[2])

    def test_at(self, c: Children) -> ast.Declaration:
        self.calls.clear()
        return ast.Test(c[0].start, self.end, c[1].value, c[3], c[4])
