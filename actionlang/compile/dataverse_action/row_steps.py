"""Steps that write rows: create, update, assign, change the status; and sending e-mail, which creates a row first."""

from __future__ import annotations

from actionlang.compile.dataverse_action import model as m
from actionlang.compile.dataverse_action import statements as s
from actionlang.compile.dataverse_action import values as v
from actionlang.compile.dataverse_action.contracts import Contracts, add
from actionlang.compile.dataverse_action.evaluating import Variables
from actionlang.compile.dataverse_action.expressions import Expressions
from actionlang.compile.dataverse_action.known_tables import spelt
from actionlang.compile.dataverse_action.written import CanNotSay
from actionlang.metadata import types as t
from actionlang.metadata.tables import Table

PARTIES = ("from", "to", "cc", "bcc")
"""Columns of an e-mail that hold people; Dataverse keeps them in rows of their own."""

SEND = "SendEmail"
Problem = tuple[m.Place, str]


class RowSteps:
    """Makes the statements. `taken` are names that no row may have."""

    def __init__(self, expressions: Expressions, variables: Variables, contracts: Contracts, taken: set[str]) -> None:
        self.expressions = expressions
        self.tables = expressions.tables
        self.variables = variables
        self.contracts = contracts
        self.taken = taken

    def stored(
        self, activity: m.Create | m.Update, changes: list[m.SetProperty]
    ) -> tuple[list[s.Statement], list[Problem]]:
        """A row that is created or updated, with what could not be set. Raises CanNotSay."""
        if isinstance(activity, m.Update):
            return self._updated(activity, changes)
        table = activity.table
        if not table:
            raise CanNotSay("it does not say which table the row is of")
        if self.tables.known and self.tables.table(table) is None:
            raise CanNotSay(f"the tables have no table {table}")
        people = [change for change in changes if activity.sent and change.column in PARTIES]
        assignments, problems = self._assignments(table, [change for change in changes if change not in people])
        problems += [(activity.place, text) for text in self._missing(table, {name for name, _ in assignments})]
        alias = v.Alias(self._free(f"new_{table}"))
        done: list[s.Statement] = [s.Setting((), f"create {self.tables.spelt_table(table)}", assignments, alias)]
        if activity.sent:
            done.append(self._sent(table, alias, people, problems))
        self.variables.rows[activity.row.text] = v.CreatedRow(table, alias)
        return done, problems

    def _missing(self, table: str, given: set[str]) -> list[str]:
        """Columns that a new row must have and this one has not."""
        known = self.tables.table(table)
        return [
            f"{column.name} is not set, and table {table} requires it"
            for column in (known.columns if known else ())
            if column.required
            and not column.default
            and not column.readonly
            and column.moves is None
            and not column.primary
            and column.name not in given
        ]

    def _updated(self, activity: m.Update, changes: list[m.SetProperty]) -> tuple[list[s.Statement], list[Problem]]:
        row = self.variables.row(activity.row, activity.table)
        text, before = self._there(row)
        assignments, problems = self._assignments(row.table, changes)
        if not assignments:
            if not problems:
                return [s.Notice(("An update that changes nothing.",))], problems
            return [s.Notice(())], problems
        return [*before, s.Setting((), f"update {text}", assignments)], problems

    def _there(self, row: v.RowSource) -> tuple[str, list[s.Statement]]:
        """A row that is to be written; where it may not be there, with a statement that sees to it that it is."""
        found = self.expressions.row(row)
        if not found.optional:
            return found.text, []
        text, before = found.text, list[s.Statement]()
        if "(" in text:
            name = self._free(f"the_{row.table}")
            before.append(s.Plain((), f"let {spelt(name)} = {text}", False))
            text = spelt(name)
        message = f"There is no {row.table} to change."
        before.append(s.Plain((), f'require ({text} is not empty) else "{message}"', False))
        return text, before

    def _assignments(
        self, table: str, changes: list[m.SetProperty]
    ) -> tuple[tuple[tuple[str, str], ...], list[Problem]]:
        """Columns with their new values; of a column that is set twice the last value counts."""
        found: dict[str, str] = {}
        problems: list[Problem] = []
        for change in changes:
            try:
                wanted = self.expressions.slot(table, change.column)
                written = self.expressions.write(self.variables.value(change.value), wanted)
                column = self.tables.column(table, change.column)
                if column is not None and column.required and written.optional:
                    raise CanNotSay(f"{written.text} may be empty, and the column is required")
                found[spelt(change.column)] = written.text
            except CanNotSay as reason:
                problems.append((change.place, f"{change.column} is not set: {reason}{self.meant(change.value)}"))
        return tuple(found.items()), problems

    def meant(self, variable: str) -> str:
        """What a value that has no place in the script would be, if that can be said."""
        try:
            return f"; it was to be {self.expressions.write(self.variables.value(variable)).text}"
        except CanNotSay:
            return ""

    # ------------------------------------------------------------------------------------------------------ e-mail

    def _sent(self, table: str, alias: v.Alias, people: list[m.SetProperty], problems: list[Problem]) -> s.Statement:
        contract = self.contracts.get(SEND, table, "Send an e-mail that is stored as a row: the host does it.")
        arguments: list[tuple[str, str]] = []
        for change in people:
            for number, person in enumerate(_people(self.variables.value(change.value)), 1):
                name = change.column if number == 1 else f"{change.column}_{number}"
                try:
                    written = self.expressions.write(person, t.Row(()))
                except CanNotSay as reason:
                    problems.append((change.place, f"{change.column} has somebody less: {reason}"))
                    continue
                add(contract.inputs, name, "EntityReference", written.type)
                arguments.append((name, written.text))
        return s.Calling((), f"perform {SEND}", tuple(arguments), spelt(alias.use()))

    # ---------------------------------------------------------------------------------------------- owner and status

    def assigned(self, activity: m.Assign) -> s.Statement:
        """A new owner. Raises CanNotSay."""
        row = self.variables.row(activity.row, activity.table)
        owner: v.Value = v.Reference(activity.owner_table, activity.owner_id, "")
        if activity.variable:
            owner = self.variables.value(activity.variable)
        found = self.expressions.row(row)
        table = self.tables.table(row.table)
        if table is None or table.owner is not None:
            written = self.expressions.write(owner, t.OWNER)
            return s.Plain((), f"assign {found.text} to {written.text}", True)
        slot = self.expressions.slot(row.table, "ownerid")
        return s.Setting((), f"update {found.text}", (("ownerid", self.expressions.write(owner, slot).text),))

    def moved(self, activity: m.SetState) -> list[s.Statement]:
        """Another status: a move, where the table says which there are, else two numbers. Raises CanNotSay."""
        row = self.variables.row(activity.row, activity.table)
        text, before = self._there(row)
        numbers = {"statecode": activity.state, "statuscode": activity.status}
        table = self.tables.table(row.table)
        if table is not None and table.status is not None:
            before.append(self._move(text, table, numbers))
            numbers.pop(table.status.name, None)
        elif table is not None and not numbers.keys() & table.by_name.keys():
            raise CanNotSay(f"table {row.table} has neither a status nor the columns statecode and statuscode")
        assignments = []
        for name, number in numbers.items():
            if table is None or name in table.by_name:
                value = v.Literal("OptionSetValue", str(number))
                assignments.append((name, self.expressions.write(value, self.expressions.slot(row.table, name)).text))
        return [*before, s.Setting((), f"update {text}", tuple(assignments))] if assignments else before

    def _move(self, text: str, table: Table, numbers: dict[str, int]) -> s.Statement:
        status = table.status
        assert status is not None
        assert isinstance(status.type, t.Choice)
        wanted = (
            (numbers["statecode"],) if status.name == "statecode" else (numbers["statuscode"], numbers["statecode"])
        )
        members = self.tables.choice(status.type.name).members
        state = next((member.name for number in wanted for member in members if member.number == number), None)
        if state is None:
            raise CanNotSay(f"the status of {table.short_name} has no state with the number {wanted[0]}")
        if not any(state in moves.targets for moves in status.moves or ()):
            raise CanNotSay(f"no move of the status of {table.short_name} leads to {state}")
        return s.Plain((), f"move {text} to {spelt(state)}", True)

    def _free(self, name: str) -> str:
        """A name that nothing else has."""
        free, number = name, 1
        while free in self.taken:
            number += 1
            free = f"{name}_{number}"
        self.taken.add(free)
        return free


def _people(value: v.Value) -> list[v.Value]:
    """Everybody in a list of parties."""
    if isinstance(value, v.Parties) or (isinstance(value, v.Calculation) and value.operator == "Add"):
        return [person for part in value.parts for person in _people(part)]
    if isinstance(value, v.FirstOf) and len(value.parts) == 1:
        return _people(value.parts[0])
    return [] if isinstance(value, v.Nothing) else [value]
