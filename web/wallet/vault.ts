// SPDX-License-Identifier: Apache-2.0
// What a wallet needs when it is made, backed up or restored, and then no more: so it is a script of
// its own. Words are BIP-39; keys come from them by SLIP-0010 at the paths of the command line's wallet
// (docs/adr/017); a file is the keystore of `lmm` (chaincore/crypto/keystore_format.h), which opens
// there as here. The curves are for browsers whose WebCrypto lacks them.
import { xsalsa20poly1305 } from "@noble/ciphers/salsa";
import { ed25519, x25519 } from "@noble/curves/ed25519";
import { argon2idAsync } from "@noble/hashes/argon2";
import { hmac } from "@noble/hashes/hmac";
import { pbkdf2Async } from "@noble/hashes/pbkdf2";
import { sha512 } from "@noble/hashes/sha2";
import { entropyToMnemonic, mnemonicToEntropy } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english";
import { type Bytes, DecodeError, Reader, bytesOfText, concat, equal, textOf } from "../lib/bytes";
import { option, prefixed, u32, u8, vector } from "../lib/writer";
import type { Stretched } from "./vault-worker";

// A script of its own has a class of its own.
export { DecodeError };

export const ENTROPY_BYTES = 16;

// The account's key; and the one that others encrypt to.
const SIGNING_PATH = [44, 5718, 0, 0, 0];
const READING_PATH = [44, 5718, 2, 0];

export const wordsOf = (entropy: Bytes): string => entropyToMnemonic(entropy, wordlist);

// Throws a DecodeError for words that are none, or mistyped.
export function entropyOf(words: string): Bytes {
  try {
    return mnemonicToEntropy(words.trim().toLowerCase().split(/\s+/).join(" "), wordlist);
  } catch {
    throw new DecodeError("malformed");
  }
}

export const isWord = (word: string): boolean => wordlist.includes(word.toLowerCase());

export function derive(seed: Bytes, path: number[]): Bytes {
  let node = hmac(sha512, bytesOfText("ed25519 seed"), seed);
  for (const index of path) {
    const place = Uint8Array.of(0x80 | (index >>> 24), index >>> 16, index >>> 8, index);
    node = hmac(sha512, node.subarray(32), concat(u8(0), node.subarray(0, 32), place));
  }
  return node.slice(0, 32);
}

export interface Secrets {
  signing: Bytes; // Ed25519 seed
  reading: Bytes; // X25519 secret
}
export async function secretsOf(entropy: Bytes): Promise<Secrets> {
  const options = { c: 2048, dkLen: 64 };
  const seed = await pbkdf2Async(sha512, bytesOfText(wordsOf(entropy)), bytesOfText("mnemonic"), options);
  return { signing: derive(seed, SIGNING_PATH), reading: derive(seed, READING_PATH) };
}

// Where WebCrypto lacks the curves.
export const plainCurves = {
  signingKey: (seed: Bytes): Bytes => ed25519.getPublicKey(seed),
  readingKey: (secret: Bytes): Bytes => x25519.getPublicKey(secret),
  sign: (message: Bytes, seed: Bytes): Bytes => ed25519.sign(message, seed),
  agree: (secret: Bytes, other: Bytes): Bytes => x25519.getSharedSecret(secret, other),
};

// --- the file ---

const MAGIC = bytesOfText("lmm-keys");
const VERSION = 1;
const NONCE_BYTES = 24;
const SALT_BYTES = 16;
const FILE_MAX = 64 * 1024;
export interface Cost {
  passes: number;
  memoryKib: number;
}
// The keystore's light cost: about two seconds in a browser.
export const COST: Cost = { passes: 2, memoryKib: 64 * 1024 };
const isBounded = ({ passes, memoryKib }: Cost): boolean =>
  passes >= 1 && passes <= 16 && memoryKib >= 8 * 1024 && memoryKib <= 1024 * 1024;

type Told = (part: number) => void;
const stretchHere = ({ passphrase, salt, passes, memoryKib }: Stretched, onProgress: Told): Promise<Bytes> =>
  argon2idAsync(passphrase, salt, { t: passes, m: memoryKib, p: 1, dkLen: 32, onProgress });

// On a thread of its own, so that the page stays alive; here where there is none to be had.
function stretch(text: string, salt: Bytes, cost: Cost, onProgress: Told = () => undefined): Promise<Bytes> {
  const wish: Stretched = { passphrase: bytesOfText(text), salt, passes: cost.passes, memoryKib: cost.memoryKib };
  if (typeof Worker === "undefined") return stretchHere(wish, onProgress);
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./vault-worker.js", import.meta.url));
    worker.onmessage = ({ data }: MessageEvent<number | Bytes>) => {
      if (typeof data === "number") return onProgress(data);
      worker.terminate();
      resolve(data);
    };
    worker.onerror = () => {
      worker.terminate();
      stretchHere(wish, onProgress).then(resolve, reject);
    };
    worker.postMessage(wish);
  });
}

export const encodeContent = (words: string): Bytes =>
  concat(option(prefixed(bytesOfText(words))), vector([]));

export async function sealFile(
  entropy: Bytes,
  passphrase: string,
  cost: Cost = COST,
  onProgress?: (part: number) => void,
): Promise<Bytes> {
  if (passphrase === "" || !isBounded(cost)) throw new RangeError("passphrase or cost");
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const key = await stretch(passphrase, salt, cost, onProgress);
  const box = xsalsa20poly1305(key, nonce).encrypt(encodeContent(wordsOf(entropy)));
  return concat(concat(MAGIC, u8(VERSION), u32(cost.passes), u32(cost.memoryKib), salt, nonce), prefixed(box));
}

// The words in it; "" when it holds none.
function decodeContent(content: Bytes): string {
  const reader = new Reader(content);
  const words = reader.bool() ? textOf(reader.bytes(FILE_MAX)) : "";
  for (let left = reader.count(64); left > 0; left--) {
    reader.bytes(32);
    reader.fixed(32);
  }
  reader.finish();
  return words;
}

export class WrongPassphrase extends Error {}

// Throws WrongPassphrase (or a changed file: the two look the same), or a DecodeError for what is no
// keystore or holds no words.
export async function openFile(file: Bytes, passphrase: string, onProgress?: (part: number) => void): Promise<Bytes> {
  const reader = new Reader(file);
  if (!equal(reader.fixed(MAGIC.length), MAGIC)) throw new DecodeError("malformed");
  if (reader.u8() !== VERSION) throw new DecodeError("unsupported");
  const cost = { passes: reader.u32(), memoryKib: reader.u32() };
  const salt = reader.fixed(SALT_BYTES);
  const nonce = reader.fixed(NONCE_BYTES);
  const box = reader.bytes(FILE_MAX);
  reader.finish();
  if (!isBounded(cost)) throw new DecodeError("unsupported");
  const key = await stretch(passphrase, salt, cost, onProgress);
  let content: Bytes;
  try {
    content = xsalsa20poly1305(key, nonce).decrypt(box);
  } catch {
    throw new WrongPassphrase();
  }
  return entropyOf(decodeContent(content));
}
