"""What a script names and does not have, although a module of the standard library does: the import it lacks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import attrs

from actionlang.check.program import EVERYWHERE
from actionlang.compile.standard import standard_modules, standard_source
from actionlang.diagnostics.catalogue import names as codes
from actionlang.diagnostics.diagnostic import Diagnostic
from actionlang.diagnostics.fix import Edit, Fix
from actionlang.diagnostics.source import Source, Span
from actionlang.syntax import ast

UNKNOWN = (codes.UNKNOWN_TABLE, codes.UNKNOWN_VERB, codes.UNKNOWN_TYPE)
DECLARED = re.compile(r"^(?:background )?(?:table|choice|action|function) ([A-Za-z_]\w*)", re.MULTILINE)


def with_imports(found: Sequence[Diagnostic], module: ast.Module) -> tuple[Diagnostic, ...]:
    """A script's diagnostics, those of names that an import would bring told once for each such module, with that import."""
    kept: list[Diagnostic] = []
    lacked: set[str] = set()
    for diagnostic in found:
        name = _unknown(diagnostic)
        having = next((each for each in _importable() if name in _names(each)), None) if name else None
        if having is None:
            kept.append(diagnostic)
        elif having not in lacked:
            lacked.add(having)
            hint = f"It is in the module {having}, which this script does not import."
            kept.append(attrs.evolve(diagnostic, hint=hint, fixes=(_fix(having, module),)))
    return tuple(kept)


def import_meant(node: ast.Import, source: Source, folder: Path | None) -> Fix | None:
    """The fix for an import that has quotes and should not, or lacks them, or a file's suffix; None for any other."""
    target = node.target
    written = source.text[node.start : node.end]
    if node.is_path:
        if folder is None or (folder / target).is_file():
            return None
        name = target.removesuffix(".act")
        instead = (
            name if name in standard_modules() else f'"{target}.act"' if _is_file(folder, f"{target}.act") else None
        )
        old = f'"{target}"'
    else:
        there = folder is not None and target not in standard_modules() and _is_file(folder, f"{target}.act")
        instead, old = f'"{target}.act"' if there else None, target
    if instead is None or old not in written:
        return None
    start = node.start + written.index(old)
    return Fix(f"Write import {instead}", (Edit(Span(start, start + len(old)), instead),), safe=True)


def _is_file(folder: Path, name: str) -> bool:
    try:
        return (folder / name).is_file()
    except (OSError, ValueError):
        return False


def _unknown(diagnostic: Diagnostic) -> str | None:
    """The name that a diagnostic says there is not; None when it says something else."""
    if diagnostic.code not in UNKNOWN or diagnostic.primary is None:
        return None
    span = diagnostic.primary.span
    return diagnostic.primary.source.text[span.start : span.end]


def _importable() -> list[str]:
    return [name for name in standard_modules() if name not in EVERYWHERE]


@cache
def _names(module: str) -> frozenset[str]:
    """What a module of the standard library declares."""
    return frozenset(DECLARED.findall(standard_source(module).text))


def _fix(name: str, module: ast.Module) -> Fix:
    """The import, behind those that there are, else at the top."""
    imports = [node for node in module.declarations if isinstance(node, ast.Import)]
    if imports:
        edit = Edit(Span(imports[-1].end, imports[-1].end), f"\nimport {name};")
    else:
        edit = Edit(Span(0, 0), f"import {name};\n\n")
    return Fix(f"Import {name}", (edit,), safe=True)
