"""Contracts of all kinds, also of the kinds that nobody writes: names that languages keep for themselves, documentation that tries
to be code."""

from __future__ import annotations

from random import Random

from actionlang.clients.contract import Contract, contract_of
from actionlang.metadata import types as t
from actionlang.metadata.tables import Choice, Column, Default, Member, Table
from actionlang.plan.plan import Binding, Effects, Parameter, StepPlan, Verb

KEPT = (
    "class", "def", "None", "self", "key", "expected", "dry_run", "list", "str", "int", "property", "v", "m", "dt", "attrs", "cls",
    "etag", "from_wire", "of_key", "wire_set", "close", "deprecated", "constructor", "__proto__", "then", "toString", "data", "call",
    "default", "await", "function", "on", "args", "options", "given", "answer", "Client", "Decimal", "UUID", "Row", "Error", "Object",
    "Promise", "Date", "date", "datetime", "Order Details", "order details", "OrderDetails", "order_details", "ORDER DETAILS",
    "größe", "Größe", "ﬁle", "file", "1st", "2", "_", "__", "a-b", "a b", "日付", "İ", "ß", "ss", "'", '"', "`", "\\", "*/", "${x}",
    "{x}", "started", "run", "dry run", "\u2028", "\u202e", "x" * 60, "Sequence", "Rows", "Mapping", "JSON", "annotations", "super", "this", "true", "Any",
)  # fmt: skip

EVIL = (
    "",
    "Plain words.",
    'Ends in a quote: "',
    '"""\nimport os\n"""',
    "\\",
    'Ends in a backslash and a quote: \\"',
    "*/ export const evil = 1; /*",
    "**/ //",
    "*\\/ /* @ts-ignore */",
    "@ts-nocheck\n@internal\n * @deprecated no",
    "# type: ignore\n\n\n",
    "\u202e reversed \u2066 \u0000 \u001b[31m red \x7f",
    "Line\r\nafter\u2028line\u2029after\x85line\x0cafter",
    "${evil} `evil` {evil} %s %(evil)s",
    "</script><!-- -->",
    "  indented\n    more\n\tby a tab",
)

TABLES = ("one.case", "one.class", "two.case", "one.Order Details")
CHOICES = ("one.Priority", "two.priority", "one.None")
KEYS: tuple[t.Type, ...] = (t.Id(), t.Integer(), t.Text(20), t.Date(), t.Decimal(10, 2), t.Row(("one.class",)))
PLAIN: tuple[t.Type, ...] = (
    t.Text(), t.Integer(), t.Decimal(12, 4), t.Money(), t.Float(), t.Boolean(), t.Date(), t.DateTime(), t.Duration(), t.Id(), t.Json(),
)  # fmt: skip
SIGNS = "aZ_09 -.$äß日İﬁ\u0301\u200d\u2028\u202e'\"`\\/*#@{}[]()<>%\n\t\x00\U0001d4d0"


def contract_of_seed(seed: int) -> Contract:
    """A contract of a few verbs, the same for a seed."""
    return _Making(Random(seed)).contract()


class _Making:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._one = random.choice

    def _often(self) -> bool:
        return self._random.random() < 0.5

    def _name(self) -> str:
        if self._random.random() < 0.7:
            return self._one(KEPT)
        return "".join(self._random.choices(SIGNS.replace(".", ""), k=self._random.randint(1, 8)))

    def _names(self, least: int, most: int) -> list[str]:
        wanted = self._random.randint(least, most)
        found: dict[str, None] = {}
        while len(found) < wanted:
            found[self._name()] = None
        return list(found)

    def _doc(self) -> str:
        return self._one(EVIL) if self._often() else "".join(self._random.choices(SIGNS, k=self._random.randint(0, 20)))

    def _maybe_doc(self) -> str | None:
        return self._doc() if self._often() else None

    def _type(self, *, lists: bool = True) -> t.Type:
        kinds = ("plain", "plain", "row", "choice", "choices")
        match self._one((*kinds, "list", "list") if lists else kinds):
            case "row":
                return t.Row(tuple(self._random.sample(TABLES, self._random.randint(1, 3))))
            case "choice":
                return t.Choice(self._one(CHOICES))
            case "choices":
                return t.Choices(self._one(CHOICES))
            case "list":
                return t.ListOf(self._type(lists=False))
        return self._one(PLAIN)

    def _parameter(self, name: str, *, is_input: bool) -> Parameter:
        type_, optional = self._type(), self._often()
        default = Default(self._doc()) if is_input and isinstance(type_, t.Text) and self._often() else None
        gone = self._maybe_doc() if is_input and (optional or default) else None
        return Parameter(name, type_, optional, default, False, self._doc(), gone)

    def _table(self, name: str) -> Table:
        # The table that others' keys lead to has a key that leads nowhere.
        keys, count = (KEYS[:-1], 1) if name == "one.class" else (KEYS, self._random.randint(1, 2))
        columns = []
        for place, each in enumerate(self._names(3, 6)):
            type_ = self._one(keys) if place < count + 1 else self._type(lists=False)
            columns.append(Column(each, type_, each, primary=place < count, doc=self._doc()))
        other = ((columns[count].name,),) if self._often() else ()
        return Table(name, name, tuple(columns), keys=other, doc=self._doc())

    def _choice(self, name: str) -> Choice:
        numbered = self._often()
        members = (
            Member(each, at if numbered else None, self._maybe_doc()) for at, each in enumerate(self._names(1, 5))
        )
        return Choice(name, tuple(members), self._doc())

    def _verb(self, name: str) -> Verb:
        kind = self._one(("action", "function", "extern action", "background"))
        each = self._often() and kind not in ("function", "background")
        binding = Binding(self._one(TABLES), self._name(), each) if self._often() else None
        inputs = tuple(self._parameter(each, is_input=True) for each in self._names(0, 5))
        outputs = tuple(self._parameter(each, is_input=False) for each in self._names(0, 4))
        doc, gone = self._doc(), self._maybe_doc()
        return Verb(
            name, kind, binding, inputs, outputs, ("a.b",), False, False, gone, doc, Effects(), (), "one.act", 1
        )

    def contract(self) -> Contract:
        """A contract."""
        tables, choices = tuple(map(self._table, TABLES)), tuple(map(self._choice, CHOICES))
        verbs = {f"{self._one(('one', 'two'))}.{name}": None for name in self._names(2, 5)}
        return contract_of(StepPlan(name, (self._verb(name),), tables, choices) for name in verbs)
