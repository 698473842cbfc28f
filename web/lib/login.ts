// SPDX-License-Identifier: Apache-2.0
// The text by which an account logs in to a server (apps/common/server/login.h).
import { type Bytes, bytesOfText, concat } from "./bytes";
import { hash, padded16 } from "./hash";

// What is signed: apart from all that any transaction is signed under.
export const loginBytes = (text: string, chainId: Bytes): Bytes =>
  concat(padded16("lmm:log-in"), chainId, hash("login", bytesOfText(text)));

// Only a text about this place, this account and this chain is signed.
export function isOwnText(text: string, about: { host: string; address: string; chainId: string }): boolean {
  const { host, address, chainId } = about;
  return text.startsWith(`${host} wants you to sign in with your account:\n${address}\n\n`) && text.includes(`\nChain: ${chainId}\n`);
}
