"""The steps of an action to statements of a verb."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action import statements as s
from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.conditions import Conditions
from actionlang.compile.dataverse_action.contracts import Contracts
from actionlang.compile.dataverse_action.evaluating import Variables
from actionlang.compile.dataverse_action.expressions import Expressions
from actionlang.compile.dataverse_action.known_tables import KnownTables
from actionlang.compile.dataverse_action.performing import Performing
from actionlang.compile.dataverse_action.row_steps import RowSteps
from actionlang.compile.dataverse_action.written import OTHERWISE, CanNotSay, Written, bracketed
from actionlang.metadata import types as t

PATH = re.compile(r"\.[A-Za-z_`]")
"""A column in an expression, whose value later steps may change."""

NO_CONDITION = "..."
"""What stands where a condition could not be translated, in a script's comments."""


@attrs.define
class Tally:
    """How many steps there were, and what was left of them, in words."""

    steps: int = 0
    left: list[str] = attrs.Factory(list)
    left_steps: int = 0


class Translator:
    """Translates one action. `arguments` are its inputs and outputs as types of the language, with whether they may be empty."""

    def __init__(
        self,
        workflow: m.Workflow,
        tables: KnownTables,
        inputs: dict[str, tuple[t.Type, bool]],
        outputs: dict[str, t.Type],
    ) -> None:
        self.workflow = workflow
        self.outputs = outputs
        self.variables = Variables(workflow)
        self.expressions = Expressions(tables, inputs, lambda: self.variables.state)
        self.conditions = Conditions(self.expressions)
        self.contracts = Contracts()
        self.tally = Tally()
        self.drafts: dict[str, list[m.SetProperty]] = {}
        taken = {*inputs, *outputs, workflow.table or ""}
        self.row_steps = RowSteps(self.expressions, self.variables, self.contracts, taken)
        self.performing = Performing(self.expressions, self.variables, self.contracts, taken)

    def translate(self) -> tuple[s.Statement, ...]:
        """All steps; also what was prepared and never stored is told."""
        done = self._all(self.workflow.activities)
        for changes in self.drafts.values():
            for change in changes:
                done.append(self._notice(change.place, f"{change.column} is set on a row that is not stored"))
        return tuple(done)

    def _all(self, activities: Iterable[m.Activity]) -> list[s.Statement]:
        return [statement for activity in activities for statement in self._one(activity)]

    def _one(self, activity: m.Activity) -> list[s.Statement]:
        if self.variables.take(activity):
            if isinstance(activity, m.Retrieve):
                self.performing.retrieved(activity)
            return []
        match activity:
            case m.NewRow():
                self.drafts[activity.row.text] = []
                return []
            case m.SetProperty():
                self.drafts.setdefault(activity.row.text, []).append(activity)
                return []
            case m.Step():
                return self._described(self._all(activity.activities), activity.description)
            case m.Stage():
                return [s.Staged((), activity.title, tuple(self._all(activity.activities)))]
            case m.Condition():
                return self._condition(activity)
        return self._step(activity)

    def _step(self, activity: m.Activity) -> list[s.Statement]:
        """A step that does something: its statements, with what is to be said of them above."""
        self.tally.steps += 1
        before = len(self.tally.left)
        self.expressions.remarks.clear()
        try:
            done = self._statements(activity)
        except CanNotSay as reason:
            done = [
                self._notice(activity.place, f"{_word(activity)} is not translated: {reason}{self._meant(activity)}")
            ]
        if len(self.tally.left) > before:
            self.tally.left_steps += 1
        if self.expressions.remarks and done:
            done[0] = attrs.evolve(done[0], comments=(*dict.fromkeys(self.expressions.remarks), *done[0].comments))
        if any(isinstance(statement, s.Setting | s.Calling | s.Plain) for statement in done):
            self.expressions.known = frozenset(name for name in self.expressions.known if "." not in name)
            self.variables.written()
        return done

    def _meant(self, activity: m.Activity) -> str:
        """The values of a step that is not translated."""
        if isinstance(activity, m.Create | m.Update):
            changes = self.drafts.pop(activity.row.text, [])
            known = [f"{change.column}{self.row_steps.meant(change.value).replace('; it', '')}" for change in changes]
            return f". {', '.join(known)}" if known else ""
        return self.row_steps.meant(activity.variable) if isinstance(activity, m.SetOutput) else ""

    def _statements(self, activity: m.Activity) -> list[s.Statement]:
        match activity:
            case m.Create() | m.Update():
                done, problems = self.row_steps.stored(activity, self.drafts.get(activity.row.text, []))
                self.drafts.pop(activity.row.text, None)
                notices = tuple(self._told(place, text) for place, text in problems)
                return [attrs.evolve(done[0], comments=(*notices, *done[0].comments)), *done[1:]]
            case m.Assign():
                return [self.row_steps.assigned(activity)]
            case m.SetState():
                return self.row_steps.moved(activity)
            case m.Perform():
                return [self.performing.performed(activity)]
            case m.StartChild():
                return [self.performing.started(activity)]
            case m.SetOutput():
                return [self._output(activity)]
            case m.Stop():
                return [self._stop(activity)]
            case m.Unknown():
                for name in activity.variables:
                    self.variables.held[name] = v.Unreadable(f"it comes from the {activity.what}", activity.place)
                raise CanNotSay("it is not known here")
        raise CanNotSay("it is not known here")

    # ------------------------------------------------------------------------------------------------ outputs, ends

    def _output(self, activity: m.SetOutput) -> s.Statement:
        wanted = self.outputs.get(activity.output)
        if wanted is None:
            raise CanNotSay(f"the action has no output {activity.output}")
        value = self.variables.value(activity.variable)
        found = self.expressions.as_text(value, wanted) if activity.as_text else self.expressions.write(value, wanted)
        self.variables.held[activity.output] = value
        return s.Output((), activity.output, found.text, found.optional, not PATH.search(found.text))

    def _stop(self, activity: m.Stop) -> s.Statement:
        value = self.variables.value(activity.message) if activity.message else v.Literal("String", activity.text)
        message = self._message(value)
        if activity.failed:
            return s.Failed((), message.text if message.text != '""' else '"The action was cancelled."')
        said = () if message.text == '""' else (f"It ends with the message {message.text}",)
        return s.Returned(said)

    def _message(self, value: v.Value) -> Written:
        found = self.expressions.write(value, t.Text())
        if found.text == "empty":
            return Written('""', found.level, t.Text(), False)
        if not found.optional:
            return found
        return Written(f'{bracketed(found, OTHERWISE + 1)} otherwise ""', OTHERWISE, t.Text(), False)

    # -------------------------------------------------------------------------------------------------- conditions

    def _condition(self, activity: m.Condition) -> list[s.Statement]:
        self.tally.steps += 1
        left, steps, left_steps = len(self.tally.left), self.tally.steps, self.tally.left_steps
        ways: list[s.Way] = []
        problems: list[str] = []
        state, states = self.variables.state, set[object]()
        for branch in activity.branches:
            self.variables.state = state
            try:
                ways.append(self._way(branch))
            except CanNotSay as reason:
                problems.append(f"{branch.place}: the condition is not translated: {reason}.")
                ways.append(s.Way(NO_CONDITION, self._inside(branch, frozenset())))
            states.add(self.variables.state)
        if states - {state}:
            self.variables.written()
        comments = (activity.description,) if activity.description else ()
        if activity.waits:
            problems.append(
                f"{activity.place}: waiting for something is not translated; a process action can not wait."
            )
        if not problems:
            return self._chain(ways, comments)
        del self.tally.left[left:]
        self.tally.left += problems
        inside = self.tally.steps - steps
        self.tally.left_steps = left_steps + 1 + inside
        return [s.Choice((*comments, *problems), tuple(ways), inert=True)]

    def _chain(self, ways: list[s.Way], comments: tuple[str, ...]) -> list[s.Statement]:
        """The branches up to the first that is always taken; others stand behind it as comments."""
        last = next((number for number, way in enumerate(ways) if not way.condition), len(ways))
        reached, never = ways[: last + 1], ways[last + 1 :]
        if reached and not reached[-1].condition and not reached[-1].statements and not reached[-1].comments:
            reached.pop()
        done: list[s.Statement] = []
        if reached and reached[0].condition:
            done.append(s.Choice(comments, tuple(reached)))
        elif reached:
            done += [s.Notice((*comments, *reached[0].comments)), *reached[0].statements]
        if never:
            done.append(s.Choice(("No way leads to what follows.",), tuple(never), inert=True))
        return done

    def _way(self, branch: m.Branch) -> s.Way:
        for activity in branch.before:
            if not self.variables.take(activity):
                raise CanNotSay(f"{_word(activity)} stands in it")
        condition = None
        self.expressions.remarks.clear()
        if branch.variable:
            condition = self.conditions.write(self.variables.value(branch.variable))
        shows = condition.shows if condition else frozenset[str]()
        comments = (*((branch.description,) if branch.description else ()), *dict.fromkeys(self.expressions.remarks))
        return s.Way(condition.text if condition else "", self._inside(branch, shows), comments)

    def _inside(self, branch: m.Branch, shows: frozenset[str]) -> tuple[s.Statement, ...]:
        rows, held, known = dict(self.variables.rows), dict(self.variables.held), self.expressions.known
        self.expressions.known = known | shows
        statements = tuple(self._all(branch.steps))
        changed = any(isinstance(found, s.Setting | s.Calling | s.Plain | s.Choice) for found in statements)
        self.expressions.known = frozenset(name for name in known if "." not in name or not changed)
        self.variables.leave(rows, held)
        return statements

    # ------------------------------------------------------------------------------------------------------ notices

    def _told(self, place: m.Place, text: str) -> str:
        self.tally.left.append(f"{place}: {text}.")
        return self.tally.left[-1]

    def _notice(self, place: m.Place, text: str) -> s.Statement:
        return s.Notice((self._told(place, text),))

    @staticmethod
    def _described(done: list[s.Statement], description: str) -> list[s.Statement]:
        if done and description:
            done[0] = attrs.evolve(done[0], comments=(description, *done[0].comments))
        return done


WORDS: dict[type[m.Activity], str] = {
    m.Create: "creating a row",
    m.Update: "updating a row",
    m.Assign: "assigning a row",
    m.SetState: "changing the status",
    m.StartChild: "starting a workflow",
    m.SetOutput: "setting an output",
    m.Stop: "stopping",
}


def _word(activity: m.Activity) -> str:
    """What a step is called in a notice."""
    if isinstance(activity, m.Unknown):
        return f"the {activity.what}"
    if isinstance(activity, m.SetOutput):
        return f"setting the output {activity.output}"
    if isinstance(activity, m.Perform):
        return f"performing {activity.verb}({', '.join(given.name for given in activity.inputs)})"
    return WORDS.get(type(activity), type(activity).__name__)
