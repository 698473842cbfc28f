// SPDX-License-Identifier: Apache-2.0
// A request made of an operation and of what was filled in: for the page itself, and for a terminal.
import { quoted } from "../explorer/text";
import { type Document, type Operation, sampleOf } from "./document";

export type Values = Record<string, string>; // by the parameter's name

// What stands in a path for a value that is not there yet; braces mean something to curl.
const placeOf = (name: string): string => name.toUpperCase();

export function pathOf({ path, parameters }: Operation, values: Values): string {
  const whole = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] || placeOf(name)));
  const query = new URLSearchParams();
  for (const { name, in: place } of parameters) if (place === "query" && values[name]) query.set(name, values[name]);
  return query.size > 0 ? `${whole}?${query.toString()}` : whole;
}

// Of those of the path and the query.
export function missingOf({ parameters }: Operation, values: Values): string[] {
  return parameters.filter(({ name, required }) => required && !values[name]).map(({ name }) => name);
}

// Of the answer that is asked for.
export const typeOf = ({ answers }: Operation): string =>
  answers.find(({ status, types }) => status.startsWith("2") && types.length > 0)?.types[0] ?? "*/*";

export function commandOf(origin: string, document: Document, operation: Operation, values: Values): string {
  const { method, body, isOpen } = operation;
  const words = ["curl -s"];
  if (method !== "GET" && (method !== "POST" || !body)) words.push(`-X ${method}`);
  if (!isOpen) words.push('-H "Authorization: Bearer $KEY"');
  if (body) {
    const type = body.types[0] ?? "application/octet-stream";
    words.push(`-H ${quoted(`Content-Type: ${type}`)}`);
    const isKnown = type.includes("json") && body.schema !== null;
    words.push(isKnown ? `-d ${quoted(JSON.stringify(sampleOf(document, body.schema!)))}` : "--data-binary @FILE");
  }
  return [...words, quoted(origin + pathOf(operation, values))].join(" ");
}

const MOST_SHOWN = 20_000; // characters of an answer

export interface Told {
  status: number;
  type: string;
  text: string | null; // null: bytes that are no text
  bytes: number;
  isCut: boolean;
}

function readable(text: string, type: string): string {
  if (!type.includes("json")) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function toldOf(status: number, type: string, content: ArrayBuffer): Told {
  const told = { status, type, bytes: content.byteLength };
  try {
    const text = readable(new TextDecoder("utf-8", { fatal: true }).decode(content), type);
    const isBinary = text.includes("\0");
    return { ...told, text: isBinary ? null : text.slice(0, MOST_SHOWN), isCut: text.length > MOST_SHOWN };
  } catch {
    return { ...told, text: null, isCut: false };
  }
}
