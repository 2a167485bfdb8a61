"""The words of the language by what they do. Made from the grammar by `python -m editors`."""

from __future__ import annotations

DECLARATIONS = frozenset(
    """
    action background choice extern function import on override table test
    """.split()
)
STATEMENTS = frozenset(
    """
    assign attempt create delete emit expect fail find for if inherited let move perform require return stage start
    stop update wait
    """.split()
)
MODIFIERS = frozenset(
    """
    default deprecated hierarchy key optional primary private readonly required requires sensitive stored system
    unique
    """.split()
)
OPERATORS = frozenset(
    """
    and in is not or otherwise under
    """.split()
)
CONSTANTS = frozenset(
    """
    empty false true
    """.split()
)
OTHERS = frozenset(
    """
    after as ascending at before by choices descending each else failure from limit list of order returns set to
    until where
    """.split()
)
TYPES = frozenset(
    """
    boolean choices date datetime decimal duration file float id integer json list money owner text
    """.split()
)
