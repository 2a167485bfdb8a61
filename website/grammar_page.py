"""docs/reference/grammar.md and its diagrams, made from grammar/actionlang.lark."""

from __future__ import annotations

from pathlib import Path

from website.ebnf import ebnf
from website.railroads import drawn
from website.syntax import SECTIONS, SHOWN, syntax_of, title_of

HEAD = """# Grammar

The syntax of the language, complete. What it means is in [the reference of the language](language.md). This page is made from
[grammar/actionlang.lark](../../grammar/actionlang.lark), which the parser itself goes by; change that file, and
`python -m website pages` writes this one.

Follow the track of a diagram from left to right. Rounded boxes are written as they stand, square ones are described by a diagram
of their own, or under [tokens](#tokens). Below each diagram is the same in EBNF: `[ ... ]` may be left out, `{ ... }` stands
any number of times or not at all, `|` separates ways of which one is taken.

The grammar lets pass what the checker does not: that a column is `required` once and not twice, say, is no matter of syntax.

## Tokens

| | |
|---|---|
| <a id="name"></a>`name` | a letter or `_`, then letters, digits and `_`; or anything in backticks: `` `Order Details` `` |
| <a id="names"></a>`names` | one or several names with `,` between them |
| <a id="qualified-name"></a>`qualified-name` | a name, or the name of a module, a `.` and a name: `helpdesk.case` |
| <a id="number"></a>`number` | digits, with `_` among them, perhaps a `.` and more digits: `10_000`, `2.50` |
| <a id="duration"></a>`duration` | a number, a space and `weeks`, `days`, `hours`, `minutes` or `seconds`, or `week` ... |
| <a id="text"></a>`text` | characters in quotes, or in three quotes on either side if they are of many lines |
| <a id="text-start"></a>`text-start` | a text from its quote to the first `{` that begins an expression |
| <a id="text-middle"></a>`text-middle` | a text from a `}` to the next such `{` |
| <a id="text-end"></a>`text-end` | a text from a `}` to its closing quote |
| <a id="literal-type"></a>`literal-type` | `date`, `datetime` or `id`, where a text follows |

A comment goes from `#` to the end of its line. Spaces, line ends and comments may stand between any two tokens, and mean nothing.

Two things are decided before the grammar is asked. *Angles:* while a parenthesis is open, `<` and `>` compare; otherwise they
bracket blocks. A parenthesis ends at its `)`, at a `;`, or at a `>` that stands alone on its line. *Words of the language:* one
is a word of the language only where the grammar can take it next; anywhere else it is a name.

How tightly operators bind is [a table](language.md#operators), not a matter of these rules.
"""


def grammar_files(page: Path) -> dict[Path, str]:
    """The page and its pictures."""
    files = {page: _page()}
    for rule in SHOWN:
        files[page.parent / "grammar" / f"{title_of(rule)}.svg"] = drawn(syntax_of(rule))
    return files


def _page() -> str:
    parts = [HEAD]
    for section, names in SECTIONS.items():
        parts.append(f"\n## {section}\n")
        for rule in names.split():
            title = title_of(rule)
            picture = f"![How {title} is written](grammar/{title}.svg)"
            parts.append(f"\n### {title}\n\n{picture}\n\n```ebnf\n{ebnf(title, syntax_of(rule))}\n```\n")
    return "".join(parts)
