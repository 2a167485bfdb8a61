"""The tables over which programs are generated: each has something that engines could see differently."""

from __future__ import annotations

from functools import cache

from actionlang.engine.schema import Schema
from actionlang.metadata.tables import Table
from tests.conformance.scripts import compiled

SCRIPT = """
choice Level < low = 1; normal = 5; high = 10 >
choice Color < red; green; blue >

table account <
  name text(12) key; parent account hierarchy; credit money; rank integer; closed boolean required default false;
  code text(6) unique sensitive; manager user; owner owner required
>
table person < name text(12) required; employer account; born date; nick text(5); likes choices of Color >
table item <
  number text(10) key; title text(20) required; level Level required default normal; color Color;
  status < new -> open, done; open -> done, new; done >;
  customer account | person; account account; parent item hierarchy; amount money; price decimal(7,2); ratio decimal(9,5);
  total decimal(12,3) required default 0; hits integer required default 0; due date; at datetime; effort duration;
  flag boolean; weight float; tags choices of Color; note text; secret text sensitive; owner owner required
>
table line <
  item item required; position integer; quantity integer required default 1; price money; note text(12);
  color Color default green; weight float; made date default today(); buddy line
>
table counter < code text(4) primary; hits integer required default 0; total decimal(12,3); last item; step duration >
table cell < x integer primary; y text(3) primary; value decimal(6,2); item item; level Level >
table entry < item item unique; text text(20); day date required default today(); cell cell >

action Everything on item <
  let members = count(membership);
  create account set name = "a", owner = item.owner;
  create person set name = "a";
  create line set item = item;
  create counter set code = "a";
  create cell set x = 1, y = "a";
  create entry set text = "a";
>
"""


@cache
def schema() -> Schema:
    """The tables, those of the standard library that they mention included."""
    script = compiled(SCRIPT)
    return script.schema_for(script.plan("Everything"))


@cache
def tables() -> dict[str, Table]:
    """The tables by short name."""
    return {table.short_name: table for table in schema().tables.values()}
