// Background actions that were started: what became of a run, waiting for it, taking it back.

import { type CallOptions, type Transport, sleep } from "./transport.js";
import { type Data } from "./values.js";

/** Milliseconds between two questions of one who waits, whatever the server says. */
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 3_600_000;

/** How long to wait. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds. */
  readonly timeout?: number;
}

/** What became of a run: what it has returned, or that it goes on, and after how many milliseconds it is worth to ask again. */
export type StartedOutcome<R> =
  | { readonly done: true; readonly returned: R }
  | { readonly done: false; readonly retryAfter: number };

/** A run of a background action. It goes on by itself, whatever becomes of this program: `id` is what to keep to ask for it later,
 * and the id under which it is in the server's log. */
export class Started<R> {
  readonly #transport: Transport;
  readonly #read: (data: Data) => R;

  constructor(
    readonly id: string,
    transport: Transport,
    read: (data: Data) => R,
  ) {
    this.#transport = transport;
    this.#read = read;
  }

  /** Where the server tells the state of the run. */
  get address(): string {
    return this.#transport.state(this.id);
  }

  /** What the run has returned, or that it goes on. Throws ActionLangError for what it has failed with; with status 404 where there
   * is no such run, or no longer. */
  async outcome(options: CallOptions = {}): Promise<StartedOutcome<R>> {
    const { data, retryAfter } = await this.#transport.outcome(this.id, options);
    if (data !== null) return { done: true, returned: this.#read(data) };
    return { done: false, retryAfter: Math.min(Math.max(retryAfter * 1000, SHORTEST_PAUSE), LONGEST_PAUSE) };
  }

  /** Wait until the run has come to its end; gives what it has returned. Throws as `outcome`, and a DOMException named TimeoutError
   * when the run goes on after `timeout`: one can wait for it again. */
  async wait(options: WaitOptions = {}): Promise<R> {
    const until = performance.now() + (options.timeout ?? Infinity);
    for (;;) {
      const outcome = await this.outcome(options);
      if (outcome.done) return outcome.returned;
      const left = until - performance.now();
      if (left <= 0) throw new DOMException(`The run ${this.id} goes on.`, "TimeoutError");
      await sleep(Math.min(outcome.retryAfter, left), options.signal);
    }
  }

  /** Have the run go no further; what it has done stays done. Of one that has ended, the outcome is forgotten.
   * Throws ActionLangError, with status 409 at a moment at which the run is at work. */
  async cancel(options: CallOptions = {}): Promise<void> {
    await this.#transport.remove(this.id, options);
  }
}
