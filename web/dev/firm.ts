// SPDX-License-Identifier: Apache-2.0
// What the stand-in tells of its firm: members, API keys, the log, and whoever signs in.
import { addressOf } from "../lib/address";
import { filled } from "../test/support";
import { CHAIN } from "./fixtures";
import type { State } from "./mock";

const ROLES = ["owner", "admin", "operator", "auditor"];
const NAMES = ["Ann Miller", "王小明", "Night shift, silo 4", "Audit & Partners, Rotterdam office", "till"];
const ACTIONS = ["member.added", "session.began", "key.made", "member.changed", "key.limited", "member.removed", "session.ended"];
const ago = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();
const countOf = (state: State): number => ({ empty: 0, one: 1, thousand: 1000 })[state as string] ?? 5;

const SIGNERS = ["server", "fishery", "carrier"];
const limitsOf = (index: number): object => {
  if (index % 3 === 0) return { limits: null, spent: null };
  const day = ["0", "5", "1250000.00000001"][index % 3]!;
  return { limits: { transaction: null, day, total: null }, spent: { today: index % 3 === 1 ? "5" : "0.00001234", total: "1200.5" } };
};
const memberOf = (index: number): object => ({
  address: addressOf(filled(index & 255)),
  name: index < NAMES.length ? NAMES[index]! : `${NAMES[index % NAMES.length]!} ${index}`,
  role: ROLES[index % ROLES.length]!,
  signer: SIGNERS[index % SIGNERS.length]!,
  added: ago(100 + index),
  ...limitsOf(index),
});
const keyOf = (index: number): object => ({
  id: index.toString(16).padStart(16, "0"),
  name: index === 1 ? "a".repeat(64) : `till ${index}`,
  scopes: index === 1 ? ["capture", "queries", "webhooks", "members", "audit", "admin"] : ["capture"],
  signer: SIGNERS[index % SIGNERS.length]!,
  created: ago(index),
  expires: null,
  last_used: null,
  revoked: index % 4 === 3 ? ago(1) : null,
  old_secret_until: null,
  ...limitsOf(index),
});
const lineOf = (index: number): object => {
  const action = ACTIONS[index % ACTIONS.length]!;
  const who = (n: number): string => `member:${addressOf(filled(n % 5))}`;
  return { time: ago(index * 3), actor: who(index), action, subject: action.startsWith("key.") ? "0".repeat(16) : who(index + 1), detail: "till 2" };
};
const list = (count: number, of: (index: number) => object): object => ({ items: Array.from({ length: count }, (_, i) => of(i)) });

interface Asked {
  method: string;
  path: string[]; // behind /v1
  host: string;
  body: string;
}
// Null: it is not of the firm; "never": no answer comes.
export function answerFirm({ method, path, host, body }: Asked, state: State): { status: number; body: object } | "never" | null {
  const [first = "", second = ""] = path;
  if (first === "login" && second === "challenge") {
    const { address } = JSON.parse(body) as { address: string };
    const text = `${host} wants you to sign in with your account:\n${address}\n\nThis costs nothing, moves no money and is no transaction.\n\nChain: ${CHAIN.chain_id}\nNonce: 00\n`;
    return { status: 200, body: { text } };
  }
  if (first === "login" && method === "POST") {
    if (state === "refused") return { status: 403, body: { code: "not_a_member", detail: "This account belongs to nobody of this firm." } };
    const [name, role, scopes] = [NAMES[0]!, "owner", ["*"]];
    return { status: 201, body: { token: "lms_", expires: ago(-12), address: addressOf(filled(0)), name, role, scopes } };
  }
  if (!["members", "keys", "signers", "audit"].includes(first)) return null;
  if (state === "loading") return "never";
  if (state === "failed") return { status: 503, body: { code: "unavailable", detail: "A part of the server is out of reach. Try again later." } };
  if (first === "keys" && method === "POST") return { status: 201, body: { ...keyOf(0), key: `lmm_${"0".repeat(16)}_${"a1".repeat(32)}` } };
  const count = countOf(state);
  if (first === "members") return { status: 200, body: list(count, memberOf) };
  if (first === "signers")
    return { status: 200, body: list(SIGNERS.length, (i) => ({ name: SIGNERS[i]!, address: addressOf(filled(40 + i)), waiting: 0, held_up: null })) };
  if (first === "keys") return { status: 200, body: list(Math.min(count, 40), keyOf) };
  return { status: 200, body: list(Math.min(count, 20), lineOf) };
}
