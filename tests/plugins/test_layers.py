"""Verbs that the host implements, with hooks around them and overrides above them: the host knows them by the name callers do."""

from __future__ import annotations

import pytest

from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.plan.codec import encode
from actionlang.plugins import Context, Plugins
from actionlang.runtime.database import Database
from actionlang.runtime.hosting import Hosting
from actionlang.runtime.plans import Plan
from tests.conformance.scripts import Script, compiled

HOOKED = compiled("""
extern action Weigh(what text) returns (grams integer);
on after perform of Weigh < require (grams < 100) else "{what} is too heavy." >
action Do(what text) returns (grams integer) < perform Weigh(what: what) as w; return grams: w.grams >
""")
OVERRIDDEN = compiled(
    """
import "scale.act";
override action Weigh(what text) returns (grams integer) <
  inherited(what: "a {what}") as w;
  return grams: w.grams + 1;
>
action Do(what text) returns (grams integer) < perform Weigh(what: what) as w; return grams: w.grams >
""",
    {"scale": "extern action Weigh(what text) returns (grams integer);"},
)


def plan(script: Script, verb: str = "Do") -> Plan:
    return Plan.loads(encode(script.plan(verb)))


@pytest.mark.parametrize(("script", "name", "grams"), [(HOOKED, "example.Weigh", 4), (OVERRIDDEN, "scale.Weigh", 7)])
def test_the_host_implements_what_callers_name(plugins: Plugins, script: Script, name: str, grams: int) -> None:
    @plugins.implements(name)
    def weigh(context: Context) -> dict[str, object]:
        return {"grams": len(str(context.arguments["what"]))}

    wanted = plan(script)
    plugins.check([wanted.steps])
    with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
        database.tables.create(script.schema_for(wanted.steps))
        assert wanted.run(database, what="pear").outputs == {"grams": grams}
    if script is HOOKED:
        with Database.connect("sqlite://", hosting=Hosting(plugins)) as database:
            database.tables.create(script.schema_for(wanted.steps))
            with pytest.raises(ActionLangError, match="is too heavy"):
                wanted.run(database, what="pear" * 30)


def test_what_is_not_implemented_is_named_as_callers_know_it(plugins: Plugins) -> None:
    with pytest.raises(ActionLangError) as caught:
        plugins.check([plan(OVERRIDDEN).steps])
    (found,) = caught.value.diagnostics
    assert (found.code.id, found.message) == ("E0972", "The host does not implement scale.Weigh, an extern action.")
