// SPDX-License-Identifier: Apache-2.0
// The live stream over broken lines, on an EventSource that a case drives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LiveSource, type LiveMessage } from "../lib/live";

class Driven extends EventTarget {
  static readonly CLOSED = 2;
  static all: Driven[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(readonly url: string) {
    super();
    Driven.all.push(this);
  }

  close(): void {
    this.readyState = Driven.CLOSED;
  }

  say(type: string, lastEventId: string): void {
    this.dispatchEvent(Object.assign(new Event(type), { data: "{}", lastEventId }));
  }

  refuse(): void {
    this.close();
    this.onerror?.();
  }
}

function latest(): Driven {
  const source = Driven.all.at(-1);
  assert.ok(source);
  return source;
}

test("a source made anew goes on behind the last event that was heard", () => {
  const told: LiveMessage[] = [];
  const { setTimeout, setInterval } = globalThis;
  const later: (() => void)[] = [];
  Object.assign(globalThis, {
    EventSource: Driven,
    setTimeout: (run: () => void) => later.push(run),
    setInterval: () => 0,
  });
  new LiveSource((message) => told.push(message), ["event"]).start();
  assert.equal(latest().url, "/v1/live");
  latest().refuse(); // before anything was heard
  later.pop()?.();
  assert.equal(latest().url, "/v1/live");
  latest().say("block", "1207959553");
  latest().say("event", "1207959554");
  latest().say("reset", ""); // without an id of its own: the last one stays
  latest().refuse();
  later.pop()?.();
  assert.equal(latest().url, "/v1/live?last_event_id=1207959554");
  assert.deepEqual(
    told.filter((message) => message.kind === "news").map((message) => message.type),
    ["block", "event", "reset"],
  );
  Object.assign(globalThis, { setTimeout, setInterval });
});
