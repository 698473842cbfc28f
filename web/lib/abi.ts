// SPDX-License-Identifier: Apache-2.0
// A contract's values as JSON, and back, by the description that it gives of itself: the same forms
// and bytes as apps/common/abi/abi_value.h has, which tests/vectors/abi holds both to. Anybody may
// deploy anything, so a description is a stranger's text, and what it makes is bounded.
import { idOfAddress, addressOf } from "./address";
import { type Bytes, DecodeError, Reader, bytesOfHex, bytesOfText, concat, hexOf, textOf } from "./bytes";
import { U64_MAX, id, prefixed, u16, u32, u64, u8 } from "./writer";

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export interface Field {
  name: string;
  type: string;
}
export interface Method {
  arguments: Field[];
  returns: string | null;
}
export interface Abi {
  name: string | null;
  types: Map<string, Field[]>;
  methods: Map<string, Method>;
  views: Map<string, Method>;
  events: Map<string, Field[]>;
  errors: Map<string, string>;
}

export const ABI_MAX_BYTES = 64 * 1024;
export const ABI_MAX_DEPTH = 16;
export const ABI_MAX_VALUES = 1 << 16;
const TYPE_BYTES = 64; // of a type's name, with its end

export type AbiRule =
  | "number"
  | "signed"
  | "bool"
  | "hash"
  | "bytes"
  | "list"
  | "text"
  | "fields"
  | "count"
  | "unknown"
  | "missing"
  | "deep"
  | "type";
// What does not fit, and where (RFC 6901); `detail` is the most that a number may be, how many values
// belong there, or a member's name.
export class AbiFault extends Error {
  constructor(
    readonly pointer: string,
    readonly rule: AbiRule,
    readonly detail = "",
  ) {
    super(`${pointer}: ${rule} ${detail}`);
    this.name = "AbiFault";
  }
}

// --- the description ---

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const entriesOf = (value: unknown): [string, unknown][] => (isObject(value) ? Object.entries(value) : []);

const BROKEN: Field = { name: "", type: "" }; // what is no [name, type]
function fieldsOf(value: unknown): Field[] {
  if (!Array.isArray(value)) return [];
  return value.map((field: unknown) => {
    const [name, type] = Array.isArray(field) && field.length === 2 ? (field as unknown[]) : [];
    return typeof name === "string" && typeof type === "string" ? { name, type } : BROKEN;
  });
}
function methodsOf(value: unknown): Map<string, Method> {
  return new Map(
    entriesOf(value).map(([name, entry]) => {
      const { arguments: given, returns } = isObject(entry) ? entry : {};
      return [name, { arguments: fieldsOf(given), returns: typeof returns === "string" ? returns : null }];
    }),
  );
}

const hasTwins = (fields: Field[]): boolean => {
  const names = fields.map(({ name }) => name).filter((name) => name !== "");
  return new Set(names).size < names.length;
};

// Null for what is no description, or names two fields of one list alike.
export function readAbi(text: string): Abi | null {
  if (text.length > ABI_MAX_BYTES) return null;
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(whole)) return null;
  const lists = (value: unknown): Map<string, Field[]> =>
    new Map(entriesOf(value).flatMap(([name, list]) => (Array.isArray(list) ? [[name, fieldsOf(list)]] : [])));
  const types = lists(whole["types"]);
  const events = lists(whole["events"]);
  const [methods, views] = [methodsOf(whole["methods"]), methodsOf(whole["views"])];
  const entries = methodsOf({ init: whole["init"], upgrade: whole["upgrade"] });
  const given = [methods, views, entries].flatMap((group) => [...group.values()].map((one) => one.arguments));
  if ([...types.values(), ...events.values(), ...given].some(hasTwins)) return null;
  return {
    name: typeof whole["name"] === "string" ? whole["name"] : null,
    types,
    methods,
    views,
    events,
    errors: new Map(entriesOf(whole["errors"]).flatMap(([code, one]) => (typeof one === "string" ? [[code, one]] : []))),
  };
}

// --- types ---

export const NUMBERS: Record<string, bigint> = { u8: 255n, u16: 65_535n, u32: 4_294_967_295n, u64: U64_MAX };
const PLAIN = ["bool", "u8", "u16", "u32", "u64", "i64", "hash", "account", "bytes", "string"] as const;
type Plain = (typeof PLAIN)[number];
export type Type =
  | { is: Plain }
  | { is: "vec" | "option"; inner: string }
  | { is: "fields"; fields: Field[] }
  | { is: "unknown" };

export function typeOf(abi: Abi, text: string): Type {
  if (bytesOfText(text).length >= TYPE_BYTES) return { is: "unknown" };
  const plain = PLAIN.find((name) => name === text);
  if (plain) return { is: plain };
  const fields = abi.types.get(text);
  if (fields) return { is: "fields", fields };
  const outer = /^(vec|option)<(.+)>$/s.exec(text);
  // Of an option of an option JSON could not tell which of the two is not there.
  if (text.startsWith("option<option<")) return { is: "unknown" };
  return outer ? { is: outer[1] as "vec" | "option", inner: outer[2]! } : { is: "unknown" };
}

const keyIn = (pointer: string, key: string): string => `${pointer}/${key.replace(/~/g, "~0").replace(/\//g, "~1")}`;

// One level down; how many values there have been is the walk's.
class Walk {
  private values = 0;
  constructor(readonly abi: Abi) {}

  enter(depth: number): boolean {
    return depth <= ABI_MAX_DEPTH && ++this.values <= ABI_MAX_VALUES;
  }
}

// --- to bytes ---

function numberOf(value: Json, type: string, pointer: string): bigint {
  const most = NUMBERS[type]!;
  const isWhole = typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^\d{1,20}$/.test(value);
  const number = isWhole ? BigInt(value as string) : -1n;
  if (number < 0n || number > most) throw new AbiFault(pointer, "number", String(most));
  return number;
}

const I64_LEAST = -(1n << 63n);
const I64_MOST = (1n << 63n) - 1n;

function signedOf(value: Json, pointer: string): bigint {
  const isWhole = typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^-?\d{1,20}$/.test(value);
  const number = isWhole ? BigInt(value as string) : I64_MOST + 1n;
  if (number < I64_LEAST || number > I64_MOST) throw new AbiFault(pointer, "signed");
  return BigInt.asUintN(64, number);
}

function encodeHash(value: Json, pointer: string): Bytes {
  try {
    if (typeof value !== "string") throw new DecodeError("malformed");
    return id(/^[0-9a-f]{64}$/i.test(value) ? bytesOfHex(value.toLowerCase()) : idOfAddress(value));
  } catch {
    throw new AbiFault(pointer, "hash");
  }
}

function encodeText(value: Json, pointer: string): Bytes {
  if (typeof value !== "string" || /\p{Surrogate}/u.test(value)) throw new AbiFault(pointer, "text");
  return prefixed(bytesOfText(value));
}

function encodePlain(type: Plain, value: Json, pointer: string): Bytes {
  switch (type) {
    case "bool":
      if (typeof value !== "boolean") throw new AbiFault(pointer, "bool");
      return u8(Number(value));
    case "u8":
      return u8(Number(numberOf(value, type, pointer)));
    case "u16":
      return u16(Number(numberOf(value, type, pointer)));
    case "u32":
      return u32(Number(numberOf(value, type, pointer)));
    case "u64":
      return u64(numberOf(value, type, pointer));
    case "i64":
      return u64(signedOf(value, pointer));
    case "hash":
    case "account":
      return encodeHash(value, pointer);
    case "bytes":
      if (typeof value !== "string" || !/^([0-9a-f]{2})*$/i.test(value)) throw new AbiFault(pointer, "bytes");
      return prefixed(bytesOfHex(value.toLowerCase()));
    case "string":
      return encodeText(value, pointer);
  }
}

interface Place {
  pointer: string;
  depth: number;
}

function encodeValue(walk: Walk, text: string, value: Json, { pointer, depth }: Place): Bytes {
  if (!walk.enter(depth)) throw new AbiFault(pointer, "deep");
  const type = typeOf(walk.abi, text);
  const inside = (inner: string): Place => ({ pointer: inner, depth: depth + 1 });
  switch (type.is) {
    case "vec": {
      if (!Array.isArray(value)) throw new AbiFault(pointer, "list");
      const items = value.map((item, i) => encodeValue(walk, type.inner, item, inside(`${pointer}/${i}`)));
      return concat(u32(items.length), ...items);
    }
    case "option":
      return value === null ? u8(0) : concat(u8(1), encodeValue(walk, type.inner, value, inside(pointer)));
    case "fields":
      return encodeInto(walk, type.fields, value, inside(pointer));
    case "unknown":
      throw new AbiFault(pointer, "type");
    default:
      return encodePlain(type.is, value, pointer);
  }
}

function encodeInto(walk: Walk, fields: Field[], value: Json, { pointer, depth }: Place): Bytes {
  if (typeof value !== "object" || value === null) throw new AbiFault(pointer, "fields");
  const list = Array.isArray(value) ? value : null;
  if (list && list.length !== fields.length) throw new AbiFault(pointer, "count", String(fields.length));
  const stranger = list ? undefined : Object.keys(value).find((key) => fields.every(({ name }) => name !== key));
  if (stranger !== undefined) throw new AbiFault(pointer, "unknown", stranger);
  const parts = fields.map((field, i) => {
    const { name, type } = field;
    if (field === BROKEN) throw new AbiFault(pointer, "type");
    if (!list && !Object.hasOwn(value, name)) throw new AbiFault(pointer, "missing", name);
    const member = list ? list[i]! : (value as Record<string, Json>)[name]!;
    return encodeValue(walk, type, member, { pointer: list ? `${pointer}/${i}` : keyIn(pointer, name), depth });
  });
  return concat(...parts);
}

// Of a method's arguments, an event or a type: an object or a list of them. Throws an AbiFault.
export const encodeFields = (abi: Abi, fields: Field[], value: Json): Bytes =>
  encodeInto(new Walk(abi), fields, value, { pointer: "", depth: 1 });

// --- and back ---

function decodePlain(type: Plain, reader: Reader): Json {
  switch (type) {
    case "bool":
      return reader.bool();
    case "u8":
      return reader.u8();
    case "u16":
      return reader.u16();
    case "u32":
      return reader.u32();
    case "u64":
      return String(reader.u64());
    case "i64":
      return String(BigInt.asIntN(64, reader.u64()));
    case "hash":
      return hexOf(reader.hash());
    case "account":
      return addressOf(reader.hash());
    case "bytes":
      return hexOf(reader.bytes(reader.left));
    case "string":
      return textOf(reader.bytes(reader.left));
  }
}

function decodeValue(walk: Walk, reader: Reader, text: string, depth: number): Json {
  if (!walk.enter(depth)) throw new DecodeError("too_large");
  const type = typeOf(walk.abi, text);
  switch (type.is) {
    case "vec": {
      const items: Json[] = [];
      for (let left = reader.count(ABI_MAX_VALUES); left > 0; left--)
        items.push(decodeValue(walk, reader, type.inner, depth + 1));
      return items;
    }
    case "option":
      return reader.bool() ? decodeValue(walk, reader, type.inner, depth + 1) : null;
    case "fields":
      return decodeInto(walk, reader, type.fields, depth + 1);
    case "unknown":
      throw new DecodeError("unsupported");
    default:
      return decodePlain(type.is, reader);
  }
}

// Object.fromEntries, since a stranger's member may have any name.
const decodeInto = (walk: Walk, reader: Reader, fields: Field[], depth: number): Json =>
  Object.fromEntries(fields.map(({ name, type }) => [name, decodeValue(walk, reader, type, depth)]));

function whole(bytes: Bytes, decode: (reader: Reader) => Json): Json {
  const reader = new Reader(bytes);
  const value = decode(reader);
  reader.finish();
  return value;
}

// All of the bytes; throws a DecodeError when they are none of these.
export const decodeFields = (abi: Abi, fields: Field[], bytes: Bytes): Json =>
  whole(bytes, (reader) => decodeInto(new Walk(abi), reader, fields, 1));
export const decodeType = (abi: Abi, type: string, bytes: Bytes): Json =>
  whole(bytes, (reader) => decodeValue(new Walk(abi), reader, type, 1));
