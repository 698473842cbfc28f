// SPDX-License-Identifier: Apache-2.0
// Bytes, hex and the Borsh decoder. Borsh as the chain uses it: little-endian integers, vectors
// prefixed by a u32 length, one value one encoding. A Reader hands out views of its input, so what
// it returns lives as long as the input does. Everything it reads is bounded by its caller.

export type Bytes = Uint8Array;

export class DecodeError extends Error {
  constructor(readonly code: "truncated" | "trailing" | "malformed" | "too_large" | "unsupported") {
    super(code);
  }
}

const DIGITS = "0123456789abcdef";

export function hexOf(bytes: Bytes): string {
  let out = "";
  for (const byte of bytes) out += DIGITS.charAt(byte >> 4) + DIGITS.charAt(byte & 15);
  return out;
}

// Lower case only: a text has one spelling.
function digit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  throw new DecodeError("malformed");
}

export function bytesOfHex(text: string): Bytes {
  if (text.length % 2 !== 0) throw new DecodeError("malformed");
  const out = new Uint8Array(text.length / 2);
  for (let i = 0; i < out.length; i++)
    out[i] = (digit(text.charCodeAt(2 * i)) << 4) | digit(text.charCodeAt(2 * i + 1));
  return out;
}

export const bytesOfText = (text: string): Bytes => new TextEncoder().encode(text);

export function textOf(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new DecodeError("malformed");
  }
}

export function equal(a: Bytes, b: Bytes): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

export function concat(...parts: Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export function u64Bytes(value: bigint): Bytes {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setBigUint64(0, value, true);
  return out;
}

export class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly input: Bytes) {
    this.view = new DataView(input.buffer, input.byteOffset, input.byteLength);
  }

  get position(): number {
    return this.at;
  }
  get left(): number {
    return this.input.length - this.at;
  }

  private advance(length: number): number {
    const from = this.at;
    if (length > this.input.length - from) throw new DecodeError("truncated");
    this.at = from + length;
    return from;
  }

  u8(): number {
    return this.view.getUint8(this.advance(1));
  }
  u16(): number {
    return this.view.getUint16(this.advance(2), true);
  }
  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }
  u64(): bigint {
    return this.view.getBigUint64(this.advance(8), true);
  }
  bool(): boolean {
    const value = this.u8();
    if (value > 1) throw new DecodeError("malformed");
    return value === 1;
  }
  fixed(length: number): Bytes {
    const from = this.advance(length);
    return this.input.subarray(from, from + length);
  }
  hash(): Bytes {
    return this.fixed(32);
  }
  count(max: number): number {
    const value = this.u32();
    if (value > max) throw new DecodeError("too_large");
    return value;
  }
  bytes(max: number): Bytes {
    return this.fixed(this.count(max));
  }
  // What was read since `from`, as it was encoded.
  since(from: number): Bytes {
    return this.input.subarray(from, this.at);
  }
  finish(): void {
    if (this.at !== this.input.length) throw new DecodeError("trailing");
  }
}
