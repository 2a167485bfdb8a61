"""Standard input, output and error, also where the program was begun without them."""

from __future__ import annotations

import os
import sys


def see_to_standard_files() -> None:
    """Have standard input, output and error be there. Else the numbers of those that are closed (`>&-`) would be given to files
    and sockets, to which would be written what was meant for people."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # It gets the lowest number that is free.
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - pathlib takes long to load
