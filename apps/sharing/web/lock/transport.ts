// SPDX-License-Identifier: Apache-2.0
// The ways to a lock: frames of docs/lock.md over a WebSocket, which is how a simulated lock on this
// machine is reached, or over Bluetooth Low Energy where the browser has that.
import type { Bytes } from "../../../../web/lib/bytes";

export interface Transport {
  open(): Promise<void>;
  send(frame: Bytes): Promise<void>;
  receive(): Promise<Bytes>;
  close(): void;
}

// The lock was not reached, or went silent.
export class LockUnreachable extends Error {}

const OPEN_MS = 5000;
const ANSWER_MS = 10_000;

// Frames that came before they were asked for, and those that wait for one.
class Inbox {
  private readonly frames: Bytes[] = [];
  private waiting: ((frame: Bytes | null) => void) | null = null;
  private isShut = false;

  put(frame: Bytes): void {
    if (this.waiting) this.waiting(frame);
    else this.frames.push(frame);
  }
  shut(): void {
    this.isShut = true;
    this.waiting?.(null);
  }
  async take(): Promise<Bytes> {
    const first = this.frames.shift();
    if (first) return first;
    if (this.isShut) throw new LockUnreachable();
    const frame = await new Promise<Bytes | null>((resolve) => {
      this.waiting = resolve;
      setTimeout(() => resolve(null), ANSWER_MS);
    });
    this.waiting = null;
    if (!frame) throw new LockUnreachable();
    return frame;
  }
}

// Only on this machine: the pages' policy allows no other.
export const DEVNET_LOCK = "http://127.0.0.1:8750/"; // where `./run` puts the camera's, if it can
// Its Thing Description, or the radio itself.
export const ADDRESS = /^(?:wss?|https?):\/\/(?:127\.0\.0\.1|localhost)(?::\d{1,5})?(?:\/\S*)?$/;

interface Thing {
  actions?: { start?: { forms?: { href?: string }[] } };
}

// The WebSocket that the forms of a Thing Description lead to.
export function radioOf(thing: Thing): string | null {
  const hrefs = (thing.actions?.start?.forms ?? []).map(({ href }) => href ?? "");
  return hrefs.find((href) => /^wss?:/.test(href) && ADDRESS.test(href)) ?? null;
}

async function findRadio(address: string): Promise<string> {
  if (!/^https?:/.test(address)) return address;
  const signal = AbortSignal.timeout(OPEN_MS);
  const thing = await fetch(address, { signal })
    .then((answer) => (answer.ok ? (answer.json() as Promise<Thing>) : {}))
    .catch(() => ({}));
  const radio = radioOf(thing);
  if (!radio) throw new LockUnreachable();
  return radio;
}

export class SocketTransport implements Transport {
  private socket: WebSocket | null = null;
  private readonly inbox = new Inbox();

  constructor(private readonly address: string) {}

  async open(): Promise<void> {
    const socket = new WebSocket(await findRadio(this.address));
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => data instanceof ArrayBuffer && this.inbox.put(new Uint8Array(data));
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.onopen = () => resolve(true);
      socket.onclose = () => (this.inbox.shut(), resolve(false));
      setTimeout(() => resolve(false), OPEN_MS);
    });
    if (isOpen) return;
    this.close();
    throw new LockUnreachable();
  }
  async send(frame: Bytes): Promise<void> {
    if (this.socket?.readyState !== WebSocket.OPEN) throw new LockUnreachable();
    this.socket.send(frame as BufferSource);
  }
  receive(): Promise<Bytes> {
    return this.inbox.take();
  }
  close(): void {
    this.socket?.close();
  }
}

// The part of Web Bluetooth that is used; TypeScript's own library does not describe it.
interface Characteristic extends EventTarget {
  value?: DataView;
  startNotifications(): Promise<unknown>;
  writeValueWithResponse(value: BufferSource): Promise<void>;
}
interface Device {
  gatt: {
    connect(): Promise<{
      getPrimaryService(uuid: string): Promise<{ getCharacteristic(uuid: string): Promise<Characteristic> }>;
    }>;
    disconnect(): void;
  };
}
interface Bluetooth {
  requestDevice(options: { filters: { services: string[] }[] }): Promise<Device>;
}
const bluetooth = (): Bluetooth | undefined =>
  (globalThis.navigator as { bluetooth?: Bluetooth } | undefined)?.bluetooth;
export const hasBluetooth = (): boolean => bluetooth() !== undefined;

// The lock's service: the phone writes frames to one characteristic, and is notified of them by the
// other.
export const SERVICE = "6c6d6d00-1f3a-4d0e-9b52-2d6c6f636b01";
export const TO_LOCK = "6c6d6d01-1f3a-4d0e-9b52-2d6c6f636b01";
export const FROM_LOCK = "6c6d6d02-1f3a-4d0e-9b52-2d6c6f636b01";

export class BluetoothTransport implements Transport {
  private device: Device | null = null;
  private out: Characteristic | null = null;
  private readonly inbox = new Inbox();

  async open(): Promise<void> {
    try {
      this.device = await bluetooth()!.requestDevice({ filters: [{ services: [SERVICE] }] });
      const service = await (await this.device.gatt.connect()).getPrimaryService(SERVICE);
      this.out = await service.getCharacteristic(TO_LOCK);
      const from = await service.getCharacteristic(FROM_LOCK);
      from.addEventListener("characteristicvaluechanged", () => {
        const { value } = from;
        if (value) this.inbox.put(new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice());
      });
      await from.startNotifications();
    } catch {
      this.close();
      throw new LockUnreachable();
    }
  }
  async send(frame: Bytes): Promise<void> {
    if (!this.out) throw new LockUnreachable();
    await this.out.writeValueWithResponse(frame as BufferSource).catch(() => {
      throw new LockUnreachable();
    });
  }
  receive(): Promise<Bytes> {
    return this.inbox.take();
  }
  close(): void {
    this.inbox.shut();
    this.device?.gatt.disconnect();
  }
}
