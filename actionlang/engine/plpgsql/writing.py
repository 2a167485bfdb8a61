"""The text of a function while it is being written: statements, blocks of statements, and lines that are known later only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

Later = Callable[[], Iterable[str]]

INDENT = "  "


class Block:
    """Statements in order, some of them blocks with statements of their own."""

    def __init__(self) -> None:
        self._parts: list[str | Later | Block] = []

    def __bool__(self) -> bool:
        return bool(self._parts)

    def say(self, *lines: str) -> None:
        """Add lines."""
        self._parts += lines

    def say_later(self, lines: Later) -> None:
        """Add lines that are asked for when all of the function is known."""
        self._parts.append(lines)

    def put(self, block: Block) -> None:
        """Add a block, one step further in."""
        self._parts.append(block)

    def join(self, block: Block) -> None:
        """Add a block's statements as they stand."""
        self._parts += block._parts

    def inside(self, head: str, tail: str) -> Block:
        """Add a block between two lines, to be filled."""
        block = Block()
        self.say(head)
        self.put(block)
        self.say(tail)
        return block

    def either(self, condition: str) -> tuple[Block, Block]:
        """Add a branch to be filled, and what is done otherwise."""
        then, otherwise = Block(), Block()
        self.say(f"IF {condition} THEN")
        self.put(then)
        self.say("ELSE")
        self.put(otherwise)
        self.say("END IF;")
        return then, otherwise

    def lines(self, depth: int = 0) -> Iterator[str]:
        """All lines."""
        for part in self._parts:
            if isinstance(part, Block):
                yield from part.lines(depth + 1)
            elif isinstance(part, str):
                yield INDENT * depth + part
            else:
                for line in part():
                    yield INDENT * depth + line
