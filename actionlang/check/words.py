"""Bare words: a local, a member of a choice, the caller; and what to say of a word that is none of them."""

from __future__ import annotations

from actionlang.check.body import Body, LocalName
from actionlang.check.dispatch import unknown
from actionlang.check.foreign_words import Meant, foreign_word, text_meant
from actionlang.check.mending import replaced
from actionlang.check.names import listed, short, suggest
from actionlang.check.references import Kind
from actionlang.check.spelling import nearest
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.catalogue import statements as statement_codes
from actionlang.diagnostics.fix import Fix
from actionlang.metadata import types as t
from actionlang.plan import expressions as e
from actionlang.syntax import ast

CALLER = e.Caller(t.USER, False)


def check_name(node: ast.NameExpression, body: Body, wanted: t.Type | None) -> e.Expression:
    """A bare word. Where a choice is wanted, it is one of the choice's members."""
    text = node.text
    local = body.locals.get(text)
    choice = _choice_in(wanted)
    if local is not None:
        if choice is not None and text in body.universe.choices[choice].by_name:
            local.used = True
            _complain_of_both(node, local, choice, body)
            return unknown()
        return _local(node, local, body)
    if choice is not None and (text in body.universe.choices[choice].by_name or text != "caller"):
        return member(choice, node, text, body, wanted)
    if text == "caller":
        if body.reporter.seen is not None:
            body.reporter.seen.use(Kind.CALLER, "caller", node, text, t.USER)
        return CALLER
    if text in body.absent:
        hint = "Leave the row out, or hang this on another moment: after create, before delete."
        body.report(statement_codes.ROW_NOT_THERE, node, body.absent[text], hint)
        return unknown()
    if not (body.broken or isinstance(wanted, t.Unknown)):
        meant = foreign_word(node, wanted, body) or Meant(_hint(text, body), _fixes(node, wanted, body))
        body.report(codes.UNKNOWN_NAME, node, f"There is no {text} here.", meant.hint, (), meant.fixes)
    return unknown()


def _choice_in(wanted: t.Type | None) -> str | None:
    """The choice whose members a wanted type is made of."""
    if isinstance(wanted, t.ListOf):
        wanted = wanted.item
    return wanted.name if isinstance(wanted, t.Choice | t.Choices) else None


def _local(node: ast.NameExpression, local: LocalName, body: Body) -> e.Expression:
    local.used = True
    if node.text in body.deleted:
        places = () if local.deleted_at is None else ((local.deleted_at, "deleted here"),)
        hint = "Use it before it is deleted: keep what is needed of it with let."
        message = f"The row {node.text} was deleted before."
        body.report(statement_codes.USE_AFTER_DELETE, node, message, hint, places)
        return unknown()
    value = (
        unknown()
        if local.type.__class__ is t.Unknown
        else narrowed(e.Local(local.type, local.optional, node.text), body)
    )
    if body.reporter.seen is not None:
        if local.stands_for is None:
            body.reporter.seen.use_bound(local.span.start, node, node.text, value.type, value.optional)
        else:
            body.reporter.seen.use(*local.stands_for, node, node.text, value.type, value.optional)
    return value


def narrowed(value: e.Expression, body: Body) -> e.Expression:
    """What a path reads, with what the flow has shown of it."""
    type_ = value.type
    several = type_.__class__ is t.Row and len(type_.tables) > 1
    if not (value.optional or several) or not body.facts.known:
        return value
    known = body.facts.of(value)
    if known is None:
        return value
    optional = value.optional and not known.filled
    if several and known.tables:
        assert isinstance(type_, t.Row)
        fewer = tuple(table for table in type_.tables if table in known.tables)
        if len(fewer) == len(known.tables) < len(type_.tables):
            return e.Narrow(t.Row(fewer), optional, value)
    return value if optional == value.optional else e.Narrow(type_, optional, value)


def member(choice: str, node: ast.Node, text: str, body: Body, wanted: t.Type | None = None) -> e.Expression:
    """A member of a choice; unknown after a complaint when it has none of this name."""
    members = body.universe.choices[choice].by_name
    if text in members:
        if body.reporter.seen is not None:
            body.reporter.seen.use(Kind.MEMBER, f"{choice}.{text}", node, text, t.Choice(choice))
        if isinstance(wanted, t.Choices):
            return e.Literal(wanted, False, (text,))
        return e.Literal(t.Choice(choice), False, text)
    locals_ = () if wanted is None else (name for name, local in body.locals.items() if local.type == wanted)
    known = (*members, *locals_)
    hint = f"{suggest(text, known) or ''} Its members are {listed(members, 'and')}.".strip()
    fixes = body.respelt(node, text, known)
    body.report(codes.UNKNOWN_MEMBER, node, f"{short(choice)} has no member {text}.", hint, (), fixes)
    return unknown()


def _complain_of_both(node: ast.NameExpression, local: LocalName, choice: str, body: Body) -> None:
    text = node.text
    owner = spelling(choice)
    what = "value" if local.what == "name" else local.what
    message = f"{text} is a member of {short(choice)}, and a {what} here is called so too."
    hint = (
        f"Write {owner}.{text} to mean the member. "
        f"To mean the {what}, give it another name, or let one first: let chosen = {text}."
    )
    places = ((local.span, f"the {what}"),) if local.span.end else ()
    body.report(codes.CHOICE_OR_VARIABLE, node, message, hint, places)


def spelling(choice: str) -> str:
    """A choice as a script names it: a status by its table and column, any other by its name."""
    *_, owner, name = choice.split(".")
    return f"{owner}.{name}" if choice.count(".") > 1 else name


def _fixes(node: ast.NameExpression, wanted: t.Type | None, body: Body) -> tuple[Fix, ...]:
    """The fix for a word that may be a misspelt name, or else, where a text is wanted, one without its quotes."""
    meant = nearest(node.text, (*body.locals, "caller"))
    if meant is not None:
        return replaced(node, meant)
    return text_meant(node) if isinstance(wanted, t.Text) else ()


def _hint(text: str, body: Body) -> str:
    """What a word that is not known here could be meant for."""
    meant = nearest(text, (*body.locals, "caller"))
    if meant is not None:
        if meant in body.locals:
            body.locals[meant].used = True  # One mistake is told once: it is not unused as well.
        return f"Did you mean {meant}?"
    names = body.names
    if text in names.tables:
        return f"{text} is a table: find a row of it first, or name one by its key: {text}(...)."
    if text in names.choices:
        return f"{text} is a choice: name a member of it after a dot."
    if text in names.functions:
        return f"{text} is a function, called with parentheses: {text}(...)."
    if text == "failure":
        return "What a failure said is failure.message, in the else of an attempt."
    for name, found in names.choices.items():
        if text in body.universe.choices[found[0]].by_name:
            return f"If the member of {name} is meant, write {name}.{text}."
    return f'A name is known below the line that introduces it. If a text is meant, it stands in quotes: "{text}".'
