"""Where the page of each thing is, seen from the top of the site."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from actionlang.documentation.subject import Subject
from actionlang.plan.file_names import file_names


@attrs.frozen
class Addresses:
    """Paths of pages, by the full names of verbs and tables; choices and tests have a place on the page that has all of them."""

    verbs: Mapping[str, str]
    tables: Mapping[str, str]
    choices: Mapping[str, str]
    tests: Mapping[str, str]


def addresses(subject: Subject) -> Addresses:
    """The pages of all that is documented."""
    return Addresses(
        {name: f"verbs/{file}.html" for name, file in file_names(subject.verbs).items()},
        {name: f"tables/{file}.html" for name, file in file_names(subject.tables).items()},
        {name: f"choices.html#choice-{number}" for number, name in enumerate(subject.choices, 1)},
        {name: f"tests.html#test-{number}" for number, name in enumerate(subject.tests, 1)},
    )
