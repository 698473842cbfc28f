// SPDX-License-Identifier: Apache-2.0
// How people read and write an account's id: Bech32m (BIP-350) with the prefix "lmm", as
// chaincore/crypto/address.h has it; 62 characters.
import { type Bytes, DecodeError } from "./bytes";
import { hash } from "./hash";

const CHARS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const PREFIX = "lmm";
const CONSTANT = 0x2bc830a3;
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
export const ADDRESS_CHARS = 62;

function checksum(values: number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    GENERATORS.forEach((generator, i) => (sum ^= (top >>> i) & 1 ? generator : 0));
  }
  return sum >>> 0;
}

const codes = Array.from(PREFIX, (char) => char.charCodeAt(0));
const prefix = [...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31)];

export function addressOf(id: Bytes): string {
  const digits: number[] = [];
  let [value, bits] = [0, 0];
  for (const byte of id) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) digits.push((value >> (bits - 5)) & 31);
  }
  if (bits > 0) digits.push((value << (5 - bits)) & 31);
  const sum = checksum([...prefix, ...digits, 0, 0, 0, 0, 0, 0]) ^ CONSTANT;
  for (let i = 0; i < 6; i++) digits.push((sum >>> (5 * (5 - i))) & 31);
  return `${PREFIX}1${digits.map((digit) => CHARS.charAt(digit)).join("")}`;
}

// Lower or upper case. Throws a DecodeError.
export function idOfAddress(text: string): Bytes {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) throw new DecodeError("malformed");
  if (lower.length !== ADDRESS_CHARS || !lower.startsWith(`${PREFIX}1`)) throw new DecodeError("malformed");
  const digits = Array.from(lower.slice(PREFIX.length + 1), (char) => CHARS.indexOf(char));
  if (digits.includes(-1) || checksum([...prefix, ...digits]) !== CONSTANT) throw new DecodeError("malformed");
  const out = new Uint8Array(32);
  let [value, bits, at] = [0, 0, 0];
  for (const digit of digits.slice(0, -6)) {
    value = ((value << 5) | digit) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (value >> bits) & 255;
  }
  if ((value & ((1 << bits) - 1)) !== 0) throw new DecodeError("malformed");
  return out;
}

export const accountOfKey = (publicKey: Bytes): Bytes => hash("account", publicKey);

// What tells it from others at a glance.
export const shortAddress = (address: string): string => `${address.slice(0, 8)}…${address.slice(-6)}`;
