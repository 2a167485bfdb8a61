"""Tables, choices and contracts from the `$metadata` document of a Dataverse organisation (OData v4 CSDL)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BufferedReader
from pathlib import PurePath

import attrs

from actionlang.metadata.emit import Notice, Script, Spelling, comment, emit
from actionlang.metadata.emit_contracts import Contract, emit_contract
from actionlang.metadata.sources.dataverse_choices import complex_types, make_choice, types_without_table
from actionlang.metadata.sources.dataverse_contracts import Contracts, is_left_out
from actionlang.metadata.sources.dataverse_model import Csdl
from actionlang.metadata.sources.dataverse_names import name_types
from actionlang.metadata.sources.dataverse_read import read_csdl
from actionlang.metadata.sources.dataverse_tables import Tables
from actionlang.metadata.tables import Choice, Table
from actionlang.metadata.types import Choice as ChoiceType
from actionlang.metadata.types import Choices, ListOf

HEADING = (
    "From {name}, a $metadata document of Dataverse.\n\n"
    "The document has no words for the values of choice columns, statecode and statuscode among them: they are integers. "
    "An ownerid is an owner, a core.user or core.team; systemuser and team are tables like any other."
)

OWN_HEADING = "From {name}, the $metadata document of a server of ActionLang."


@attrs.frozen
class Imported:
    """What a document became. `left_out` counts the operations on tables that were not asked for; `is_own` says that a server of
    ActionLang made the document."""

    module: str
    name: str
    choices: tuple[Choice, ...]
    tables: tuple[Table, ...]
    contracts: tuple[Contract, ...]
    notices: tuple[Notice, ...]
    complex_types: str
    left_out: int
    is_own: bool = False

    def text(self) -> str:
        """The script that declares all of it."""
        spelling = Spelling.of(self.module, self.choices, self.tables)
        blocks = [emit_contract(contract, spelling) for contract in self.contracts]
        if self.complex_types:
            blocks.append("\n".join(comment(self.complex_types)))
        heading = (OWN_HEADING if self.is_own else HEADING).format(name=self.name)
        script = Script(self.module, self.choices, self.tables, self.notices, heading=heading, blocks=blocks)
        return emit(script)


def read_dataverse(file: BufferedReader, name: str, module: str, patterns: Sequence[str] = ()) -> Imported:
    """What a `$metadata` document describes, for a script that is the module `module`.

    `file` is XML, or XML compressed by gzip; `name` is for messages. With `patterns` (`incident`, `contoso_*`) only the entity
    types whose names fit become tables, with the operations that take or return their rows and no other tables'.

    Raises ActionLangError when it is no such document.
    """
    return convert(read_csdl(file, name), module, patterns)


def convert(csdl: Csdl, module: str, patterns: Sequence[str] = ()) -> Imported:
    """What a document that has been read becomes."""
    names = name_types(csdl, module, patterns)
    made_tables = Tables(csdl, names).make()
    contracts = Contracts(csdl, names).make()
    used = _choices_used((made.table for made in made_tables), contracts)
    made_choices = [
        make_choice(csdl.enums[name], full, csdl)
        for name, full in names.choices.items()
        if full in used or not names.left_out
    ]
    notices = types_without_table(csdl, names)
    notices += [notice for _, found in made_choices for notice in found]
    notices += [notice for made in made_tables for notice in made.notices]
    operations = [each for each in csdl.operations if not is_left_out(each, names)]
    return Imported(
        module,
        PurePath(csdl.name).name,
        tuple(choice for choice, _ in made_choices),
        tuple(made.table for made in made_tables),
        tuple(contracts),
        tuple(notices),
        "" if names.left_out else complex_types(csdl, operations),
        len(csdl.operations) - len(operations),
        bool(names.said),
    )


def _choices_used(tables: Iterable[Table], contracts: Iterable[Contract]) -> set[str]:
    """Full names of the choices that columns, parameters and outputs have."""
    types = [column.type for table in tables for column in table.columns]
    types += [each.type for contract in contracts for each in (*contract.inputs, *contract.outputs)]
    single = [type_.item if isinstance(type_, ListOf) else type_ for type_ in types]
    return {type_.name for type_ in single if isinstance(type_, ChoiceType | Choices)}
