// How calls go to the server and what comes back: addresses, credentials, retries, errors.

import { type Data, type Read, Row, type Sent, UnexpectedAnswer, address, asList, asObject, list, row } from "./values.js";

const SERVICE = "/api/data/v9.2/";
const JSON_TYPE = "application/json;IEEE754Compatible=true";

/** Statuses that ask for another try where the server says when (Retry-After): a call with the same key that is still under way,
 * too many calls, a server that is busy or starts anew. */
const WORTH_ANOTHER_TRY = [409, 429, 503];

/** Seconds. What the server wants to be left alone for longer is told as an error at once. */
const LONGEST_WAIT = 30;

/** One of several things that are wrong. */
export interface ErrorDetail {
  readonly code: string;
  readonly message: string;
  readonly target?: string;
}

/** What the server refused, or failed at. `status` is that of HTTP, `code` the error's (E0701: the verb refused), `target` names
 * the argument, `hint` says what helps, `run` is the id of the run in the server's log. */
export class ActionLangError extends Error {
  override readonly name = "ActionLangError";

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: readonly ErrorDetail[] = [],
    readonly target: string | null = null,
    readonly hint: string | null = null,
    readonly run: string | null = null,
  ) {
    super(message);
  }
}

/** Where the server is, who calls, and how patient the client is. */
export interface ClientOptions {
  /** The server's root: "https://verbs.example.com". */
  readonly url: string;
  /** A bearer token, or what gives one, asked before each request. */
  readonly token?: string | (() => string | Promise<string>);
  readonly apiKey?: string;
  /** How often a call is made again that was not answered. Each call that could act has a key, so that it acts once. */
  readonly retries?: number;
  /** Milliseconds that one try may take. */
  readonly timeout?: number;
  /** What to send requests with, in place of the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch;
}

/** How one function is asked. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

/** How one action is called. */
export interface ActionOptions extends CallOptions {
  /** Names what is done, so that it is done once however often it is called. The client makes one where none is given. */
  readonly key?: string;
  /** The version (ETag) that the row must still have. */
  readonly expected?: string;
  /** See what would come of it, and keep nothing. */
  readonly dryRun?: boolean;
}

/** How one background action is started. A dry run of it is a method of its own. */
export interface StartOptions extends ActionOptions {
  readonly dryRun?: never;
}

/** How rows are read. `where` and `orderBy` are texts of OData: "priority eq 3". */
export interface ListOptions extends CallOptions {
  readonly where?: string;
  readonly orderBy?: string;
  readonly top?: number;
  readonly pageSize?: number;
}

interface Prepared {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string | null;
  readonly repeatable: boolean;
}

/** What a verb is called on: a row, rows of an entity set as one unit, or nothing. */
export type On = Row | { readonly entitySet: string; readonly rows: readonly Row[] } | null;

type Arguments = { readonly [name: string]: Sent | undefined };

/** Sends requests, again where that is safe and sensible. */
export class Transport {
  readonly #options: ClientOptions;
  readonly #namespace: string;
  readonly #root: string;
  readonly #retries: number;

  constructor(options: ClientOptions, namespace: string) {
    this.#options = options;
    this.#namespace = namespace;
    this.#retries = options.retries ?? 3;
    const root = options.url.replace(/\/+$/, "");
    this.#root = `${root}/`.endsWith(SERVICE) ? `${root}/` : root + SERVICE;
  }

  /** Ask a function, by GET. */
  ask(verb: string, on: On, given: Arguments, options: CallOptions): Promise<Data> {
    const named = known(given);
    const inside = named.map(([name], at) => `${name}=@p${at}`).join(",");
    const query = named.map(([, value], at) => `@p${at}=${encodeURIComponent(value.literal)}`).join("&");
    const url = `${this.#path(on)}${verb}(${inside})${query === "" ? "" : `?${query}`}`;
    return this.#send({ method: "GET", url, headers: {}, body: null, repeatable: true }, options.signal);
  }

  /** Call an action. One that could act gets a key where it may have one, so that it may be sent again when its answer is lost. */
  act(verb: string, on: On, given: Arguments, options: ActionOptions, keyed = true): Promise<Data> {
    return this.#send(this.#acting(verb, on, given, options, keyed), options.signal);
  }

  /** Start a background action; gives the id of the run. Only that counts of where the server says that the state is: the caller's
   * credentials go nowhere but to the server that the client was told of. */
  async start(verb: string, on: On, given: Arguments, options: StartOptions): Promise<string> {
    const request = this.#acting(verb, on, given, options, true, ["respond-async"]);
    const response = await this.#answer(request, options.signal);
    const found = /\$calls\(([\w.-]+)\)$/.exec(response.headers.get("Location") ?? "")?.[1];
    if (response.status === 202 && found !== undefined) return found;
    throw new UnexpectedAnswer(`${request.url} does not say what it has started.`);
  }

  /** The address at which the state of a run is told that was started. */
  state(run: string): string {
    return `${this.#root}$calls(${encodeURIComponent(run)})`;
  }

  /** What became of a run: null while it goes on, and after how many seconds it is worth to ask again. */
  async outcome(run: string, options: CallOptions): Promise<{ readonly data: Data | null; readonly retryAfter: number }> {
    const response = await this.#answer(reading(this.state(run)), options.signal);
    const asked = response.headers.get("Retry-After") ?? "";
    if (response.status === 202) return { data: null, retryAfter: /^\d+$/.test(asked) ? Number(asked) : 1 };
    const status = Number(response.headers.get("AsyncResult"));
    if (!Number.isInteger(status) || status < 100) {
      throw new UnexpectedAnswer(`${this.state(run)} does not say what became of the run.`);
    }
    if (status >= 400) throw await errorOf(response, status);
    return { data: status === 204 ? {} : await dataOf(response), retryAfter: 0 };
  }

  /** Have a run go no further, or forget what came of it. */
  async remove(run: string, options: CallOptions): Promise<void> {
    await this.#answer({ ...reading(this.state(run)), method: "DELETE" }, options.signal);
  }

  #acting(verb: string, on: On, given: Arguments, options: ActionOptions, keyed: boolean, wanted: string[] = []): Prepared {
    const headers: Record<string, string> = { "Content-Type": JSON_TYPE };
    if (options.expected !== undefined) headers["If-Match"] = options.expected;
    const preferences = options.dryRun === true ? [...wanted, "dry-run"] : wanted;
    if (preferences.length > 0) headers["Prefer"] = preferences.join(", ");
    const isKeyed = keyed && options.dryRun !== true && (options.key !== undefined || this.#retries > 0);
    if (isKeyed) headers["Idempotency-Key"] = quoted(options.key ?? newKey());
    const targets = on === null || on instanceof Row ? undefined : list(row)(on.rows);
    const body = JSON.stringify(Object.fromEntries(known({ ...given, Targets: targets }).map(([name, value]) => [name, value.json])));
    const repeatable = isKeyed || options.dryRun === true;
    return { method: "POST", url: this.#path(on) + verb, headers, body, repeatable };
  }

  /** Read one row. */
  get(row: Row, options: CallOptions): Promise<Data> {
    return this.#send(reading(this.#root + row[address]), options.signal);
  }

  /** Read rows, page by page. */
  async *list(entitySet: string, options: ListOptions): AsyncGenerator<Data, void, undefined> {
    const wanted = { $filter: options.where, $orderby: options.orderBy, $top: options.top };
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    const query = given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join("&");
    const headers: Record<string, string> = {};
    if (options.pageSize !== undefined) headers["Prefer"] = `odata.maxpagesize=${options.pageSize}`;
    let request = reading(`${this.#root}${entitySet}${query === "" ? "" : `?${query}`}`, headers);
    for (;;) {
      const page = await this.#send(request, options.signal);
      yield* asList(asObject)(page["value"]);
      const link = page["@odata.nextLink"];
      if (link === undefined) return;
      const next = new URL(String(link), request.url).href;
      // The caller's credentials go with it.
      if (!next.startsWith(this.#root)) throw new UnexpectedAnswer(`The next page would be at ${next}, not below ${this.#root}.`);
      request = reading(next, headers);
    }
  }

  #path(on: On): string {
    if (on === null) return this.#root;
    return `${this.#root}${on instanceof Row ? on[address] : on.entitySet}/${this.#namespace}.`;
  }

  async #send(request: Prepared, signal: AbortSignal | undefined): Promise<Data> {
    return dataOf(await this.#answer(request, signal));
  }

  /** An answer that refuses nothing. */
  async #answer(request: Prepared, signal: AbortSignal | undefined): Promise<Response> {
    for (let tried = 0; ; tried++) {
      const answer = await this.#once(request, signal);
      const wait = tried < this.#retries ? waitAfter(answer, request, tried) : null;
      if (wait === null) {
        if (!(answer instanceof Response)) throw answer.error;
        // What is gone when its removal is asked for again was removed by a try whose answer was lost.
        if (answer.ok || (request.method === "DELETE" && tried > 0 && answer.status === 404)) return answer;
        throw await errorOf(answer, answer.status);
      }
      await sleep(wait, signal);
    }
  }

  async #once(request: Prepared, signal: AbortSignal | undefined): Promise<Response | { readonly error: unknown }> {
    const { token, apiKey, timeout = 30_000 } = this.#options;
    const fetch = this.#options.fetch ?? globalThis.fetch.bind(globalThis);
    const headers: Record<string, string> = { Accept: JSON_TYPE, "OData-Version": "4.0", ...request.headers };
    if (token !== undefined) headers["Authorization"] = `Bearer ${typeof token === "string" ? token : await token()}`;
    if (apiKey !== undefined) headers["X-Api-Key"] = apiKey;
    const limit = AbortSignal.timeout(timeout);
    const stop = signal === undefined ? limit : AbortSignal.any([signal, limit]);
    try {
      const { method, url, body } = request;
      const response = await fetch(url, { method, headers, body, signal: stop, redirect: "error" });
      // The whole answer, here: a connection that breaks in its middle is worth another try, too.
      const held = response.status === 204 ? null : await response.arrayBuffer();
      return new Response(held, { status: response.status, statusText: response.statusText, headers: response.headers });
    } catch (error) {
      signal?.throwIfAborted();
      return { error };
    }
  }
}

/** The rows of a table that the caller may read. */
export class Rows<K extends Row, R> {
  readonly #transport: Transport;
  readonly #entitySet: string;
  readonly #read: Read<R>;

  constructor(transport: Transport, entitySet: string, read: Read<R>) {
    this.#transport = transport;
    this.#entitySet = entitySet;
    this.#read = read;
  }

  /** A row. Throws ActionLangError, with status 404 where there is none. */
  async get(row: K, options: CallOptions = {}): Promise<R> {
    return this.#read(await this.#transport.get(row, options));
  }

  /** Rows, read page by page as they are asked for. */
  async *list(options: ListOptions = {}): AsyncGenerator<R, void, undefined> {
    for await (const row of this.#transport.list(this.#entitySet, options)) yield this.#read(row);
  }
}

function reading(url: string, headers: Record<string, string> = {}): Prepared {
  return { method: "GET", url, headers, body: null, repeatable: true };
}

function known(given: Arguments): (readonly [string, Sent])[] {
  return Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A key as the header has it (RFC 8941, 3.3.3). */
function quoted(key: string): string {
  return `"${key.replace(/["\\]/g, "\\$&")}"`;
}

/** How many milliseconds to wait before a request is sent again; null if it is not worth it, or could act twice. */
function waitAfter(answer: Response | object, request: Prepared, tried: number): number | null {
  const backoff = (0.5 + Math.random() / 2) * Math.min(200 * 2 ** tried, 5_000);
  if (!request.repeatable) return null;
  if (!(answer instanceof Response)) return backoff;
  if (!WORTH_ANOTHER_TRY.includes(answer.status)) return null;
  const asked = answer.headers.get("Retry-After") ?? "";
  if (!/^\d+$/.test(asked)) return answer.status === 503 ? backoff : null;
  return Number(asked) <= LONGEST_WAIT ? Math.max(Number(asked) * 1000, backoff) : null;
}

export function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

async function dataOf(response: Response): Promise<Data> {
  return response.status === 204 ? {} : asObject(await jsonOf(response));
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

async function errorOf(response: Response, status: number): Promise<ActionLangError> {
  const told = objectOr(objectOr(await jsonOf(response))["error"]);
  const { code, message, details, target } = told;
  const { hint, run } = objectOr(told["innererror"]);
  return new ActionLangError(
    status,
    typeof code === "string" ? code : `HTTP ${status}`,
    typeof message === "string" ? message : response.statusText,
    Array.isArray(details) ? (details as ErrorDetail[]) : [],
    typeof target === "string" ? target : null,
    typeof hint === "string" ? hint : null,
    typeof run === "string" ? run : null,
  );
}

function objectOr(data: unknown): Data {
  return typeof data === "object" && data !== null ? (data as Data) : {};
}
