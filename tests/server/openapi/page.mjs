// The page that shows the document, with as much of a browser as it takes to fill in a form: what each action is asked with.

import { readFileSync } from "node:fs";
import vm from "node:vm";

class Element {
  children = [];
  listeners = {};
  value = "";
  checked = false;

  setAttribute(name, value) {
    this[name] = name === "checked" ? true : value;
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  append(...inner) {
    this.children.push(...inner);
  }

  replaceChildren(...inner) {
    this.children = inner;
  }

  get text() {
    return this.children.map((each) => each.text ?? each).join("");
  }

  all() {
    return [this, ...this.children.flatMap((each) => each.all?.() ?? [])];
  }
}

const ids = {};
const document = { createElement: () => new Element(), getElementById: (id) => (ids[id] ??= Object.assign(new Element(), { parentElement: {} })) };
const [viewer, api] = process.argv.slice(2).map((file) => readFileSync(file, "utf8"));
const started = { document, api: JSON.parse(api), location: { origin: "" }, sessionStorage: { getItem: () => null }, addEventListener() {}, fetch: () => new Promise(() => {}) };
const forms = vm.runInNewContext(
  `const told = globalThis.api; (() => { ${viewer}; api = told; return Object.entries(api.paths).filter(([, item]) => item.post).map(([path, { post }]) =>
    [post.operationId, attempt(path, "post", post.parameters.map(resolve))]); })()`,
  started,
);
const asked = {};
for (const [name, form] of forms) {
  const all = form.all();
  const dry = all.find((each) => each.type === "checkbox");
  const show = all.find((each) => each.text === "Show as curl");
  asked[name] = [true, false].map((checked) => {
    if (dry) dry.checked = checked;
    show.listeners.click();
    return /Prefer: ([^']*)/.exec(form.text)?.[1] ?? null;
  });
}
console.log(JSON.stringify(asked));
