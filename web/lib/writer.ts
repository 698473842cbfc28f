// SPDX-License-Identifier: Apache-2.0
// The Borsh encoder, the other side of Reader in bytes.ts.
import { type Bytes, concat, u64Bytes } from "./bytes";

export const U64_MAX = (1n << 64n) - 1n;

function number(value: number, bytes: number): Bytes {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * bytes)) throw new RangeError(String(value));
  return Uint8Array.from({ length: bytes }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 255);
}
export const u8 = (value: number): Bytes => number(value, 1);
export const u16 = (value: number): Bytes => number(value, 2);
export const u32 = (value: number): Bytes => number(value, 4);
export function u64(value: bigint): Bytes {
  if (value < 0n || value > U64_MAX) throw new RangeError(String(value));
  return u64Bytes(value);
}
export function fixed(bytes: Bytes, length: number): Bytes {
  if (bytes.length !== length) throw new RangeError(`${bytes.length} bytes`);
  return bytes;
}
export const id = (bytes: Bytes): Bytes => fixed(bytes, 32);
export const prefixed = (bytes: Bytes): Bytes => concat(u32(bytes.length), bytes);
export const vector = (items: Bytes[]): Bytes => concat(u32(items.length), ...items);
export const option = (item: Bytes | null): Bytes => (item ? concat(u8(1), item) : u8(0));
