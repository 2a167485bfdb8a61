"""A run that is taken back keeps no values: some of them may be sensitive."""

from __future__ import annotations

from tests.durable.bench import Bench

VERBS = """
action Ask(pin text(20)) < start Tell(pin: pin) after 1 day >
background action Tell(pin text(20) sensitive) < perform Say(text: "begun"); wait 1 day; create book set title = "x", secret = pin >
"""


def test_before_it_has_begun(here: Bench) -> None:
    here.use(VERBS)
    here.background.verbs.perform("Ask", pin="4711")
    (run,) = here.background.list()
    assert "4711" in run.arguments
    here.background.cancel(run.id)
    (cancelled,) = here.background.list(states=("cancelled",))
    assert (cancelled.arguments, cancelled.kept) == ("{}", None)


def test_between_two_units(here: Bench) -> None:
    here.use(VERBS)
    run = here.run("Tell", pin="4711")
    assert (run.position, run.arguments) == (2, '{"pin":"***"}')
    assert "4711" in str(run.kept)
    here.background.cancel(run.id)
    cancelled = here.find(run.id)
    assert (cancelled.arguments, cancelled.kept) == ('{"pin":"***"}', None)
