"""A verb as it is called over HTTP: what reads its arguments and writes its outputs, made once a version of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from json.encoder import encode_basestring
from typing import Any
from weakref import WeakKeyDictionary

import attrs

from actionlang.diagnostics.catalogue.server import WRONG_VALUES
from actionlang.diagnostics.display import safe
from actionlang.engine.schema import Schema
from actionlang.engine.store import RowRef
from actionlang.metadata.types import ListOf, Row
from actionlang.metadata.wire_names import WireNames
from actionlang.plan.plan import Parameter, Verb
from actionlang.registry.active import Active
from actionlang.server.catalog import Catalog
from actionlang.server.odata.given import value_reader
from actionlang.server.odata.given_rows import bound_reader
from actionlang.server.odata.literals import EnumLiteral
from actionlang.server.odata.urls import keys_read_by
from actionlang.server.odata.values import NONE, Writing, member_of
from actionlang.server.odata.wire import Wire, item_of
from actionlang.server.refusal import Detail, Refusal
from actionlang.server.statuses import BAD_REQUEST

LONGEST_SHOWN = 60
MOST_DETAILS = 20
"""Problems that are told at once: an answer is not to be larger than its request by much."""

BIND = ("@odata.bind", "@bind")
TARGETS = "Targets"
"""What the rows are called in the body of a verb that is called on a set of them, as in Dataverse's CreateMultiple."""

ANNOTATIONS = ("odata.", "OData.", "Microsoft.")
PLAIN_ANNOTATIONS = frozenset({"type", "id", "context", "etag"})


@attrs.frozen
class _Given:
    """Something that may stand in a body: the parameter that it is of, and what reads it."""

    parameter: Parameter
    read: Callable[[object], object]


class PreparedVerb:
    """A version of a verb with its readers and writers."""

    def __init__(self, active: Active, names: WireNames) -> None:
        self.active = active
        self.verb: Verb = active.plan.verb
        self.wire = Wire(Schema.of_plan(active.plan.steps), names)
        self.keys = keys_read_by(self.wire)
        self._given = dict(self._all_given())
        self._needed = [each for each in self.verb.inputs if not each.optional and each.default is None]
        self._targets = None
        if self.verb.binding is not None:
            self._targets = value_reader(ListOf(Row((self.verb.binding.table,))), self.wire)
        self._writers: dict[Writing, list[tuple[str, Callable[[Any], str]]]] = {}

    def _all_given(self) -> Iterator[tuple[str, _Given]]:
        for each in self.verb.inputs:
            name = WireNames.property(each.name)
            yield name, _Given(each, value_reader(each.type, self.wire))
            if isinstance(item_of(each.type), Row):
                bound = _Given(each, bound_reader(each.type, self.wire, value_reader))
                yield from ((f"{name}{suffix}", bound) for suffix in BIND)

    @property
    def short_name(self) -> str:
        """What the verb is called in messages."""
        return self.verb.short_name

    # ------------------------------------------------------------------------------------------------------- arguments

    def arguments(self, given: Mapping[str, object]) -> dict[str, object]:
        """The arguments of a call, by their names in the script, from JSON's data or literals.

        Raises Refusal that tells all that is wrong with them.
        """
        read: dict[str, object] = {}
        problems: list[Detail] = []
        for name, data in given.items():
            known = self._given.get(name)
            if known is None:
                if not _is_annotation(name):
                    problems.append(self._unknown(name))
            elif known.parameter.name in read:
                problems.append(_problem(f"`{known.parameter.name}` is given twice.", name))
            elif data is None:
                read[known.parameter.name] = None
                if not known.parameter.optional:
                    problems.append(self._wrong(known.parameter, name, data, "a value"))
            else:
                try:
                    read[known.parameter.name] = known.read(data)
                except ValueError as error:
                    read[known.parameter.name] = None
                    problems.append(self._wrong(known.parameter, name, data, str(error)))
        for each in self._needed:
            if each.name not in read:
                name = WireNames.property(each.name)
                problems.append(_problem(f"{self.short_name} needs `{name}`: a value of type {_said(each)}.", name))
        if problems:
            raise self._refusal(problems)
        return read

    def targets(self, given: dict[str, object]) -> tuple[object, ...]:
        """The rows of a call on a set of them, taken out of what is given. Raises Refusal."""
        assert self._targets is not None
        data = given.pop(TARGETS, None)
        try:
            return self._targets(data)  # type: ignore[return-value]
        except ValueError as error:
            problem = _problem(f"`{TARGETS}` takes {error}: the rows that {self.short_name} is called on.", TARGETS)
            raise self._refusal([problem]) from None

    def _refusal(self, problems: list[Detail]) -> Refusal:
        first = problems[0]
        details = tuple(problems[:MOST_DETAILS]) if len(problems) > 1 else ()
        return Refusal(
            BAD_REQUEST, first.code, first.message, target=first.target, details=details, verb=self.active.name
        )

    def _unknown(self, name: str) -> Detail:
        known = ", ".join(WireNames.property(each.name) for each in self.verb.inputs)
        takes = f"it takes {known}" if known else "it takes none"
        return _problem(f"{self.short_name} has no parameter {_shown(name)}; {takes}.", name)

    def _wrong(self, parameter: Parameter, name: str, data: object, takes: str) -> Detail:
        """What is wrong with a value. A sensitive one is not repeated."""
        shown = "what was given" if parameter.sensitive else _shown(data)
        return _problem(f"`{name}` takes {takes}, not {shown}.", name)

    # --------------------------------------------------------------------------------------------------------- outputs

    def members(self, outputs: Mapping[str, object], writing: Writing) -> list[str]:
        """The outputs of a run as members of an object."""
        writers = self._writers.get(writing)
        if writers is None:
            writers = self._writers[writing] = [
                (each.name, member_of(WireNames.property(each.name), each.type, self.wire, writing))
                for each in self.verb.outputs
            ]
        return [write(outputs[name]) for name, write in writers]

    def body(self, outputs: Mapping[str, object], writing: Writing, root: str) -> str:
        """The outputs of a run as the body of an answer."""
        members = self.members(outputs, writing)
        if writing.metadata != NONE:
            members.insert(0, context_member(root, self._response))
        return "{" + ",".join(members) + "}"

    def set_body(self, rows: Iterable[tuple[RowRef, Mapping[str, object]]], writing: Writing, root: str) -> str:
        """The outputs of a run on a set of rows, in the order of their keys; an annotation of each says which row it is of."""
        context, about = "", f'"@{self.wire.names.namespace}.target":'
        if writing.metadata != NONE:
            context = f"{context_member(root, f'Collection({self._response})')},"
        items = []
        for row, outputs in rows:
            members = self.members(outputs, writing)
            if context:
                members.insert(0, about + encode_basestring(self.wire.address(row)))
            items.append("{" + ",".join(members) + "}")
        return f'{{{context}"value":[{",".join(items)}]}}'

    @property
    def _response(self) -> str:
        return self.wire.names.qualified(self.wire.names.response(self.active.name))


def context_member(root: str, what: str) -> str:
    """`"@odata.context"` for something that `$metadata` describes."""
    return f'"@odata.context":{encode_basestring(f"{root}/$metadata#{what}")}'


def _said(parameter: Parameter) -> str:
    inner = item_of(parameter.type)
    if not isinstance(inner, Row):
        return str(parameter.type)
    rows = " or ".join(name.rpartition(".")[2] for name in inner.tables)
    return f"list of {rows}" if isinstance(parameter.type, ListOf) else rows


def _is_annotation(name: str) -> bool:
    """Whether a member is no value but something that is said of one, which is left alone. A link is a value: one of something
    that the verb does not take is wrong."""
    _, sign, term = name.partition("@")
    return bool(sign) and f"@{term}" not in BIND and (term.startswith(ANNOTATIONS) or term in PLAIN_ANNOTATIONS)


def _problem(message: str, target: str) -> Detail:
    return Detail(WRONG_VALUES.id, message, target[:LONGEST_SHOWN])


def _shown(data: object) -> str:
    """What was given, as JSON has it, shortened."""

    def plainly(value: object) -> object:
        return value.member if isinstance(value, EnumLiteral) else str(value)

    text = safe(json.dumps(data, default=plainly, ensure_ascii=False))
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


class PreparedVerbs:
    """The verbs of the catalogs in use, prepared when they are first called."""

    def __init__(self) -> None:
        self._by_catalog: WeakKeyDictionary[Catalog, dict[str, PreparedVerb]] = WeakKeyDictionary()

    def of(self, catalog: Catalog, active: Active) -> PreparedVerb:
        """A verb in one of its versions."""
        known = self._by_catalog.get(catalog)
        if known is None:
            known = self._by_catalog.setdefault(catalog, {})
        made = known.get(active.plan.hash)
        if made is None:
            made = known[active.plan.hash] = PreparedVerb(active, catalog.names)
        return made
