// SPDX-License-Identifier: Apache-2.0
// A wallet whose address the stand-in knows beforehand, so that its pages show what is one's own: of
// the words that BIP-39 gives for sixteen zero bytes, which the whole world has.
import { getPublicKey } from "@noble/ed25519";
import type { Page } from "playwright-core";
import { accountOfKey, addressOf } from "../lib/address";
import "../test/support"; // gives ed25519 its hash
import { ENTROPY_BYTES, secretsOf, wordsOf } from "../wallet/vault";

const entropy = new Uint8Array(ENTROPY_BYTES);
export const KNOWN = addressOf(accountOfKey(getPublicKey((await secretsOf(entropy)).signing)));

export async function makeKnownWallet(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/wallet/restore`);
  await page.locator("#words").fill(wordsOf(entropy));
  await page.locator("form .main-action").first().click();
  await page.locator(".activity").waitFor();
}
