// What stands at a line of a script. A declaration begins at the beginning of its line, which is enough to know where one is
// while the script is half written and has no tree.

export interface Named {
  kind: "verb" | "test";
  name: string;
}

const VERB = /^(?:(?:background|override|extern)[ \t]+)?(?:action|function)[ \t]+(`[^`]+`|\w+)(?:\.(`[^`]+`|\w+))?/;
const TEST = /^test[ \t]+"((?:[^"\\]|\\.)*)"/;
const OTHER = /^(?:table|choice|import|on)\b/;

/** The verb or test that a line belongs to, also on the comment lines above it. */
export function namedAt(lines: readonly string[], line: number): Named | undefined {
  for (let above = line; above >= 0; above--) {
    const text = lines[above] ?? "";
    if (OTHER.test(text) || (above < line && text.startsWith(">"))) return undefined;
    const found = above === line ? namedBelow(lines, line) : declared(text);
    if (found !== undefined) return found;
  }
  return undefined;
}

function namedBelow(lines: readonly string[], line: number): Named | undefined {
  let below = line;
  while ((lines[below] ?? "").startsWith("#")) below++;
  return declared(lines[below] ?? "");
}

function declared(text: string): Named | undefined {
  const verb = VERB.exec(text);
  if (verb !== null) return { kind: "verb", name: (verb[2] ?? verb[1] ?? "").replaceAll("`", "") };
  const test = TEST.exec(text);
  return test === null ? undefined : { kind: "test", name: (test[1] ?? "").replace(/\\(["\\])/g, "$1") };
}
