"""The status moves of a table."""

from __future__ import annotations

from actionlang.graph.picture import Edge, Node, Picture
from actionlang.metadata.tables import Table


def moves_of(table: Table) -> Picture:
    """The picture of a table's status moves; the table must have a status column."""
    assert table.status is not None
    moves = table.status.moves or ()
    keys = {each.state: f"s{number}" for number, each in enumerate(moves, 1)}
    nodes = [
        Node(keys[each.state], "start" if number == 0 else "state" if each.targets else "end", each.state)
        for number, each in enumerate(moves)
    ]
    edges = [Edge(keys[each.state], keys[target]) for each in moves for target in each.targets]
    ways = "; ".join(f"{each.state} to {', '.join(each.targets)}" for each in moves if each.targets)
    described = f"A new {table.short_name} is {moves[0].state}." + (f" Moves: {ways}." if ways else "")
    return Picture(f"Status of {table.short_name}", described, tuple(nodes), tuple(edges), sideways=True)
