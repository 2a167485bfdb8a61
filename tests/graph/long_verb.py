"""A verb of a hundred steps, as a process that grew over years: stages, guards, branches in branches, loops, attempts, other scripts'
alphabets, long conditions."""

from __future__ import annotations

TABLES = """
table area "Área" < name text(100) required key; active boolean required default true >
table permit "Permit" <
  number text(20) required key;
  title text(200) required;
  status < new -> open; open -> closed; closed >
  area area;
  amount money;
  note text;
>
action Tell (text text) < create area set name = text >
action Check on permit (strict boolean) < require (permit.amount is not empty) else "Das Betragsfeld ist leer: bitte ausfüllen." >
"""

BLOCK = """
  stage "Étape {n}: vérifier et 承認 “{n}”" <
    require (permit.status = open and permit.title != "{n}" and (permit.note is not empty or permit.amount otherwise 0 > {n}))
      else "Step {n}: the permit {{permit.number}} is {{permit.status}}, so that <this> & \\"that\\" can not be done; end; ]";
    update permit set note = "шаг {n}: {{permit.title}}", amount = (permit.amount otherwise 0) + {n};
    if (permit.amount otherwise 0 > {n}000) <
      perform Tell(text: "More than {n} thousand") ;
      if (permit.area is not empty) < update permit set note = "inside {n}" >
    > else if (permit.note is empty) < fail "Nothing was noted in step {n}." >
    else < update permit set note = "small {n}" >
    for each other{n} in permit where (other{n}.area = permit.area and other{n} != permit) order by other{n}.number limit {n} <
      attempt < perform Check(strict: true) on other{n}; update other{n} set note = "checked" >
      else < create area set name = "failed {n}: {{failure.message}}" >
    >
  >
"""


def long_verb(blocks: int = 10) -> str:
    """A script with the verb `Grow`, of ten steps a block."""
    stages = "".join(
        BLOCK.replace("{{", "\0").replace("{n}", str(n)).replace("\0", "{").replace("}}", "}")
        for n in range(1, blocks + 1)
    )
    return f"{TABLES}\n## A process that grew.\naction Grow on permit (reason text(400)) returns (noted text)\n<{stages}\n  return noted: reason\n>\n"
