// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { test } from "node:test";
import { hexOf } from "../lib/bytes";
import { isOwnText, loginBytes } from "../lib/login";
import { signedBytes } from "../lib/tx";
import { filled } from "./support";

const about = { host: "mill.example:8701", address: "lmm1abc", chainId: "c1".repeat(32) };
const text = ({ host, address, chainId } = about): string =>
  `${host} wants you to sign in with your account:\n${address}\n\nIt costs nothing.\n\nChain: ${chainId}\nNonce: 00\n`;

test("only a text about this place, this account and this chain is one's own", () => {
  assert.ok(isOwnText(text(), about));
  for (const other of [{ host: "evil.example" }, { host: "mill.example" }, { address: "lmm1abd" }, { chainId: "c2".repeat(32) }])
    assert.ok(!isOwnText(text({ ...about, ...other }), about), JSON.stringify(other));
  assert.ok(!isOwnText(` ${text()}`, about));
  assert.ok(!isOwnText("", about));
});

test("what is signed to log in is signed for no transaction, whatever its id", () => {
  const chain = filled(0xc1);
  const signed = hexOf(loginBytes(text(), chain));
  assert.equal(signed.length, 2 * 80);
  const transaction = hexOf(signedBytes(loginBytes(text(), chain).slice(48), chain));
  assert.equal(transaction.slice(32), signed.slice(32)); // the same chain and hash
  assert.notEqual(transaction.slice(0, 32), signed.slice(0, 32));
  assert.notEqual(hexOf(loginBytes(`${text()} `, chain)), signed);
});
