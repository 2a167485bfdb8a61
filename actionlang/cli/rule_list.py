"""The rules of compatibility there are, as `actionlang breaking --rules` lists them."""

from __future__ import annotations

import sys
from pathlib import Path

from actionlang.cli.output import wants_color, write
from actionlang.compile.project import find_project
from actionlang.contracts.rule import CATEGORIES
from actionlang.contracts.rules import RULES, chosen_rules
from actionlang.diagnostics.paint import BOLD, Painter


def write_rules() -> None:
    """Write name, category and purpose of each rule, and which the project around lets pass."""
    counts = {rule.name for rule in chosen_rules(find_project(Path.cwd()).breaking)}
    painter = Painter(wants_color(sys.stdout))
    width = max(len(rule.name) for rule in RULES)
    for rule in RULES:
        name = painter.paint(rule.name, BOLD) + " " * (width - len(rule.name))
        off = "" if rule.name in counts else " (off in this project)"
        write(f"{name}  {rule.category:<6}  {rule.purpose}{off}")
    write("")
    for category, protects in CATEGORIES.items():
        write(f"{category:<6}  {protects}")
    write("\nEach category has the rules of those below it, too. actionlang explain NAME tells more of a rule.")
