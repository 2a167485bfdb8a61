"""The rules that only collect what stands one after another, for all who build something by the grammar's rules."""

from __future__ import annotations

from typing import Any

Children = list[Any]
"""What a rule is called with: tokens, and what other rules have made."""


class Collecting:
    """Rules that repeat."""

    def empty_list(self, c: Children) -> Children:
        return []

    def list_of(self, c: Children) -> Children:
        return [c[0]]

    def list_of_two(self, c: Children) -> Children:
        return [c[0], c[2]]

    def append(self, c: Children) -> Children:
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def append_after_comma(self, c: Children) -> Children:
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    def append_two(self, c: Children) -> Children:
        c[0] += c[1:3]
        return c[0]  # type: ignore[no-any-return]

    def append_prefixed(self, c: Children) -> Children:
        c[0].append(c[1])
        c[0] += c[2]
        c[0].append(c[3])
        return c[0]  # type: ignore[no-any-return]
