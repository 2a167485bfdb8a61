// Shows what /openapi.json says, and calls it. All that comes from there is put in as text, never as markup.

const page = (id) => document.getElementById(id);
let api;

function make(tag, attributes = {}, ...inner) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...inner.flat().filter((each) => each !== null && each !== undefined && each !== ""));
  return element;
}

// ------------------------------------------------------------------------------------------------------------ text

function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part) => {
    if (part.length > 2 && part.startsWith("`")) return make("code", {}, part.slice(1, -1));
    if (part.length > 4 && part.startsWith("**")) return make("strong", {}, part.slice(2, -2));
    return part;
  });
}

function prose(text = "") {
  const blocks = text.trim().split(/\n{2,}/).filter(Boolean);
  return blocks.flatMap((block) => {
    const lines = block.split("\n");
    const first = lines.findIndex((line) => line.startsWith("- "));
    if (first < 0) return [make("p", {}, inline(lines.join(" ")))];
    const before = lines.slice(0, first).join(" ");
    const items = lines.slice(first).map((line) => make("li", {}, inline(line.replace(/^- /, ""))));
    return [...(before ? [make("p", {}, inline(before))] : []), make("ul", {}, items)];
  });
}

// --------------------------------------------------------------------------------------------------------- schemas

function resolve(node) {
  for (let deep = 0; node?.$ref && deep < 10; deep++) {
    const { $ref, ...beside } = node;
    const found = $ref.slice(2).split("/").reduce((at, name) => at?.[name.replace(/~1/g, "/").replace(/~0/g, "~")], api);
    node = { ...found, ...beside };
  }
  return node ?? {};
}

const nameOf = (schema) => schema.$ref?.split("/").pop().replace(/\.(given|reference|address|value)$/, "");

function kindOf(schema, deep = 0) {
  const name = nameOf(schema);
  const real = resolve(schema);
  if (name && (real.enum || real.properties || real.anyOf || real.pattern)) return name;
  if (real.const !== undefined) return JSON.stringify(real.const);
  if (real.enum) return real.enum.length > 6 ? "one of a list" : real.enum.map((each) => JSON.stringify(each)).join(" | ");
  if (real.anyOf && deep < 3) {
    const kinds = real.anyOf.map((each) => kindOf(each, deep + 1)).filter((each) => each !== "null");
    return [...new Set(kinds)].join(" | ");
  }
  if (real.type === "null") return "null";
  const kinds = [real.type ?? "any"].flat().filter((each) => each !== "null");
  if (kinds.includes("array")) return `list of ${kindOf(real.items ?? {}, deep + 1)}`;
  if (real.format && real.format !== "password") return real.format;
  return kinds[0] ?? "any";
}

const isOptional = (schema) => {
  const real = resolve(schema);
  return [real.type].flat().includes("null") || (real.anyOf ?? []).some((each) => each.type === "null");
};

function facts(schema) {
  const real = resolve(schema);
  const found = [];
  if (real.maxLength !== undefined) found.push(`at most ${real.maxLength} characters`);
  if (schema.default !== undefined) found.push(`default ${JSON.stringify(schema.default)}`);
  if (isOptional(schema)) found.push("may be null");
  return found.join(", ");
}

function members(schema) {
  const real = resolve(schema);
  const required = new Set(real.required ?? []);
  for (const each of real.allOf ?? []) {
    const either = (each.oneOf ?? []).flatMap((one) => one.required ?? []);
    if (either.length) required.add(either[0]);
  }
  const rows = Object.entries(real.properties ?? {})
    .filter(([name]) => name !== "@odata.context" && !name.endsWith("@odata.bind"))
    .map(([name, value]) => row(name, value, required.has(name), value.description ?? resolve(value).description, value.deprecated));
  return rows.length ? table(rows) : null;
}

function table(rows) {
  return make("div", { class: "wide" }, make("table", {}, make("thead", {}, make("tr", {}, ["Name", "Type", ""].map((each) => make("th", { scope: "col" }, each)))), make("tbody", {}, rows)));
}

function row(name, schema, required, about, deprecated) {
  const more = facts(schema);
  return make("tr", {},
    make("th", { scope: "row" }, name, required ? make("span", { class: "needed", title: "required" }, " *") : null),
    make("td", { class: "kind" }, kindOf(schema)),
    make("td", {}, deprecated && !/Deprecated/.test(about ?? "") ? make("strong", {}, "Deprecated. ") : null, prose(about), more ? make("span", { class: "kind" }, more) : null));
}

function sample(schema, deep = 0) {
  const real = resolve(schema);
  if (real.example !== undefined) return real.example;
  if (real.default !== undefined) return real.default;
  if (real.const !== undefined) return real.const;
  if (real.enum) return real.enum[0];
  if (real.anyOf) return sample(real.anyOf.find((each) => each.type !== "null") ?? {}, deep + 1);
  const kind = [real.type ?? "object"].flat()[0];
  if (kind === "object") {
    if (deep > 3) return {};
    const required = real.required ?? [];
    const wanted = Object.entries(real.properties ?? {}).filter(([name, each]) => required.includes(name) || (deep === 0 && !name.includes("@") && each.default === undefined && !isOptional(each)));
    return Object.fromEntries(wanted.map(([name, each]) => [name, sample(each, deep + 1)]));
  }
  if (kind === "array") return [];
  if (kind === "boolean") return false;
  if (kind === "integer" || kind === "number") return 0;
  return { date: "2026-01-31", "date-time": "2026-01-31T09:30:00Z", uuid: "00000000-0000-0000-0000-000000000000" }[real.format] ?? "";
}

const shown = (data) => (typeof data === "string" ? data : JSON.stringify(data, null, 2));

function example(caption, data) {
  return make("figure", { class: "example" }, make("figcaption", {}, caption), make("pre", { tabindex: "0" }, make("code", {}, shown(data))));
}

// ------------------------------------------------------------------------------------------------------ operations

function operation(path, method, told, shared) {
  const parameters = [...shared, ...(told.parameters ?? [])].map(resolve);
  const body = told.requestBody && resolve(told.requestBody);
  const content = body && Object.entries(body.content)[0];
  const parts = [make("p", { class: "path" }, make("code", {}, `${method.toUpperCase()} ${path}`))];
  if (told.deprecated && !/Deprecated/.test(told.description ?? "")) parts.push(make("p", { class: "warning" }, "Deprecated."));
  parts.push(...prose(told.description ?? ""));
  if (content) {
    parts.push(make("h3", {}, "Body"), members(content[1].schema) ?? "");
    for (const each of Object.values(content[1].examples ?? {})) parts.push(example(each.summary ?? "Example", each.value));
    if (content[1].example) parts.push(example("Example", content[1].example));
  }
  if (parameters.length) {
    const order = ["path", "query", "header"];
    const sorted = [...parameters].sort((one, other) => order.indexOf(one.in) - order.indexOf(other.in));
    const rows = sorted.map((each) => row(each.name, each.schema ?? Object.values(each.content)[0].schema, each.required, each.description, each.deprecated));
    parts.push(make("h3", {}, "Parameters"), table(rows));
  }
  parts.push(make("h3", {}, "Answers"), ...Object.entries(told.responses).map(([status, each]) => response(status, resolve(each))));
  parts.push(attempt(path, method, parameters, content));
  return parts;
}

function response(status, told) {
  const [first, ...rest] = (told.description ?? "").split("\n");
  const parts = prose(rest.join("\n"));
  for (const [name, each] of Object.entries(told.headers ?? {})) {
    parts.push(make("p", {}, make("code", {}, name), " ", inline(resolve(each).description ?? "")));
  }
  for (const [kind, each] of Object.entries(told.content ?? {})) {
    if (Number(status) < 400) parts.push(members(each.schema) ?? make("p", { class: "kind" }, `${kind}: ${kindOf(each.schema)}`));
    for (const one of Object.values(each.examples ?? {})) parts.push(example(one.summary ?? "Example", one.value));
  }
  return make("details", { class: "response" }, make("summary", {}, make("span", { class: `status s${status[0]}` }, status), " ", inline(first)), parts);
}

// ---------------------------------------------------------------------------------------------------------- trying

function field(parameter, id) {
  const schema = resolve(parameter.schema ?? {});
  const label = make("label", { for: id }, parameter.name, parameter.required ? make("span", { class: "needed" }, " *") : null);
  const given = parameter.example ?? Object.values(parameter.examples ?? {})[0]?.value;
  const prefilled = parameter.in === "path" && given !== undefined ? String(given) : "";
  const input = schema.enum || schema.type === "boolean"
    ? make("select", { id }, make("option", { value: "" }, ""), (schema.enum ?? [true, false]).map((each) => make("option", { value: String(each) }, String(each))))
    : make("input", { id, value: prefilled, placeholder: given === undefined ? "" : `such as ${[given].flat().join(",")}`, autocomplete: "off", spellcheck: "false" });
  return { parameter, input, element: make("div", { class: "field" }, label, input) };
}

function attempt(path, method, parameters, content) {
  const id = `try-${method}-${path}`.replace(/[^A-Za-z0-9]+/g, "-");
  const prefer = method === "post" && parameters.find((each) => each.name === "Prefer");
  const isAction = Boolean(prefer);
  const fields = parameters.filter((each) => !(isAction && each.name === "Prefer")).map((each, at) => field(each, `${id}-${at}`));
  const bodies = Object.values(content?.[1].examples ?? {});
  const first = content && (bodies[0]?.value ?? content[1].example ?? sample(content[1].schema));
  const text = content && make("textarea", { id: `${id}-body`, spellcheck: "false" });
  if (text) text.value = shown(first);
  const dry = isAction && make("input", { type: "checkbox", id: `${id}-dry`, checked: true });
  const answer = make("div", { class: "answer", role: "status" });
  // A background action is not called, but started: it takes no request without that.
  const always = prefer?.required ? [prefer.example] : [];
  const asked = () => requestOf(path, method, fields, text, [...always, ...(dry?.checked ? ["dry-run"] : [])]);
  const form = make("form", { class: "try", "aria-label": "Try it", onsubmit: (event) => { event.preventDefault(); send(asked, answer); } },
    fields.map((each) => each.element),
    text ? [make("label", { for: `${id}-body` }, "Body"), text] : null,
    make("div", { class: "row" },
      make("button", { class: "send" }, "Send"),
      dry ? make("label", { for: `${id}-dry` }, dry, " keep nothing (dry run)") : null,
      make("button", { type: "button", onclick: () => answer.replaceChildren(example("In a shell", curl(asked()))) }, "Show as curl")),
    answer);
  return make("section", {}, make("h3", {}, "Try it"), form);
}

function requestOf(path, method, fields, text, preferences) {
  const headers = { Accept: "application/json" };
  const query = [];
  for (const { parameter, input } of fields) {
    const value = input.value;
    if (value === "" && parameter.in !== "path") continue;
    if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, encodeURIComponent(value).replace(/%2C/g, ",").replace(/%3D/g, "="));
    else if (parameter.in === "query") query.push(`${encodeURIComponent(parameter.name).replace("%24", "$")}=${encodeURIComponent(value)}`);
    else headers[parameter.name] = value;
  }
  if (preferences.length) headers.Prefer = preferences.join(", ");
  const body = text && text.value.trim() ? text.value : undefined;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const server = api.servers?.[0]?.url ?? "";
  return { url: path + (query.length ? `?${query.join("&")}` : ""), server: server === "/" ? "" : server, method: method.toUpperCase(), headers, body };
}

async function send(asked, answer) {
  const { url, method, headers, body } = asked();
  answer.replaceChildren(make("p", { class: "kind" }, "Asking…"));
  const began = performance.now();
  try {
    const got = await fetch(url, { method, headers: { ...headers, ...credentials() }, body, credentials: "omit" });
    const text = await got.text();
    const took = Math.round(performance.now() - began);
    const lines = [...got.headers].filter(([name]) => /^(etag|location|preference-applied|retry-after|asyncresult|idempotency-replayed|deprecation|sunset|warning)$/.test(name));
    answer.replaceChildren(
      make("p", {}, make("span", { class: `status s${String(got.status)[0]}` }, String(got.status)), ` ${got.statusText} `, make("span", { class: "kind" }, `${took} ms`)),
      lines.length ? make("pre", { tabindex: "0" }, lines.map(([name, value]) => `${name}: ${value}`).join("\n")) : "",
      text ? make("pre", { tabindex: "0" }, pretty(text)) : "");
  } catch (error) {
    answer.replaceChildren(make("p", { class: "warning" }, `The server was not reached: ${error.message}`));
  }
}

function pretty(text) {
  // Numbers keep all their digits, which JSON.parse would not.
  if (!/^\s*[[{]/.test(text)) return text;
  let indent = 0;
  return text.replace(/"(?:[^"\\]|\\.)*"|[[\]{},:]|\s+/g, (token) => {
    if (/^\s+$/.test(token)) return "";
    if (token === ":") return ": ";
    if (token === "{" || token === "[") return `${token}\n${"  ".repeat(++indent)}`;
    if (token === "}" || token === "]") return `\n${"  ".repeat(--indent)}${token}`;
    return token === "," ? `,\n${"  ".repeat(indent)}` : token;
  }).replace(/([{[])\s+([}\]])/g, "$1$2");
}

const quoted = (text) => `'${text.replace(/'/g, "'\\''")}'`;

function curl({ url, server, method, headers, body }) {
  const scheme = page("scheme").value;
  const who = scheme === "key" ? { "X-Api-Key": "$KEY" } : scheme === "token" ? { Authorization: "Bearer $TOKEN" } : {};
  const secrets = Object.entries(who).map(([name, value]) => `-H "${name}: ${value}"`);
  const others = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const parts = [`curl ${method === "GET" ? "" : `-X ${method} `}${quoted((server || location.origin) + url)}`, ...secrets, ...others, ...(body ? [`-d ${quoted(body)}`] : [])];
  return parts.join(" \\\n  ");
}

// ----------------------------------------------------------------------------------------------------- credentials

function credentials() {
  const secret = page("secret").value.trim();
  if (!secret) return {};
  return { key: { "X-Api-Key": secret }, token: { Authorization: `Bearer ${secret}` } }[page("scheme").value] ?? {};
}

function remember() {
  sessionStorage.setItem("who", JSON.stringify([page("scheme").value, page("secret").value]));
}

function recall() {
  const [scheme, secret] = JSON.parse(sessionStorage.getItem("who") ?? '["none", ""]');
  page("scheme").value = scheme;
  page("secret").value = secret;
}

const ask = () => { page("secret").parentElement.hidden = page("scheme").value === "none"; };

// ------------------------------------------------------------------------------------------------------------ page

async function load() {
  const state = page("state");
  state.className = "";
  state.textContent = "One moment…";
  try {
    const got = await fetch("/openapi.json", { headers: credentials(), credentials: "omit" });
    if (!got.ok) {
      const told = await got.json().catch(() => ({}));
      const why = got.status === 401 ? "Say who calls, at the top: with an API key or a token." : told.error?.message ?? `The server answered ${got.status}.`;
      throw new Error(why);
    }
    api = await got.json();
  } catch (error) {
    state.className = "bad";
    state.textContent = error.message;
    for (const id of ["about", "list", "groups"]) page(id).replaceChildren();
    return;
  }
  state.textContent = "";
  show();
  open();
}

function show() {
  document.title = api.info.title;
  page("title").textContent = api.info.title;
  page("about").replaceChildren(...prose(api.info.description), make("p", { class: "kind" }, "As ", make("a", { href: "/openapi.json" }, "openapi.json"), `; generation ${api.info.version}.`));
  const groups = new Map((api.tags ?? []).map((tag) => [tag.name, { tag, entries: [] }]));
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of ["get", "post", "put", "patch", "delete"]) {
      if (!item[method]) continue;
      const tag = item[method].tags?.[0] ?? "";
      if (!groups.has(tag)) groups.set(tag, { tag: { name: tag }, entries: [] });
      groups.get(tag).entries.push({ path, method, told: item[method], shared: item.parameters ?? [] });
    }
  }
  const filled = [...groups.values()].filter((each) => each.entries.length);
  page("list").replaceChildren(...filled.map(({ tag, entries }) => make("section", {}, make("h2", {}, tag.name), make("ul", {}, entries.map(({ told }) => make("li", { "data-words": words(told) }, make("a", { href: `#${told.operationId}` }, told.operationId)))))));
  page("groups").replaceChildren(...filled.map(({ tag, entries }) => make("section", {}, make("h2", {}, tag.name, make("small", {}, inline(tag.description ?? ""))), entries.map(summary))));
  find();
}

const words = (told) => `${told.operationId} ${told.summary ?? ""} ${told.description ?? ""}`.toLowerCase();

function summary({ path, method, told, shared }) {
  const details = make("details", { class: `operation${told.deprecated ? " deprecated" : ""}`, id: told.operationId, "data-words": words(told) },
    make("summary", {}, make("span", { class: `method ${method}` }, method.toUpperCase()), make("span", { class: "name" }, told.operationId), make("span", { class: "told" }, inline(told.summary ?? ""))));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(make("div", { class: "body" }, operation(path, method, told, shared)));
  });
  return details;
}

function find() {
  const wanted = page("find").value.trim().toLowerCase().split(/\s+/);
  for (const each of document.querySelectorAll("[data-words]")) each.hidden = !wanted.every((word) => each.dataset.words.includes(word));
  for (const group of document.querySelectorAll("#list > section, #groups > section")) group.hidden = !group.querySelector("[data-words]:not([hidden])");
}

function open() {
  const wanted = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!wanted?.matches("details.operation")) return;
  wanted.hidden = false;
  wanted.open = true;
  wanted.scrollIntoView();
  wanted.firstElementChild.focus({ preventScroll: true });
}

recall();
ask();
page("scheme").addEventListener("change", () => { ask(); if (page("scheme").value !== "none") page("secret").focus(); });
page("credentials").addEventListener("submit", (event) => { event.preventDefault(); remember(); load(); });
page("find").addEventListener("input", find);
addEventListener("hashchange", open);
load();
