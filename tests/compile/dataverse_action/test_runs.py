"""Scripts that were translated do, when they run, what the actions do."""

from __future__ import annotations

from pathlib import Path

from actionlang.compile.dataverse_action.script import import_action
from actionlang.compile.link import Linker
from actionlang.compile.modules import Loader
from actionlang.diagnostics.source import Source
from actionlang.testing.cases import Case, Suite
from actionlang.testing.running import Runner
from tests.compile.dataverse_action import xaml as x
from tests.compile.dataverse_action.importing import DATA, tables, translated
from tests.compile.dataverse_action.test_real_files import OWN


def _failures(text: str, test: str) -> list[str]:
    """Runs a test behind a script; what failed in it."""
    loader = Loader(DATA)
    loader.load_source("close", Source("close.act", f"{text}\n{test}"), DATA)
    program = loader.program()
    assert [found.message for found in program.diagnostics if "never used" not in found.message] == []
    linker, runner = Linker(program.modules), Runner()
    cases = [Case(linker.plan(found), Suite()) for found in program.modules["close"].tests]
    assert cases
    outcomes = [runner.run(case).diagnostic for case in cases]
    return [outcome.message for outcome in outcomes if outcome is not None]


def test_our_own_action() -> None:
    script = import_action(OWN, OWN.name, tables())
    test = """
test "what was won is open again, and a call is planned" at datetime "2026-11-24T09:30:00Z" <
  create opportunity as deal set name = "Ship", status = won, statecode = 1;
  perform OpportunityReopen(Reason: "They came back") on deal as done;
  require (deal.status = open and deal.statecode = 0 and deal.description = "They came back");
  require (done.Call.subject = "Call back: Ship" and done.Call.scheduledend = now())
>

test "what is open stays as it is" <
  create opportunity as deal set name = "Ship", statecode = 0;
  expect failure "It is open already." < perform OpportunityReopen(Reason: "x") on deal >
  require (not exists(task))
>
"""
    assert _failures(script.text, test) == []


def test_values_that_may_be_empty(tmp_path: Path) -> None:
    period = x.span("period", Months=1, Days=1)
    day = x.read("d", "estimatedclosedate", kind="x:String") + x.first("e", "d")
    contact = x.read("c", "fullname", row=x.related("customerid", "contact"), table="contact", kind="x:String")
    text = x.constant("t", "String", "Due ") + day + contact + x.evaluate("Add", "t, e, c", "v")
    later = x.read("f", "followupon", kind="s:DateTime") + x.evaluate("Add", "f, period", "g", "s:DateTime")
    more = x.read("p", "probability", kind="x:Int32") + x.constant("q", "Integer", "5", "x:Int32")
    step = x.update(
        "UpdateStep1",
        text + later + more + x.evaluate("Add", "p, q", "r", "x:Int32"),
        variables=period,
        description="v",
        createdon="g",
        probability="r",
    )
    test = """
test "with nothing" <
  create opportunity as deal set name = "Ship";
  perform Close() on deal;
  require (deal.description = "Due " and deal.createdon is empty and deal.probability = 5)
>

test "with all" <
  create contact as ann set fullname = " by Ann";
  create opportunity as deal set name = "Ship", customerid = ann, probability = 10,
    estimatedclosedate = date "2026-11-24", followupon = datetime "2026-01-31T09:30:00Z";
  perform Close() on deal;
  require (deal.description = "Due 2026-11-24 by Ann" and deal.probability = 15);
  require (deal.createdon = datetime "2026-03-01T09:30:00Z")
>
"""
    assert _failures(translated(x.action(step), tmp_path).text, test) == []
