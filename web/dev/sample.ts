// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of the guest book. Every third entry is the known wallet's.
import { addressOf, idOfAddress } from "../lib/address";
import { bytesOfText, concat } from "../lib/bytes";
import { hash } from "../lib/hash";
import { prefixed, u64 } from "../lib/writer";
import { fileOf, filled, makeProof } from "../test/support";
import { KNOWN } from "./known";
import type { State } from "./mock";

const TEXTS = [
  "We came for the view and stayed for the soup. Thank you!",
  "从上海来，风景很美，下次再来。",
  "Donaudampfschifffahrtsgesellschaftskapitänswitwe",
  "Left at dawn, in the rain. ".repeat(10).trim(),
];
const PER_PAGE = 20;
const ago = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

function entryOf(number: number): Record<string, unknown> {
  const index = number - 1;
  return {
    ...{ number, author: index % 3 === 0 ? KNOWN : addressOf(filled(0x40 + (index % 5))), text: TEXTS[index % TEXTS.length]! },
    ...{ signed: ago(40 + index * 55), changed: ago(index % 2 === 1 ? 20 + index * 55 : 40 + index * 55), final: index > 0, height: 900 },
    ...{ tx: "61".repeat(32), proof: `/v1/entries/${number}/proof` },
  };
}
function proofOf(number: number): string {
  const { author, text } = entryOf(number) as Record<string, string>;
  const data = concat(u64(BigInt(number)), idOfAddress(author!)!, prefixed(bytesOfText(text!)));
  return fileOf(makeProof({ contract: hash("contract", bytesOfText("sample")), payload: null, topic: "signed", data }));
}

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}
type Answer = { status: number; body: object | string; next?: string | null };

// Null: it is not of the guest book; "never": no answer comes.
export function answerSample({ path, query }: Asked, state: State): Answer | "never" | null {
  const [first, second, part] = path;
  if (first !== "entries") return null;
  if (state === "loading") return "never";
  if (state === "failed") return { status: 503, body: { code: "unavailable", detail: "A part of the server is out of reach. Try again later." } };
  const number = Number(second);
  if (second === undefined) {
    const total = { empty: 0, one: 1, thousand: 1000 }[state as string] ?? 4;
    const from = Number(query.get("nextPageToken") ?? 0);
    const to = Math.min(total, from + PER_PAGE);
    const items = Array.from({ length: to - from }, (_, i) => entryOf(from + i + 1));
    return { status: 200, body: { items }, next: to < total ? String(to) : null };
  }
  if (state === "empty") return { status: 404, body: { code: "not_found", detail: "There is nothing here under that name." } };
  if (part !== "proof") return { status: 200, body: entryOf(number) };
  const file = proofOf(number);
  return { status: 200, body: state === "refused" ? file.replace(/.(?=.{8}"\}\n$)/, (digit) => (digit === "0" ? "1" : "0")) : file };
}
