// Which verb or test the cursor is in.
import assert from "node:assert/strict";
import test from "node:test";
import { namedAt } from "../out/verbs.mjs";

const SCRIPT = `import helpdesk;

## Raise a case.
action Raise on case (reason text)
  returns (due date)
<
# not indented
  update case set priority = high;
  return due: today()
>

table thing <
  name text;
>

background action shop.Send on thing < wait 2 days >
extern function \`odd name\`() returns (x integer);

test "a \\"case\\" is raised" <
  create case as c;
>
`.split("\n");

const cases = [
  [0, undefined],
  [2, ["verb", "Raise"]],
  [3, ["verb", "Raise"]],
  [5, ["verb", "Raise"]],
  [6, ["verb", "Raise"]],
  [7, ["verb", "Raise"]],
  [9, ["verb", "Raise"]],
  [10, undefined],
  [11, undefined],
  [12, undefined],
  [15, ["verb", "Send"]],
  [16, ["verb", "odd name"]],
  [19, ["test", 'a "case" is raised']],
  [21, undefined],
  [99, undefined],
];

for (const [line, expected] of cases) {
  test(`line ${line}: ${SCRIPT[line] ?? "behind the end"}`, () => {
    const found = namedAt(SCRIPT, line);
    assert.deepEqual(found && [found.kind, found.name], expected);
  });
}
