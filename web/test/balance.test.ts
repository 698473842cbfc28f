// SPDX-License-Identifier: Apache-2.0
// How a wallet asks for its balance, of a server whose answers come when the test says so.
import assert from "node:assert/strict";
import { type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { filled } from "./support"; // before what asks what Node has
import { addressOf } from "../lib/address";
import { type Wallet, wallet } from "../wallet/keys";
import { account, accountError, findAccount } from "../wallet/send";

const LIMIT = { timeout: 60_000 }; // where nobody asks
const [MINE, OTHER] = [filled(0x11), filled(0x12)];
const show = (id: Uint8Array): void => void (wallet.value = { account: id } as Wallet);

// What the server was asked, each with the answer that is still owed.
interface Question {
  path: string;
  answer: (units: string) => void;
  fail: () => void;
}
const questions: Question[] = [];
let [asked, heard] = [0, (): void => undefined];
function take(path: string, response: ServerResponse): void {
  const end = (status: number, body: object): void =>
    void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  questions.push({ path, answer: (units) => end(200, { units }), fail: () => end(503, { code: "unavailable" }) });
  heard();
}
async function question(number: number): Promise<Question> {
  while (questions.length < number) await new Promise<void>((resolve) => (heard = resolve));
  return questions[number - 1]!;
}

const server: Server = createServer((request, response) => take(request.url ?? "", response));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
after(() => (server.closeAllConnections(), server.close()));
// Pages ask the server that they came from.
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const { fetch } = globalThis;
globalThis.fetch = (path, init) => (asked++, fetch(url + String(path), init));

beforeEach(() => {
  questions.length = 0;
  asked = 0;
  [account.value, accountError.value] = [null, null];
  show(MINE);
});

test("who asks while an answer is under way waits for one question behind it, whatever their number", LIMIT, async () => {
  const first = findAccount();
  const one = await question(1);
  assert.equal(one.path, `/v1/accounts/${addressOf(MINE)}`);
  const later = Array.from({ length: 5 }, findAccount);
  await turn();
  assert.equal(asked, 1);
  one.answer("1");
  await first;
  assert.equal(account.value?.units, "1");
  (await question(2)).answer("2");
  await Promise.all(later);
  assert.equal(account.value?.units, "2"); // what was so after all of them had asked
  assert.equal(asked, 2);
});

test("a question that fails holds up none behind it", LIMIT, async () => {
  const first = findAccount();
  const one = await question(1);
  const second = findAccount();
  one.fail();
  await first;
  assert.ok(accountError.value);
  (await question(2)).answer("3");
  await second;
  assert.equal(account.value?.units, "3");
  assert.equal(accountError.value, null);
});

test("an answer about the wallet that was here before is no balance of the one that is here now", LIMIT, async () => {
  const first = findAccount();
  const one = await question(1);
  show(OTHER);
  const second = findAccount();
  one.answer("1000");
  await first;
  assert.equal(account.peek(), null);
  const two = await question(2);
  assert.equal(two.path, `/v1/accounts/${addressOf(OTHER)}`);
  two.answer("4");
  await second;
  assert.equal(account.value?.units, "4");
});
