"""A process of its own that lets Graphviz draw, so that nothing that goes wrong inside a C library reaches the one that asked.

Reads a JSON list of DOT texts, each with its dots per inch, from standard input; writes a JSON list of pictures, in base64, to
standard output.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from importlib import import_module


def main(form: str) -> None:
    """Draw all texts that come through standard input, as `svg` or `png`."""
    # Found by name: the library has no types to be checked against.
    graph = import_module("pygraphviz").AGraph
    texts = json.loads(sys.stdin.buffer.read())
    drawn = [graph(string=text).draw(format=form, prog="dot", args=f"-Gdpi={dots}") for text, dots in texts]
    sys.stdout.write(json.dumps([b64encode(each).decode("ascii") for each in drawn]))


if __name__ == "__main__":
    main(sys.argv[1])
