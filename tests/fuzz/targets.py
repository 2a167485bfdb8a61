"""What any bytes at all are given to, and what must hold of the answer. A target raises for bytes that break a promise."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.compile.reading import decode_source
from actionlang.compile.standard import standard_modules
from actionlang.diagnostics.diagnostic import ActionLangError, Diagnostic, Severity
from actionlang.diagnostics.render import render
from actionlang.diagnostics.source import Source
from actionlang.formatting import format_source
from actionlang.plan import codec
from actionlang.plan.decoding import Mismatch, decode_node
from actionlang.plan.describe import describe
from actionlang.plan.plan import StepPlan
from actionlang.plan.verify import verify
from actionlang.syntax.lexer import Lexer
from actionlang.syntax.parser import MAXIMUM_ERRORS, parse, parse_query, parse_steps

Target = Callable[[bytes], None]

READERS = (parse, parse_steps, parse_query)

SHOWN = 1
"""Diagnostics of one input that are rendered, for a bad one has dozens that look alike."""


def read(data: bytes) -> None:
    """A script is read, in one of the three ways: nothing is raised, every complaint has a place in the text and can be shown."""
    try:
        source = decode_source(data, "any.act")
    except ActionLangError as error:
        _shown(error.diagnostics)
        return
    reader = READERS[len(data) % len(READERS)]
    found = reader(source)
    assert len(found.diagnostics) <= 2 * MAXIMUM_ERRORS + len(source.text)
    _placed(found.diagnostics, source)
    _shown(found.diagnostics)


def check(data: bytes) -> None:
    """A script is checked, and its verbs are made into plans that the verifier accepts."""
    for plan in plans_of(data):
        verify(plan)


def plans_of(data: bytes) -> list[StepPlan]:
    """The plans of a script's verbs; none for what is no sound script."""
    try:
        source = decode_source(data, "any.act")
    except ActionLangError:
        return []
    loader = _loader()
    module = loader.load_source("any", source, None)
    program = loader.program()
    _shown(program.diagnostics)
    if any(found.severity is Severity.ERROR for found in program.diagnostics):
        return []
    linker = Linker(program.modules)
    return [linker.plan(verb) for verb in module.verbs.values()]


def load(data: bytes) -> None:
    """A plan is loaded. One whose hash is not right is looked at all the same, as if whoever altered it had known how."""
    try:
        verify(codec.decode(data))
    except ActionLangError as error:
        _shown(error.diagnostics)
    try:
        content, _ = codec._content(codec._parse(data))
        plan = decode_node(StepPlan, content)
        verify(plan)
    except (ActionLangError, Mismatch, RecursionError):
        return
    assert describe(plan)
    try:
        written = codec.encode(plan)
    except (ActionLangError, UnicodeEncodeError):
        return
    assert codec.decode(written) == plan


def format(data: bytes) -> None:  # noqa: A001 - the command's name
    """A script is put into its canonical form: what is read of it is the same, comments too, and the form of that is itself."""
    try:
        source = decode_source(data, "any.act")
        text = format_source(source)
    except ActionLangError as error:
        assert not parsed_well(data), "a sound script could not be formatted"
        _shown(error.diagnostics)
        return
    again = Source("any.act", text)
    assert format_source(again) == text
    assert _comments(source) == _comments(again)


def parsed_well(data: bytes) -> bool:
    """Whether these bytes are a script without a fault."""
    try:
        return not parse(decode_source(data, "any.act")).diagnostics
    except ActionLangError:
        return False


TARGETS: dict[str, Target] = {"read": read, "check": check, "load": load, "format": format}


@cache
def _standard() -> Loader:
    """The modules that every script sees, checked once."""
    loader = Loader(Path("/nonexistent"))
    for name in standard_modules():
        loader.load_standard(name)
    return loader


def _loader() -> Loader:
    loader = Loader(Path("/nonexistent"))
    loader.checked |= _standard().checked
    return loader


def _comments(source: Source) -> list[str]:
    return sorted(comment.text.strip() for comment in Lexer(source).read().comments)


def _placed(diagnostics: tuple[Diagnostic, ...], source: Source) -> None:
    starts = []
    for diagnostic in diagnostics:
        for label in (diagnostic.primary, *diagnostic.secondary):
            assert label is not None
            assert 0 <= label.span.start <= label.span.end <= len(source.text)
        for fix in diagnostic.fixes:
            for edit in fix.edits:
                assert 0 <= edit.span.start <= edit.span.end <= len(source.text)
        assert diagnostic.primary is not None
        starts.append(diagnostic.primary.span.start)
    assert starts == sorted(starts)


def _shown(diagnostics: tuple[Diagnostic, ...]) -> None:
    for diagnostic in diagnostics[:SHOWN]:
        assert render(diagnostic)


def altered(data: bytes, random: Any) -> bytes:
    """A plan's JSON with one value changed, taken away, doubled or put elsewhere; other bytes as they are."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return data
    places = list(_places(content))
    if not places:
        return data
    for _ in range(random.randint(1, 3)):
        holder, key = random.choice(places)
        try:
            _alter(holder, key, random.choice(places), random)
        except (LookupError, TypeError):
            continue
    try:
        return json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return data


def _places(root: Any) -> list[tuple[Any, Any]]:
    """Every container with a key or an index into it."""
    found = []
    open_ = [root]
    while open_:
        holder = open_.pop()
        keys = holder.keys() if isinstance(holder, dict) else range(len(holder)) if isinstance(holder, list) else ()
        for key in list(keys):
            found.append((holder, key))
            open_.append(holder[key])
    return found


STRANGE = (None, True, 0, -1, 2**63, "", "id", "core.team", "\ud800", [], {}, [[]], "9" * 40, "0001-01-01", 1.5)


def _alter(holder: Any, key: Any, other: tuple[Any, Any], random: Any) -> None:
    way = random.randrange(4)
    if way == 0:
        holder[key] = random.choice(STRANGE)
    elif way == 1:
        del holder[key]
    elif way == 2:
        holder[key] = json.loads(json.dumps(other[0][other[1]]))
    elif isinstance(holder, list):
        holder.insert(key, holder[key])
    else:
        holder[random.choice(("type", "name", "kind", "row", "value"))] = holder[key]
