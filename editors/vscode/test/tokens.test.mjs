// The TextMate grammar on scripts, by the engine that VS Code has (vscode-textmate, Oniguruma).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const oniguruma = require("vscode-oniguruma");
const textmate = require("vscode-textmate");

const HERE = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.join(HERE, "..", "..", "..");
const read = (...parts) => readFileSync(path.join(...parts), "utf8");

await oniguruma.loadWASM(readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm")));
const FILES = {
  "source.actionlang": "actionlang.tmLanguage.json",
  "markdown.actionlang.codeblock": "markdown.tmLanguage.json",
};
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) => textmate.parseRawGrammar(read(HERE, "..", "syntaxes", FILES[scope]), FILES[scope]),
});
const grammar = await registry.loadGrammar("source.actionlang");

/** The lines of a script, each with its tokens: where they begin and end, and their innermost scope without the language. */
function tokenize(text, by = grammar) {
  let stack = textmate.INITIAL;
  const lines = text.split("\n").map((line) => {
    const { tokens, ruleStack } = by.tokenizeLine(line, stack);
    stack = ruleStack;
    return tokens.map(({ startIndex, endIndex, scopes }) => ({
      start: startIndex,
      end: endIndex,
      text: line.slice(startIndex, endIndex),
      scopes: scopes.map((scope) => scope.replace(/\.actionlang$/, "")),
    }));
  });
  return { lines, depth: stack.depth };
}

const at = (tokens, column) => tokens.find((token) => token.start <= column && column < token.end);

const KINDS = {
  open: "punctuation.section.block.begin",
  close: "punctuation.section.block.end",
  less: "keyword.operator.comparison",
  greater: "keyword.operator.comparison",
};

const TRICKY = tokenize(read(HERE, "tricky.act"));

test("each angle is what the language's own lexer says that it is", () => {
  const angles = JSON.parse(read(HERE, "tricky.angles.json"));
  assert.ok(angles.length > 40);
  for (const [line, column, kind] of angles) {
    const scope = at(TRICKY.lines[line], column).scopes.at(-1);
    assert.equal(scope, KINDS[kind], `line ${line + 1}, column ${column + 1}`);
  }
  const known = new Set(angles.map(([line, column]) => `${line}:${column}`));
  TRICKY.lines.forEach((tokens, line) => {
    for (const { start, text, scopes } of tokens) {
      if (scopes.at(-1).startsWith("punctuation.section.block")) assert.ok(known.has(`${line}:${start}`), `${line + 1}: ${text}`);
    }
  });
});

test("a script that is whole leaves nothing open", () => assert.equal(TRICKY.depth, 1));

const WORDS = [
  ["update c set x = 1", "update", "keyword.control"],
  ["# note < >", "# note < >", "comment.line.number-sign"],
  ["## doc", "## doc", "comment.line.documentation"],
  ["### none", "### none", "comment.line.number-sign"],
  ["case.order.limit", "limit", "variable.other.property"],
  ["  order integer required;", "order", "variable.other.member"],
  ["  start date required;", "start", "variable.other.member"],
  ["  date date;", "date", "variable.other.member"],
  ["set limit = 5", "limit", "variable.other.member"],
  ["perform Route(on: x)", "Route", "entity.name.function"],
  ["perform Route(on: x)", "on", "variable.parameter"],
  ["action shop.Ship on order", "shop.Ship", "entity.name.function"],
  ["action Ship on order", "on", "keyword.declaration"],
  ["table case \"Case\" <", "case", "entity.name.type"],
  ["a is not empty", "not", "keyword.operator.wordlike"],
  ["a is not empty", "empty", "constant.language"],
  ["due date required", "required", "storage.modifier"],
  ["name text(50)", "text", "support.type"],
  ["wait 2 days", "2", "constant.numeric.duration"],
  ["wait 2 days", "days", "keyword.other.unit"],
  ["x = 10_000.5", "10_000.5", "constant.numeric"],
  ['date "2026-11-24"', "date", "support.type.literal"],
  ["now()", "now", "support.function"],
  ["if (x)", "if", "keyword.control"],
  ["where(x)", "where", "keyword.other"],
  ["`Order Details`", "`Order Details`", "variable.other"],
  ["notable", "notable", "variable.other"],
  ["a -> b", "->", "keyword.operator.arrow"],
  ["a <= b", "<=", "keyword.operator.comparison"],
  ["a != b", "!=", "keyword.operator.comparison"],
  ['"a {b.title} c"', "title", "variable.other.property"],
  ['"a {{ b"', "{{", "constant.character.escape"],
  ['"a \\u{1F600} b"', "\\u{1F600}", "constant.character.escape"],
  ['"a \\q b"', "\\q", "invalid.illegal.escape"],
  ['"a {f("x {y > 2} z")} c"', ">", "keyword.operator.comparison"],
];

for (const [line, word, scope] of WORDS) {
  test(`${line}: ${word} is ${scope}`, () => {
    const found = tokenize(line).lines[0].find((token) => token.text === word);
    assert.ok(found, `no token ${word} in ${JSON.stringify(tokenize(line).lines[0].map((token) => token.text))}`);
    assert.equal(found.scopes.at(-1), scope);
  });
}

test("a text ends with its line, one of many lines with its quotes", () => {
  const { lines, depth } = tokenize('let a = "open\nupdate b set c = """x\nupdate " y\n""";\nstop');
  assert.equal(depth, 1);
  assert.equal(at(lines[1], 0).scopes.at(-1), "keyword.control");
  assert.equal(at(lines[2], 0).scopes.at(-1), "string.quoted.triple");
  assert.equal(at(lines[4], 0).scopes.at(-1), "keyword.control");
});

test("a forgotten parenthesis swallows no more than its statement", () => {
  const { lines } = tokenize("let a = (b < 2;\nif (a) < stop >");
  assert.equal(at(lines[1], 7).scopes.at(-1), KINDS.open);
  const closed = tokenize("  let a = max(1, 2\n>\naction B < stop >");
  assert.equal(at(closed.lines[1], 0).scopes.at(-1), KINDS.close);
  assert.equal(at(closed.lines[2], 9).scopes.at(-1), KINDS.open);
});

test("a block in Markdown is coloured like a script, up to its end", async () => {
  const markdown = await registry.loadGrammar("markdown.actionlang.codeblock");
  const { lines } = tokenize("text\n```act steps\nupdate c set x = (1 < 2)\n```\nupdate c", markdown);
  assert.equal(at(lines[2], 0).scopes.at(-1), "keyword.control");
  assert.equal(at(lines[2], 20).scopes.at(-1), KINDS.less);
  assert.equal(at(lines[4], 0).scopes.at(-1), "markdown.actionlang.codeblock".replace(/\.actionlang$/, ""));
});

function scripts(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return scripts(file);
    return entry.name.endsWith(".act") ? [file] : [];
  });
}

for (const file of [...scripts(path.join(ROOT, "stdlib")), ...scripts(path.join(ROOT, "examples"))]) {
  test(`${path.relative(ROOT, file)} is read to its end: blocks are balanced, nothing is invalid`, () => {
    const { lines, depth } = tokenize(readFileSync(file, "utf8"));
    assert.equal(depth, 1);
    let open = 0;
    for (const { text, scopes } of lines.flat()) {
      assert.ok(!scopes.some((scope) => scope.startsWith("invalid")), text);
      if (scopes.at(-1) === KINDS.open) open++;
      if (scopes.at(-1) === KINDS.close) open--;
      assert.ok(open >= 0);
    }
    assert.equal(open, 0);
  });
}
