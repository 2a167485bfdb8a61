"""All files of a site, as texts by their paths. The same project gives the same texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from actionlang.diagnostics.catalogue.project import NO_PICTURE
from actionlang.diagnostics.diagnostic import ActionLangError
from actionlang.documentation.addresses import Addresses, addresses
from actionlang.documentation.facts import Effect, Facts, Part, kind_words, on_words
from actionlang.documentation.highlighting import highlighted
from actionlang.documentation.prose import prose
from actionlang.documentation.subject import Subject, module_of
from actionlang.graph.flow import flow_of
from actionlang.graph.linking import Link
from actionlang.graph.moves import moves_of
from actionlang.graph.picture import Node, Picture
from actionlang.graph.svg import Wanted, style_sheet, to_svg
from actionlang.graph.touching import touching
from actionlang.metadata.tables import Choice, Table
from actionlang.plan import steps as s
from actionlang.plan.plan import Effects, Verb
from actionlang.plan.walk import nodes

if TYPE_CHECKING:
    from jinja2 import Environment

PROJECT = "project"
"""The name of the picture of everything."""


def site_of(subject: Subject) -> dict[str, str]:
    """The pages of a subject, the style sheet and the script for searching, by their paths.

    Raises ActionLangError when there is no Graphviz to draw with.
    """
    return _Site(subject).files()


class _Site:
    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.at: Addresses = addresses(subject)
        self.facts = Facts(subject, self.at)
        self.templates = _templates()
        self.pictures = self._pictures()

    def files(self) -> dict[str, str]:
        subject = self.subject
        found = {
            "index.html": self._page("index", "", self._index()),
            "choices.html": self._page("choices", "", self._choices()),
            "stages.html": self._page("stages", "", {"stages": list(self._stages())}),
            "tests.html": self._page("tests", "", {"scripts": self._tests()}),
            "style.css": f"{self.templates.get_template('style.css').render()}{style_sheet()}\n",
            "search.js": self.templates.get_template("search.js").render() + "\n",
        }
        for name, verb in subject.verbs.items():
            found[self.at.verbs[name]] = self._page("verb", "../", self._verb(verb))
        for name, table in subject.tables.items():
            found[self.at.tables[name]] = self._page("table", "../", self._table(table))
        return dict(sorted(found.items()))

    def _page(self, template: str, root: str, values: dict[str, Any]) -> str:
        page = self.templates.get_template(f"{template}.html")
        return page.render(root=root, project=self.subject.title, own=frozenset(self.subject.own), **values) + "\n"

    # -------------------------------------------------------------------------------------------------------- pictures

    def _pictures(self) -> dict[str, Markup]:
        """All pictures, drawn at once: by verb, by table with a status, and the one of the project."""
        pictures: dict[str, Picture] = {name: flow_of(self.subject.plans[name]) for name in self.subject.verbs}
        pictures |= {name: moves_of(table) for name, table in self.subject.tables.items() if table.status is not None}
        pictures[PROJECT] = touching(self.subject.plans.values(), f"Verbs and tables of {self.subject.title}")
        wanted = [Wanted(f"picture-{number}", styled=False) for number in range(len(pictures))]
        links = [self._link("" if name == PROJECT else "../") for name in pictures]
        return dict(zip(pictures, _drawn(list(pictures.values()), links, wanted), strict=True))

    def _link(self, root: str) -> Link:
        def link(node: Node) -> str | None:
            address = self.at.verbs.get(node.verb or "") or self.at.tables.get(node.table or "")
            return None if address is None or node.kind == "start" else f"{root}{address}"

        return link

    # ----------------------------------------------------------------------------------------------------------- pages

    def _index(self) -> dict[str, Any]:
        modules = []
        for module in self.subject.modules:
            verbs = [self.facts.verb_entry(v) for n, v in self.subject.verbs.items() if module_of(n) == module]
            tables = [self.facts.table_entry(t) for n, t in self.subject.tables.items() if module_of(n) == module]
            choices = [self.facts.choice(name) for name in self.subject.choices if module_of(name) == module]
            modules.append({"name": module, "verbs": verbs, "tables": tables, "choices": choices})
        return {"modules": modules, "picture": self.pictures[PROJECT]}

    def _verb(self, verb: Verb) -> dict[str, Any]:
        own, facts = self.subject.own_effects[verb.name], self.facts
        return {
            "verb": verb,
            "kind": kind_words(verb),
            "on": on_words(verb),
            "badges": [word for word, holds in _badges(verb) if holds],
            "doc": prose(verb.doc),
            "target": None if verb.binding is None else facts.table(verb.binding.table),
            "inputs": [facts.parameter(each) for each in verb.inputs],
            "outputs": [facts.parameter(each) for each in verb.outputs],
            "effects": facts.effects(verb.effects),
            "privileges": [self._privilege(each) for each in verb.effects.privileges],
            "performs": [facts.verb(name) for name in own.performs],
            "performers": [facts.verb(name) for name in self.subject.performers(verb.name)],
            "starters": [facts.verb(name) for name in self.subject.starters(verb.name)],
            "tests": [self._test(name) for name in self.subject.tests_of(verb.name)],
            "picture": self.pictures[verb.name],
            "source": highlighted(self.subject.texts.get(verb.name, "")),
        }

    def _privilege(self, privilege: str) -> tuple[str, Part]:
        word, _, table = privilege.partition(" ")
        return word, self.facts.table(table)

    def _table(self, table: Table) -> dict[str, Any]:
        touched = {
            name: self.facts.effects(effects)
            for name, effects in self.subject.own_effects.items()
            if table.name in _touched(self.subject.own_effects[name])
        }
        return {
            "table": table,
            "doc": prose(table.doc),
            "columns": [self.facts.column(column, table) for column in table.columns],
            "keys": [", ".join(key) for key in table.keys],
            "uniques": [", ".join(unique) for unique in table.uniques if unique not in table.keys],
            "verbs": [
                (self.facts.verb(name), _done_to(effects, table.short_name)) for name, effects in touched.items()
            ],
            "lookups": list(self._lookups(table.name)),
            "picture": self.pictures.get(table.name),
            "source": highlighted(self.subject.texts.get(table.name, "")),
        }

    def _lookups(self, name: str) -> Iterator[tuple[Part, str]]:
        """The columns of other tables that lead to this one."""
        for table in self.subject.tables.values():
            for column in table.columns:
                if name in getattr(column.type, "tables", ()):
                    yield self.facts.table(table.name), column.name

    def _choices(self) -> dict[str, Any]:
        return {"choices": [self._choice(choice) for choice in self.subject.choices.values()]}

    def _choice(self, choice: Choice) -> dict[str, Any]:
        used = [
            (self.facts.table(table.name), column.name)
            for table in self.subject.tables.values()
            for column in table.columns
            if getattr(column.type, "name", None) == choice.name
        ]
        anchor = self.at.choices[choice.name].partition("#")[2]
        return {"choice": choice, "anchor": anchor, "doc": prose(choice.doc), "used": used}

    def _stages(self) -> Iterator[tuple[str, list[Part]]]:
        """Each stage's title, and the verbs that have a stage of that title."""
        found: dict[str, list[Part]] = {}
        for name, verb in self.subject.verbs.items():
            for title in dict.fromkeys(node.title for node in nodes(verb.steps) if isinstance(node, s.Stage)):
                found.setdefault(title, []).append(self.facts.verb(name))
        yield from sorted(found.items())

    def _tests(self) -> list[tuple[str, list[dict[str, Any]]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for name, test in self.subject.tests.items():
            found.setdefault(test.source, []).append(self._test(name))
        return sorted(found.items())

    def _test(self, name: str) -> dict[str, Any]:
        test, outcomes = self.subject.tests[name], self.subject.outcomes
        address = self.at.tests[name]
        return {
            "part": Part(test.doc, address),
            "anchor": address.partition("#")[2],
            "outcome": "" if outcomes is None or name not in outcomes else "failed" if outcomes[name] else "passed",
            "why": (outcomes or {}).get(name) or "",
            "source": highlighted(self.subject.texts.get(name, "")),
        }


def _badges(verb: Verb) -> list[tuple[str, bool]]:
    return [
        ("private to its module", verb.private),
        ("runs as system", verb.system),
        ("changes nothing", verb.effects.writes_nothing),
    ]


def _drawn(pictures: list[Picture], links: list[Link], wanted: list[Wanted]) -> list[Markup]:
    """Pictures as XML, in which everything is escaped. One that Graphviz can not draw does not keep others from being drawn."""
    try:
        return [Markup(svg) for svg in to_svg(pictures, links, wanted)]  # noqa: S704
    except ActionLangError as error:
        if error.diagnostics[0].code is not NO_PICTURE:
            raise
        if len(pictures) == 1:
            return [Markup("<p>{}</p>\n").format(error.diagnostics[0].message)]
        each = zip(pictures, links, wanted, strict=True)
        return [drawn for picture, link, way in each for drawn in _drawn([picture], [link], [way])]


def _touched(effects: Effects) -> set[str]:
    pairs = (*effects.reads, *effects.updates, *effects.moves, *effects.assigns)
    return {table for table, _ in pairs} | {*effects.creates, *effects.deletes}


def _done_to(effects: list[Effect], table: str) -> list[tuple[str, str]]:
    return [(effect.word, columns) for effect in effects for part, columns in effect.tables if part.text == table]


def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("actionlang.documentation", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
