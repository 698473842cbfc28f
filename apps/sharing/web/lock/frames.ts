// SPDX-License-Identifier: Apache-2.0
// Messages to and from a lock in frames that a BLE write or notification carries (docs/lock.md): the
// number u16, in a message's first its length u16, then bytes of it. A frame 0 begins a message
// whatever came before.
import { type Bytes, Reader, concat } from "../../../../web/lib/bytes";
import { u16 } from "../../../../web/lib/writer";

export const FRAME_BYTES = 244;
export const MESSAGE_BYTES = 8192;

export class FrameFault extends Error {}

export function framesOf(message: Bytes): Bytes[] {
  if (message.length < 1 || message.length > MESSAGE_BYTES) throw new RangeError(`${message.length} bytes`);
  const frames: Bytes[] = [];
  for (let at = 0; at < message.length; ) {
    const head = frames.length === 0 ? concat(u16(0), u16(message.length)) : u16(frames.length);
    const part = message.subarray(at, at + FRAME_BYTES - head.length);
    frames.push(concat(head, part));
    at += part.length;
  }
  return frames;
}

export class FramesIn {
  private next = 0;
  private parts: Bytes[] = [];
  private left = 0; // bytes that are still to come

  // The message with its last frame, else null. Throws FrameFault, and then what had come is forgotten.
  take(frame: Bytes): Bytes | null {
    try {
      return this.join(frame);
    } catch (error) {
      [this.next, this.parts] = [0, []];
      throw error instanceof FrameFault ? error : new FrameFault("cut off");
    }
  }

  private join(frame: Bytes): Bytes | null {
    if (frame.length > FRAME_BYTES) throw new FrameFault("a frame is too long");
    const reader = new Reader(frame);
    const number = reader.u16();
    if (number === 0) [this.next, this.parts, this.left] = [0, [], reader.u16()];
    const part = reader.fixed(reader.left).slice();
    if (number !== this.next) throw new FrameFault("a frame is missing");
    if (part.length < 1 || part.length > this.left || this.left > MESSAGE_BYTES) throw new FrameFault("a wrong length");
    this.parts.push(part);
    this.left -= part.length;
    this.next++;
    if (this.left > 0) return null;
    const message = concat(...this.parts);
    [this.next, this.parts] = [0, []];
    return message;
  }
}
