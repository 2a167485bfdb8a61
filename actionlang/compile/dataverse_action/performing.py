"""Steps that run something else: actions of the platform, custom activities, other workflows."""

from __future__ import annotations

import re

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action import statements as s
from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.contracts import Contracts, add
from actionlang.compile.dataverse_action.evaluating import Variables
from actionlang.compile.dataverse_action.expressions import Expressions
from actionlang.compile.dataverse_action.kinds import LIST, kind_of
from actionlang.compile.dataverse_action.known_tables import spelt
from actionlang.compile.dataverse_action.written import CanNotSay
from actionlang.metadata import types as t

DOCS = {
    "action": "An action of Dataverse, or another process action: the host does it, or a verb of this name.",
    "activity": "A custom workflow activity, written in .NET there: the host does it.",
}


class Performing:
    """Makes the statements. `taken` are names that no outputs may have."""

    def __init__(self, expressions: Expressions, variables: Variables, contracts: Contracts, taken: set[str]) -> None:
        self.expressions = expressions
        self.variables = variables
        self.contracts = contracts
        self.taken = taken
        self.returned: dict[str, tuple[str, str]] = {}

    def performed(self, activity: m.Perform) -> s.Statement:
        """`perform`, with a contract for what is performed. Raises CanNotSay."""
        lists = [given.name for given in (*activity.inputs, *activity.outputs) if given.type == LIST]
        if lists:
            raise CanNotSay(f"{lists[0]} is a list of rows of any table")
        on, arguments, kinds = "", list[tuple[str, str]](), dict[str, tuple[str, t.Type | None]]()
        for given in activity.inputs:
            written = self.expressions.write(self.variables.value(given.variable), kind_of(given.type))
            if given.name == "Target" and activity.table and not written.optional:
                on = written.text
            else:
                arguments.append((spelt(given.name), written.text))
                kinds[given.name] = (given.type, written.type)
        alias = v.Alias(self._free(activity.verb))
        for given in activity.outputs:
            self.variables.held[given.variable] = v.OutputOf(alias, given.name, given.type)
            self.returned[given.variable] = (activity.verb, given.name)
        if not self.expressions.tables.has_verb(activity.verb):
            contract = self.contracts.get(activity.verb, activity.table if on else "", DOCS[activity.kind])
            for name, (kind, found) in kinds.items():
                add(contract.inputs, name, kind, found)
            for given in activity.outputs:
                add(contract.outputs, given.name, given.type, None)
        return s.Calling((), f"perform {spelt(activity.verb)}", tuple(arguments), on, alias)

    def retrieved(self, activity: m.Retrieve) -> None:
        """A row that something returned is read: now it is known which table it is of."""
        verb, output = self.returned.get(activity.variable, ("", ""))
        contract = self.contracts.by_name.get(verb)
        if contract is not None and activity.table:
            table = self.expressions.tables.table(activity.table)
            contract.outputs[output] = [t.Row((table.name if table else activity.table,))]

    def started(self, activity: m.StartChild) -> s.Statement:
        """Another workflow, which is known by its id alone. Raises CanNotSay."""
        number = re.sub(r"[^0-9A-Fa-f]", "", activity.workflow)
        if not number:
            raise CanNotSay("it does not say which workflow")
        row = self.expressions.row(self.variables.row(activity.row, activity.table))
        name = f"Workflow_{number[:8].lower()}"
        doc = f"The workflow {activity.workflow.strip('{}').lower()}: the host starts it, or a verb in its place."
        self.contracts.get(name, activity.table, doc)
        return s.Calling((), f"start {name}", (), row.text)

    def _free(self, verb: str) -> str:
        """A name for what a verb returns that nothing else has."""
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", verb).lower()
        name = re.sub(r"\W", "_", name, flags=re.ASCII) or "done"
        free, number = name, 1
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free
