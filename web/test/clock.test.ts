// SPDX-License-Identifier: Apache-2.0
// The chain's time on devices whose clock is right or wrong, and on chains whose clock was moved on.
import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { chainNow, noteBlock, noteHead } from "../shell/clock";

const HOUR_MS = 3_600_000;
const NOON_MS = Date.parse("2026-03-01T12:00:00Z");
const realNow = Date.now;
let hereMs = NOON_MS;
const textOf = (ms: number): string => new Date(ms).toISOString();
const dateOf = (ms: number): string => new Date(ms).toUTCString();

beforeEach(() => {
  hereMs = NOON_MS;
  Date.now = () => hereMs;
  noteHead(textOf(hereMs), dateOf(hereMs));
});
afterEach(() => void (Date.now = realNow));

test("on a chain whose clock nobody moved, an old block is an old block", () => {
  noteHead(textOf(NOON_MS - HOUR_MS), dateOf(NOON_MS));
  noteBlock(textOf(NOON_MS - 60_000));
  assert.equal(chainNow(), NOON_MS);
});

test("a block from ahead moves the pages' time on at once, and it goes on from there", () => {
  noteBlock(textOf(NOON_MS + 13 * HOUR_MS));
  assert.equal(chainNow(), NOON_MS + 13 * HOUR_MS);
  hereMs += 5000;
  assert.equal(chainNow(), NOON_MS + 13 * HOUR_MS + 5000);
});

test("what a page finds there when it opens tells it how far on the chain is", () => {
  noteHead(textOf(NOON_MS + HOUR_MS), dateOf(NOON_MS));
  assert.equal(chainNow(), NOON_MS + HOUR_MS);
});

test("blocks heard of late, as after a broken line, do not turn the time back", () => {
  noteBlock(textOf(NOON_MS + HOUR_MS));
  noteBlock(textOf(NOON_MS + HOUR_MS - 60_000));
  noteHead(textOf(NOON_MS + HOUR_MS - 60_000), dateOf(NOON_MS));
  assert.equal(chainNow(), NOON_MS + HOUR_MS);
});

test("a device whose own clock is wrong goes by its server's", () => {
  for (const off of [-HOUR_MS, HOUR_MS]) {
    hereMs = NOON_MS + off;
    noteHead(textOf(NOON_MS - 2000), dateOf(NOON_MS));
    assert.equal(chainNow(), NOON_MS);
  }
});

test("a chain that began anew takes the time back with it", () => {
  noteBlock(textOf(NOON_MS + 48 * HOUR_MS));
  noteHead(textOf(NOON_MS - 1000), dateOf(NOON_MS));
  assert.equal(chainNow(), NOON_MS);
});

test("what is no time changes nothing", () => {
  noteBlock("");
  noteHead("x", null);
  assert.equal(chainNow(), NOON_MS);
});
