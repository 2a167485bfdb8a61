// Values in OData's JSON and in its URLs, to and from TypeScript. What a double can not hold exactly is a text or a bigint.

/** An exact number: "12.50". */
export type Decimal = `${number}`;
/** A UUID. */
export type Id = `${string}-${string}-${string}-${string}-${string}`;
/** A day: "2026-11-24". */
export type Day = `${number}-${number}-${number}`;
/** A moment with its offset: "2026-11-24T09:30:00Z", to the microsecond. */
export type Moment = `${number}-${number}-${number}T${string}`;
/** A length of time: "PT90M", "P2DT3H". */
export type Duration = `P${string}` | `-P${string}`;
/** A whole number of 64 bits. A `number` has to be a safe integer. */
export type Integer = number | bigint;
/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** The members of an answer's object. */
export type Data = { readonly [name: string]: unknown };

/** What the server sent is not what this client was made for: it was made from other contracts, or this is no such server. */
export class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

/** The entity set of a row; no column is called so. */
export const entitySet: unique symbol = Symbol("entitySet");
/** The address of a row below the root of the service. */
export const address: unique symbol = Symbol("address");

/** Base of what names a row: by its primary key or another one. */
export abstract class Row {
  abstract readonly [entitySet]: string;
  abstract get [address](): string;
}

// ------------------------------------------------------------------------------------------------------------- sending

/** A value as it is sent: in a body, and in a URL. */
export interface Sent {
  readonly json: unknown;
  readonly literal: string;
}

type Maybe<T> = T | null | undefined;

function sent<T>(value: Maybe<T>, json: (value: T) => unknown, literal: (value: T) => string): Sent | undefined {
  return value === null || value === undefined ? undefined : { json: json(value), literal: literal(value) };
}

const same = (value: unknown): unknown => value;
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function whole(value: Integer): string {
  if (typeof value === "number" && !Number.isSafeInteger(value)) {
    throw new RangeError(`${value} is no whole number that a double holds exactly: use a bigint`);
  }
  return value.toString();
}

function moment(value: Moment | Date): string {
  return typeof value === "string" ? value : value.toISOString();
}

function rowJson(row: Row): unknown {
  return { "@odata.id": row[address] };
}

export const text = (value: Maybe<string>): Sent | undefined => sent(value, same, quoted);
export const integer = (value: Maybe<Integer>): Sent | undefined => sent(value, whole, whole);
export const decimal = (value: Maybe<Decimal>): Sent | undefined => sent(value, same, String);
export const float = (value: Maybe<number>): Sent | undefined => sent(value, same, String);
export const boolean = (value: Maybe<boolean>): Sent | undefined => sent(value, same, String);
export const day = (value: Maybe<Day>): Sent | undefined => sent(value, same, String);
export const instant = (value: Maybe<Moment | Date>): Sent | undefined => sent(value, moment, moment);
export const duration = (value: Maybe<Duration>): Sent | undefined => sent(value, same, (each) => `duration'${each}'`);
export const id = (value: Maybe<Id>): Sent | undefined => sent(value, same, String);
export const json = (value: Maybe<Json>): Sent | undefined => sent(value, same, JSON.stringify);
export const row = (value: Maybe<Row>): Sent | undefined =>
  sent(value, rowJson, (each) => JSON.stringify(rowJson(each)));
export const choice = (value: Maybe<number | string>): Sent | undefined =>
  sent(value, same, (each) => (typeof each === "number" ? String(each) : quoted(each)));
export const choices = (value: Maybe<readonly (number | string)[]>): Sent | undefined =>
  sent(value, (each) => each.join(","), (each) => quoted(each.join(",")));

/** A list of what something else sends. */
export function list<T>(item: (value: T) => Sent | undefined): (value: Maybe<readonly T[]>) => Sent | undefined {
  const items = (value: readonly T[]): unknown => value.map((each) => item(each)?.json ?? null);
  return (value) => sent(value, items, (each) => JSON.stringify(items(each)));
}

/** What may be left out, or be empty, where the two differ: null is sent. */
export function nullable<T>(send: (value: T) => Sent | undefined): (value: Maybe<T>) => Sent | undefined {
  return (value) => (value === null ? { json: null, literal: "null" } : value === undefined ? undefined : send(value));
}

/** A value of a key in an address. */
export function key(value: Sent | undefined): string {
  return encodeURIComponent(value?.literal ?? "null").replaceAll("'", "%27");
}

// ------------------------------------------------------------------------------------------------------------- reading

export type Read<T> = (data: unknown) => T;

function unexpected(what: string, data: unknown): UnexpectedAnswer {
  return new UnexpectedAnswer(`The server should have sent ${what}, and sent ${String(JSON.stringify(data)).slice(0, 100)}.`);
}

/** A member of an object. Throws UnexpectedAnswer when it is not there or is something else. */
export function read<T>(data: Data, name: string, how: Read<T>): T {
  try {
    return how(Object.hasOwn(data, name) ? data[name] : undefined);
  } catch (error) {
    throw error instanceof UnexpectedAnswer ? new UnexpectedAnswer(`${name}: ${error.message}`) : error;
  }
}

/** A member of an object that may be null, or left out. */
export function readOptional<T>(data: Data, name: string, how: Read<T>): T | null {
  return Object.hasOwn(data, name) && data[name] !== null ? read(data, name, how) : null;
}

export function asObject(data: unknown): Data {
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw unexpected("an object", data);
  return data as Data;
}

export function asText(data: unknown): string {
  if (typeof data !== "string") throw unexpected("a text", data);
  return data;
}

export function asBoolean(data: unknown): boolean {
  if (typeof data !== "boolean") throw unexpected("true or false", data);
  return data;
}

export function asFloat(data: unknown): number {
  if (typeof data !== "number") throw unexpected("a number", data);
  return data;
}

/** Servers send exact numbers as texts, which is asked for; a number is taken where it is one that doubles hold. */
export function asInteger(data: unknown): bigint {
  if (typeof data === "string" && /^-?\d+$/.test(data)) return BigInt(data);
  if (typeof data === "number" && Number.isSafeInteger(data)) return BigInt(data);
  throw unexpected("a whole number", data);
}

export function asDecimal(data: unknown): Decimal {
  if (typeof data === "string" && /^-?\d+(\.\d+)?$/.test(data)) return data as Decimal;
  if (typeof data === "number" && Number.isSafeInteger(data)) return `${data}`;
  throw unexpected("an exact number", data);
}

function matching<T extends string>(pattern: RegExp, what: string): Read<T> {
  return (data) => {
    if (typeof data !== "string" || !pattern.test(data)) throw unexpected(what, data);
    return data as T;
  };
}

export const asDay: Read<Day> = matching(/^\d{4}-\d\d-\d\d$/, "a day");
export const asMoment: Read<Moment> = matching(/^\d{4}-\d\d-\d\dT.+(Z|[+-]\d\d:\d\d)$/, "a moment");
export const asDuration: Read<Duration> = matching(/^-?P/, "a length of time");
export const asId: Read<Id> = matching(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, "an id");
export const asJson: Read<Json> = (data) => data as Json;

/** What is returned by what returns nothing. */
export const asNothing = (_: unknown): void => undefined;

/** What reads a list of what something else reads. */
export function asList<T>(how: Read<T>): Read<readonly T[]> {
  return (data) => {
    if (!Array.isArray(data)) throw unexpected("a list", data);
    return data.map(how);
  };
}

/** What reads a member of a choice: by its number, or its name. */
export function asMember<T extends number | string>(choice: { readonly [name: string]: T }): Read<T> {
  const known = new Map<unknown, T>([...Object.entries(choice), ...Object.values(choice).map((each) => [each, each] as const)]);
  return (data) => {
    const found = known.get(data);
    if (found === undefined) throw unexpected(`one of ${Object.keys(choice).join(", ")}`, data);
    return found;
  };
}

/** What reads any number of members of a choice: "1,3". */
export function asMembers<T extends number | string>(choice: { readonly [name: string]: T }): Read<readonly T[]> {
  const known = new Map(Object.values(choice).map((each) => [String(each), each]));
  return (data) =>
    (data === "" ? [] : asText(data).split(",")).map((part) => {
      const found = known.get(part);
      if (found === undefined) throw unexpected(`some of ${Object.keys(choice).join(", ")}`, data);
      return found;
    });
}

/** What reads a row of one of several tables, by the type that its object says it is of. */
export function asOneOf<T>(readers: { readonly [entityType: string]: Read<T> }): Read<T> {
  return (data) => {
    const said = asText(asObject(data)["@odata.type"]);
    return readerOf(readers, said.slice(said.lastIndexOf(".") + 1))(data);
  };
}

/** The row that a lookup to several tables leads to: which table's it is stands beside its key. */
export function readLookup<T>(data: Data, name: string, readers: { readonly [entityType: string]: Read<T> }): T | null {
  if (!Object.hasOwn(data, name) || data[name] === null) return null;
  return read(data, name, readerOf(readers, asText(data[`${name}@Microsoft.Dynamics.CRM.lookuplogicalname`])));
}

function readerOf<T>(readers: { readonly [entityType: string]: Read<T> }, said: string): Read<T> {
  const how = Object.hasOwn(readers, said) ? readers[said] : undefined;
  if (how === undefined) throw unexpected(`a row of type ${Object.keys(readers).join(" or ")}`, said);
  return how;
}
