"""docs/reference/embedding.md: what `from actionlang import ...` gives, in the words of its docstrings."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cached_property
from importlib import import_module
from textwrap import fill
from typing import Any

import attrs

import actionlang

HEAD = """# Embedding

What a Python program may import from `actionlang`, and nothing else is promised. The [tutorial](../tutorial/embed.md) shows it at
work. This page is made from the docstrings by `python -m website pages`; change those, not this page.

Names are imported when they are first used. Loading and running a plan needs neither parser nor checker; running needs
`actionlang[sql]`, on PostgreSQL `actionlang[postgres]`.

```file stock.act
table product "Product" <
  sku    text(20) required key;
  stock  integer required default 0
>

## Put goods on the shelf.
action Receive (sku text(20), amount integer) returns (stock integer) <
  require (amount > 0) else "There is nothing to receive.";
  find optional product as known where (known.sku = sku);
  if (known is empty) < create product set sku = sku, stock = amount; return stock: amount >
  update known set stock = known.stock + amount;
  return stock: known.stock
>
```

```console
$ actionlang compile stock.act -o plans
wrote      plans/stock.Receive.plan.json
1 plan in plans.
```

```python
from actionlang import Database, Plan, RunFailed

receive = Plan.load("plans/stock.Receive.plan.json")

with Database.connect("sqlite:///stock.db", create=True) as database:
    database.tables.create(receive.schema)
    assert receive.run(database, sku="LAMP-3", amount=5)["stock"] == 5

    planned = receive.run(database, sku="LAMP-3", amount=2, dry_run=True)
    assert planned["stock"] == 7 and planned.run is None

    once = receive.run(database, sku="LAMP-3", amount=2, key="delivery-1042")
    again = receive.run(database, sku="LAMP-3", amount=2, key="delivery-1042")
    assert (again["stock"], again.replayed) == (once["stock"], True)

    try:
        receive.run(database, sku="LAMP-3", amount=0)
    except RunFailed as failed:
        assert failed.diagnostics[0].message == "There is nothing to receive."

    assert [record.outcome for record in database.log.runs()] == ["failed", "done", "done"]
```

Rows are read without a verb, too:

```python
from actionlang import Database, Plan, RowsQuery, Sort

schema = Plan.load("plans/stock.Receive.plan.json").schema
low = RowsQuery(
    "stock.product",
    columns=("sku", "stock"),
    where=lambda columns: columns.compared("stock", "<", "limit"),
    values={"limit": 10},
    order=(Sort("stock", descending=True),),
)

with Database.connect("sqlite:///stock.db") as database, database.reading(schema) as rows:
    assert [row.values["sku"] for row in rows.page(low).rows] == ["LAMP-3"]
    assert rows.count(low) == 1
```

"""

SECTIONS = {
    "Plans": ("Plan", "Result", "ManyResult", "Change", "RowRef"),
    "Verbs in use": ("Verbs", "Active"),
    "Background runs": ("Background", "BackgroundRun"),
    "Databases": ("Database", "Hosting", "Policy", "Tables", "Log", "RunRecord", "Sealer", "Sealed", "Retry", "Schema"),
    "Reading rows": ("Reading", "RowsQuery", "Sort", "Columns", "Page", "FoundRow"),
    "What is raised": ("ActionLangError", "RunFailed", "OutcomeUnknown", "RunInterrupted", "Diagnostic"),
}
GIVEN = {
    "Active": "registry.active",
    "BackgroundRun": "durable.runs",
    "Columns": "runtime.readable",
    "FoundRow": "runtime.reading",
    "ManyResult": "runtime.many",
    "Page": "runtime.reading",
    "Reading": "runtime.reading",
    "RunRecord": "runtime.log",
    "Sealed": "audit.sealing",
    "Tables": "runtime.tables",
}
"""Classes that nobody imports: methods give them."""

INTERNAL = {
    "Database": {"attempts", "take_turn", "end_turn"},
    "Verbs": {"snapshot"},
    "Background": {"start_asked"},
    "Policy": {"needs", "restricted"},
    "Columns": {"column"},
}
"""Methods by which the rooms of the project talk to one another; no host needs them."""


def page() -> str:
    """The page as it should be."""
    parts = [HEAD]
    for section, names in SECTIONS.items():
        parts.append(f"## {section}\n")
        for name in names:
            parts.extend(_thing(name))
    return "".join(parts)


def _thing(name: str) -> Iterator[str]:
    home = GIVEN.get(name)
    thing = getattr(import_module(f"actionlang.{home}"), name) if home else getattr(actionlang, name)
    bases = [
        base.__name__ for base in thing.__bases__ if base.__name__ in actionlang.HOMES or base is KeyboardInterrupt
    ]
    raised = f" ({', '.join(bases)})" if bases else ""
    yield f"\n### {name}\n\n"
    if issubclass(thing, BaseException):
        yield f"`class {name}{raised}`\n\n"
    yield f"{_prose(thing)}\n"
    fields = _fields(thing)
    if fields:
        yield "\n| | |\n|---|---|\n"
        yield from (f"| `{field}` | `{type_}` |\n".replace(" | None", " \\| None") for field, type_ in fields)
    for member, value in vars(thing).items():
        if not member.startswith("_") and member not in INTERNAL.get(name, ()):
            yield from _member(name, member, value)


def _fields(thing: type) -> list[tuple[str, str]]:
    """What a value has, with types, where that is all there is to it."""
    if attrs.has(thing):
        return [(field.name, _type(field.type)) for field in attrs.fields(thing) if not field.name.startswith("_")]
    return [(field, _type(thing.__annotations__[field])) for field in getattr(thing, "_fields", ())]


def _type(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _member(owner: str, name: str, value: Any) -> Iterator[str]:
    """A method or property."""
    if isinstance(value, property | cached_property):
        get = value.fget if isinstance(value, property) else value.func
        yield f"\n#### {owner}.{name}\n\n`{name}: {_type(get.__annotations__['return'])}`\n\n{_prose(get)}\n"
    elif isinstance(value, staticmethod | classmethod) or inspect.isfunction(value):
        function = getattr(value, "__func__", value)
        yield f"\n#### {owner}.{name}\n\n```py\n{_signature(owner, name, value)}\n```\n\n{_prose(function)}\n"


def _signature(owner: str, name: str, value: Any) -> str:
    """`Plan.load(path: str | Path) -> Plan`, over several lines where one is too long."""
    function = getattr(value, "__func__", value)
    signature = inspect.signature(function)
    parameters = list(signature.parameters.values())
    if inspect.isfunction(value) or isinstance(value, classmethod):
        parameters = parameters[1:]
    told = _parameters(parameters)
    result = (
        "" if signature.return_annotation in ("None", inspect.Signature.empty) else f" -> {signature.return_annotation}"
    )
    head = f"{owner}.{name}" if not inspect.isfunction(value) else f"{owner[0].lower()}{owner[1:]}.{name}"
    line = f"{head}({', '.join(told)}){result}"
    return line if len(line) <= 100 else f"{head}(\n" + "".join(f"    {each},\n" for each in told) + f"){result}"


def _parameters(parameters: list[inspect.Parameter]) -> list[str]:
    """Parameters as they are written; those of a name of their own are behind a `*`."""
    told: list[str] = []
    positional_only = any(each.kind is inspect.Parameter.POSITIONAL_ONLY for each in parameters)
    for each in parameters:
        if positional_only and each.kind is not inspect.Parameter.POSITIONAL_ONLY:
            told.append("/")
            positional_only = False
        if each.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in told:
            told.append("*")
        default = "" if each.default is inspect.Parameter.empty else f" = {_default(each.default)}"
        stars = "**" if each.kind is inspect.Parameter.VAR_KEYWORD else ""
        told.append(f"{stars}{each.name}: {each.annotation}{default}")
    if positional_only:
        told.append("/")
    return told


def _default(value: object) -> str:
    text = repr(value)
    if attrs.has(type(value)):
        return f"{type(value).__name__}()"
    if inspect.isfunction(value):
        # One that does nothing; where it lies in memory says nothing.
        return "..."
    return text.replace("datetime.timezone.utc", "UTC")


def _prose(thing: Any) -> str:
    """A docstring as Markdown, the line breaks inside a paragraph undone."""
    doc = inspect.getdoc(thing)
    if not doc:
        return ""
    return "\n\n".join(
        fill(paragraph, 120, break_long_words=False, break_on_hyphens=False) for paragraph in doc.split("\n\n")
    )
