"""What generated_project.py's verbs would be in other languages that people write rules in, as far as each can say it."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.generated_project import KINDS

HCL = """# {Thing}s: asked for, agreed, carried out, invoiced.
resource "table" "{thing}" {{
  label   = "{Thing}"
  columns = ["number", "title", "kind", "urgency", "partner", "amount", "discount", "asked_on", "due", "remark", "status"]
  keys    = ["number"]
  status  = {{ asked = ["agreed", "refused"], agreed = ["finished", "refused"], finished = ["asked"], refused = [] }}
}}

# Agree to a {thing}.
resource "action" "agree_{thing}" {{
  on       = "{thing}"
  requires = ["{thing}.agree"]

  guard {{
    condition = {thing}.status == "asked" && {thing}.amount > 0
    message   = "Only a {thing} that was asked for can be agreed; ${{{thing}.number}} is ${{{thing}.status}}."
  }}

  update {{
    amount   = {thing}.total > 10000 ? {thing}.total * 0.95 : {thing}.total
    discount = {thing}.total > 1000 ? 5 : 2.5
    remark   = "Agreed on ${{today}}: ${{upper({thing}.title)}}"
  }}

  perform {{
    verb      = "Inform"
    arguments = {{ to = {thing}.owner, words = "Agreed: ${{{thing}.title}}", urgent = var.urgent || {thing}.urgency == "high" }}
  }}
}}
"""

CEL = (
    '{thing}.status == "asked" && size({thing}.lines) > 0',
    "({thing}.amount > 10000.0 ? {thing}.amount * 0.95 : {thing}.amount) - {thing}.discount / 100.0",
    '{thing}.partner.rating > 4.5 || {thing}.urgency in ["high", "normal"] && !({thing}.remark == "")',
    "{thing}.lines.filter(line, !line.done && line.quantity * line.price > 100.0).size() == 0",
    '"Agreed: " + {thing}.title + ", refused on " + string({thing}.finished_on) + ": " + {thing}.remark',
    '{thing}.asked_on < timestamp("2026-11-24T09:30:00Z") && {thing}.owner.name.startsWith("Tier") && days <= 90',
)

SQL = """-- Agree to a {thing}.
UPDATE {thing}_line SET price = :price WHERE {thing} = :id AND price IS NULL;
UPDATE {thing}
   SET amount = (SELECT SUM(COALESCE(line.price, 0) * line.quantity) FROM {thing}_line AS line WHERE line.{thing} = {thing}.id),
       discount = CASE WHEN amount > 10000 THEN 5 WHEN amount > 1000 THEN 2.5 ELSE NULL END,
       status = 'agreed'
 WHERE id = :id AND status = 'asked';
INSERT INTO notification (recipient, words)
SELECT owner, 'Agreed: ' || title || ', ' || CAST(amount AS VARCHAR) FROM {thing} WHERE id = :id;
-- What a partner's {thing}s were worth in a year.
SELECT SUM(COALESCE(amount, 0)) * (100 - LEAST(COUNT(*), 50)) / 100 AS worth
  FROM {thing} AS made JOIN partner ON partner.id = made.partner
 WHERE made.partner = :partner AND made.asked_on BETWEEN :first AND :last AND (made.status <> 'refused' OR made.amount > 0)
 ORDER BY made.number DESC LIMIT 500;
DELETE FROM {thing}_line WHERE {thing} IN (SELECT id FROM {thing} WHERE status = 'refused');
"""

PYTHON = '''
def agree_{thing}({thing}, price=100, *, store):
    """Agree to a {thing}: its lines get prices where they have none, and its amount is their sum."""
    if {thing}.status != "asked":
        raise Refused(f"Only a {thing} that was asked for can be agreed; {{{thing}.number}} is {{{thing}.status}}.")
    lines = [line for line in store.{thing}_lines if line.{thing} == {thing}.id]
    if not lines:
        raise Refused(f"The {thing} {{{thing}.number}} has no lines.")
    for line in sorted(lines, key=lambda line: line.position):
        if line.price is None:
            line.price = price
    total = sum((line.price or 0) * line.quantity for line in lines)
    if total > 10_000:
        {thing}.amount, {thing}.discount = total, 5
    elif total > 1_000:
        {thing}.amount, {thing}.discount = total, 2.5
    else:
        {thing}.amount, {thing}.discount = total, None
    {thing}.status = "agreed"
    try:
        store.inform({thing}.owner, words=f"Agreed: {{{thing}.title}}, {{total:.2f}}")
    except Refused as failure:
        {thing}.remark = f"Nobody was told: {{failure}}"
'''


def _filled(templates: tuple[str, ...], size: int) -> list[str]:
    """Templates filled with one word after another, until they have so many bytes together."""
    found: list[str] = []
    count = number = 0
    while count < size:
        thing = f"{KINDS[number % len(KINDS)]}_{number // len(KINDS)}"
        texts = [template.format(thing=thing, Thing=thing.title()) for template in templates]
        found += texts
        count += sum(len(text) for text in texts)
        number += 1
    return found


def parsers(size: int) -> dict[str, tuple[Callable[[], object], int]]:
    """For each language something that parses sources of about `size` bytes, and their exact size."""
    import ast

    import celpy
    import hcl2
    import sqlglot

    hcl = "".join(_filled((HCL,), size))
    cel = _filled(CEL, size)
    sql = "".join(_filled((SQL,), size))
    python = "".join(_filled((PYTHON,), size))
    reader = celpy.CELParser()
    return {
        "python-hcl2": (lambda: hcl2.loads(hcl), len(hcl)),
        "cel-python": (lambda: [reader.parse(text) for text in cel], sum(map(len, cel))),
        "sqlglot": (lambda: sqlglot.parse(sql), len(sql)),
        "CPython's ast": (lambda: ast.parse(python), len(python)),
    }
