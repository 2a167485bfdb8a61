"""A diagnostic that has gone through the cache is the one that went in."""

from actionlang.compile.stored_diagnostics import from_data, to_data
from actionlang.diagnostics.catalogue import by_id
from actionlang.diagnostics.diagnostic import Diagnostic, Label
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span


def test_nothing_is_lost() -> None:
    source = Source("verbs/escalate.act", "update case set priority = hihg")
    code = by_id("E0206")
    assert code is not None
    fixes = (
        Fix("Write high", (Edit(Span(27, 31), "high"),), safe=True),
        Fix("Take it away", (Edit(Span(0, 6), ""), Edit(Span(6, 6), "# "))),
    )
    place = Label(source, Span(27, 31), "here")
    diagnostic = Diagnostic(
        code, "Priority has no member hihg.", place, (place,), "Did you mean high?", ("A note.",), fixes
    )
    assert from_data(to_data(diagnostic), {source.name: source}.__getitem__) == diagnostic
