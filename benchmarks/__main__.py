"""Runs every benchmark and writes the tables they print into RESULTS.md: `python -m benchmarks [NAME ...]`."""

from __future__ import annotations

import io
import platform
import re
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

RESULTS = Path(__file__).with_name("RESULTS.md")
SECTION = re.compile(r"^## (\w+)\n\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


def main(wanted: list[str]) -> None:
    """Run those named, or all; the results of others stay as they are."""
    sections: dict[str, str] = {}
    if RESULTS.exists():
        sections.update(SECTION.findall(RESULTS.read_text("utf-8")))
    names = [found.name for found in iter_modules(import_module("benchmarks").__path__)]
    for name in names:
        module = import_module(f"benchmarks.{name}")
        if hasattr(module, "main") and name != "__main__" and (not wanted or name in wanted):
            printed = io.StringIO()
            with redirect_stdout(printed):
                module.main()
            print(printed.getvalue())
            about = (module.__doc__ or "").strip()
            machine = f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} {platform.machine()}"
            sections[name] = f"{about}\n\n{machine}.\n\n{printed.getvalue().strip()}"
    text = "# Benchmarks\n\nWhat `python -m benchmarks` printed. Ratios are of one run on one machine.\n\n"
    text += "\n\n".join(f"## {name}\n\n{sections[name].strip()}" for name in sorted(sections))
    RESULTS.write_text(text.rstrip() + "\n", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
