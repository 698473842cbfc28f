// SPDX-License-Identifier: Apache-2.0
// What the pages make of things, bookings, calls, frames and proofs, without a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { getPublicKey, sign } from "@noble/ed25519";
import { decodeFields, encodeFields, readAbi } from "../../../web/lib/abi";
import { addressOf } from "../../../web/lib/address";
import { type Bytes, Reader, bytesOfHex, bytesOfText, concat, hexOf } from "../../../web/lib/bytes";
import { hash, padded16 } from "../../../web/lib/hash";
import type { Action } from "../../../web/lib/tx";
import { verifyTagged } from "../../../web/lib/signature";
import { readHeader } from "../../../web/lib/shapes";
import { u16, u64, u8 } from "../../../web/lib/writer";
import { chainId, fileOf, filled, makeProof, sourceFile } from "../../../web/test/support";
import * as calls from "../web/calls";
import { FRAME_BYTES, FrameFault, FramesIn, framesOf } from "../web/lock/frames";
import * as say from "../web/lock/messages";
import { ADDRESS, DEVNET_LOCK, radioOf, type Transport } from "../web/lock/transport";
import { Line, VisitFault, visitLock } from "../web/lock/visit";
import { type Shown, checkShown } from "../web/proof";
import { refusalTextsZh, refusalsZh } from "../web/refusals-zh";
import { cancelCost, nextFree } from "../web/terms";

const abi = readAbi(readFileSync(sourceFile("apps/sharing/contract/abi.json"), "utf8"))!;

// ---- calls

const TERMS: calls.Terms = {
  title: "Bohrmaschine ø",
  text: "",
  place: "Bern",
  category: "Tools",
  latitude: -33.5,
  longitude: 151.25,
  photo: null,
  pricePerMinute: 1_000_000n,
  unit: "hour",
  deposit: 5n,
  lateCapMinutes: 90,
  cancelFreeMinutes: 60,
  cancelPercent: 30,
};
const CHALLENGE: say.Challenge = {
  command: 2,
  lock: filled(3),
  nonce: filled(4),
  counter: 7n,
  booking: 9n,
  height: 12n,
  timeMs: 1_700_000_000_000n,
};
const [FROM, UNTIL] = [new Date(1_700_000_000_000), new Date(1_700_003_600_000)];
const SIGNATURE = new Uint8Array(64).fill(8);
const SIGNED = { challenge: CHALLENGE, signature: SIGNATURE, lockSignature: SIGNATURE };

test("every call is read back by the contract's own description", () => {
  const made: [string, Action[], bigint][] = [
    ["list", calls.listing(TERMS), 0n],
    ["change", calls.changing(4, TERMS), 0n],
    ["withdraw", calls.withdrawing(4), 0n],
    ["block", calls.blocking(4, FROM, UNTIL), 0n],
    ["unblock", calls.unblocking(4, UNTIL), 0n],
    ["bind_lock", calls.binding(4, { lock: filled(3), counter: 7n, signature: SIGNATURE }), 0n],
    ["unbind", calls.unbinding(4), 0n],
    ["revoke", calls.revoking(4), 0n],
    ["book", calls.booking(4, [FROM, UNTIL], filled(5), 77n), 77n],
    ["cancel", calls.cancelling(9), 0n],
    ["end", calls.ending(9), 0n],
    ["contest", calls.contesting(9), 0n],
    ["start", calls.starting(9, SIGNED), 0n],
    ["give_back", calls.returning(9, SIGNED), 0n],
  ];
  for (const [method, actions, value] of made) {
    const [action] = actions;
    assert.ok(action?.kind === "call" && actions.length === 1, method);
    assert.equal(action.method, method);
    assert.equal(action.value, value, method);
    assert.deepEqual(action.contract, hash("contract", bytesOfText("sharing")));
    const { arguments: fields } = abi.methods.get(method)!;
    const told = decodeFields(abi, fields, action.arguments);
    assert.deepEqual(encodeFields(abi, fields, told), action.arguments, method);
  }
});

test("a booking's call names the thing, its times and the unlocking key, and pays the whole price", () => {
  const [action] = calls.booking(4, [FROM, UNTIL], filled(5), 1_182n);
  assert.ok(action?.kind === "call");
  const told = decodeFields(abi, abi.methods.get("book")!.arguments, action.arguments);
  assert.deepEqual(told, { asset: "4", from_ms: "1700000000000", until_ms: "1700003600000", renter_key: hexOf(filled(5)) });
  assert.equal(action.value, 1_182n);
});

test("degrees south and east go as whole ten-millionths", () => {
  const [action] = calls.listing(TERMS);
  assert.ok(action?.kind === "call");
  const told = decodeFields(abi, abi.methods.get("list")!.arguments, action.arguments) as Record<string, unknown>;
  assert.equal(told["latitude"], "-335000000");
  assert.equal(told["longitude"], "1512500000");
});

test("every refusal of the contract has a sentence in Chinese, and none is left over", () => {
  assert.deepEqual(Object.keys(refusalsZh).sort(), [...abi.errors.keys()].sort());
  for (const sentence of abi.errors.values()) assert.ok(refusalTextsZh[`refused.${sentence}`], sentence);
});

// ---- what follows from calendar and terms

test("the next free time is as long as what is wanted, and touches what is taken", () => {
  const slot = (from: number, until: number) => ({ from: new Date(from).toISOString(), until: new Date(until).toISOString() });
  const taken = [slot(0, 100), slot(150, 300), slot(300, 400), slot(1000, 1100)];
  assert.equal(nextFree(taken, 500, 100), 500);
  assert.equal(nextFree(taken, 20, 50), 100);
  assert.equal(nextFree(taken, 20, 51), 400);
  assert.equal(nextFree(taken, 350, 600), 400);
  assert.equal(nextFree(taken, 350, 601), 1100);
  assert.equal(nextFree([], 7, 1), 7);
});

test("cancelling is free until the agreed time, and then costs what the contract takes", () => {
  const agreed = { cancel_free_minutes: 60, cancel_percent: 30 };
  const [from, hour] = [10_000_000, 3_600_000];
  assert.equal(cancelCost(agreed, 1_199n, from, from - hour), 0n);
  assert.equal(cancelCost(agreed, 1_199n, from, from - hour + 1), 359n);
  assert.equal(cancelCost({ ...agreed, cancel_percent: 0 }, 1_199n, from, from - 1), 0n);
  assert.equal(cancelCost({ cancel_free_minutes: 0, cancel_percent: 100 }, 1_199n, from, from), 0n);
});

// ---- frames

test("a message of any length goes in frames and comes back", () => {
  for (const length of [1, 2, FRAME_BYTES - 4, FRAME_BYTES - 3, 1000, 8191, 8192]) {
    const message = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
    const frames = framesOf(message);
    assert.ok(frames.every((frame) => frame.length <= FRAME_BYTES));
    const reader = new FramesIn();
    const answers = frames.map((frame) => reader.take(frame));
    assert.ok(answers.slice(0, -1).every((one) => one === null));
    assert.deepEqual(answers.at(-1), message);
  }
  assert.throws(() => framesOf(new Uint8Array(0)), RangeError);
  assert.throws(() => framesOf(new Uint8Array(8193)), RangeError);
});

test("frames that are missing, doubled, too long or cut off are refused, and a frame 0 begins anew", () => {
  const frames = framesOf(new Uint8Array(600).fill(1));
  const broken: Bytes[][] = [
    [frames[0]!, frames[2]!],
    [frames[0]!, frames[1]!, frames[1]!],
    [frames[1]!],
    [concat(frames[0]!, filled(1))],
    [Uint8Array.of(0)],
    [Uint8Array.of(0, 0, 9)],
    [Uint8Array.of(0, 0, 9, 0)],
    [Uint8Array.of(0, 0, 1, 0, 5, 6)],
    [concat(u16(0), u16(8193), filled(1))],
  ];
  for (const some of broken) {
    const reader = new FramesIn();
    assert.throws(() => some.forEach((frame) => reader.take(frame)), FrameFault);
    assert.equal(reader.take(frames[0]!), null); // nothing is left of it
  }
  const reader = new FramesIn();
  reader.take(frames[0]!);
  assert.deepEqual(framesOf(Uint8Array.of(5)).map((frame) => reader.take(frame)), [Uint8Array.of(5)]);
});

// ---- golden vectors, which the lock itself is held to

interface Vectors {
  chain_id: string;
  renter: string;
  renter_seed: string;
  lock: string;
  visit: { name: string; message: string; answer: string }[];
  challenge: { bytes: string; hash: string; signature: string };
  frames_of_500_bytes_that_count_up: { frame: string }[] | string[];
}
test("the page looks for a lock first where a devnet puts it", () => {
  const port = /^LOCK_PORT=(\d+)$/m.exec(readFileSync(sourceFile("scripts/lib/devnet.sh"), "utf8"))?.[1];
  assert.equal(DEVNET_LOCK, `http://127.0.0.1:${port}/`);
  assert.match(DEVNET_LOCK, ADDRESS);
});

const vectors = JSON.parse(readFileSync(sourceFile("tests/vectors/lock.json"), "utf8")) as Vectors;

test("frames are those of the golden vectors", () => {
  const frames = framesOf(Uint8Array.from({ length: 500 }, (_, i) => i & 255));
  const golden = vectors.frames_of_500_bytes_that_count_up.map((one) => (typeof one === "string" ? one : one.frame));
  assert.deepEqual(frames.map(hexOf), golden);
});

test("a challenge has the golden bytes, hash and signature", () => {
  const { bytes, hash: golden, signature } = vectors.challenge;
  const reader = new Reader(bytesOfHex(bytes));
  const challenge = say.readChallenge(reader);
  reader.finish();
  assert.equal(hexOf(say.encodeChallenge(challenge)), bytes);
  assert.equal(hexOf(challenge.lock), vectors.lock);
  assert.equal(hexOf(hash("user", bytesOfHex(bytes))), golden);
  const signed = say.challengeBytes(bytesOfHex(vectors.chain_id), bytesOfHex(bytes));
  assert.equal(hexOf(sign(signed, bytesOfHex(vectors.renter_seed))), signature);
  assert.equal(hexOf(getPublicKey(bytesOfHex(vectors.renter_seed))), vectors.renter);
});

// A lock that answers the golden messages, and no other.
class GoldenLock implements Transport {
  private at = 0;
  private readonly reader = new FramesIn();
  private readonly out: Bytes[] = [];
  constructor(private readonly script: Vectors["visit"]) {}
  open = async (): Promise<void> => undefined;
  close = (): void => undefined;
  async send(frame: Bytes): Promise<void> {
    const message = this.reader.take(frame);
    if (!message) return;
    const expected = this.script[this.at++];
    assert.equal(hexOf(message), expected?.message, expected?.name);
    this.out.push(...framesOf(bytesOfHex(expected!.answer)));
  }
  async receive(): Promise<Bytes> {
    return this.out.shift() ?? assert.fail("nothing came");
  }
}

test("every golden answer is understood", () => {
  const answers = new Map(vectors.visit.map(({ name, answer }) => [name, bytesOfHex(answer)]));
  const told = (name: string, kind: number): Reader => say.answerOf(kind, answers.get(name)!);
  const greeting = say.readGreeting(told("challenge", say.ASK.challenge));
  assert.equal(hexOf(greeting.chainId), vectors.chain_id);
  assert.equal(hexOf(greeting.lock), vectors.lock);
  const report = say.readReport(told("status", say.ASK.status));
  assert.deepEqual([hexOf(report.lock), report.isOpen, report.isInUse], [vectors.lock, true, true]);
  const found = say.readReceipt(told("receipt", say.ASK.receipt));
  const { lock } = say.readChallenge(new Reader(found.challenge));
  const signed = { tag: "lmm:lock-log", chainId: bytesOfHex(vectors.chain_id), payload: hash("user", found.challenge) };
  assert.ok(verifyTagged(found.lockSignature, lock, signed));
});

test("golden headers, policy, unbinding, start, extension, openings and return are what is sent", async () => {
  const sent = vectors.visit.filter(({ message }) => /^0[2349abd]/.test(message));
  const line = new Line(new GoldenLock(sent));
  for (const { message, answer } of sent) {
    const reader = new Reader(bytesOfHex(message));
    const kind = reader.u8();
    if (kind === say.ASK.header) {
      const from = reader.position;
      readHeader(reader);
      const header = reader.since(from);
      const certificate = reader.bytes(8192);
      await line.ask(kind, say.askHeader(header, certificate, { set: reader.bytes(8192), next: reader.bytes(8192) }));
    } else if (kind === say.ASK.policy) {
      const policy = reader.fixed(say.POLICY_BYTES);
      await line.ask(kind, say.askPolicy(policy, reader.bytes(8192)));
    } else if (kind === say.ASK.unbound) {
      await line.ask(kind, say.askUnbound(reader.bytes(8192)));
    } else if (kind === say.ASK.receipt) {
      say.readReceipt(await line.ask(kind, say.askReceipt(reader.u8(), reader.u64())));
    } else if (kind === say.ASK.extend) {
      await line.ask(kind, say.askExtend(reader.fixed(say.GRANT_BYTES), reader.bytes(8192)));
    } else if (kind === say.ASK.goOn) {
      const asked = line.ask(kind, say.askGoOn(reader.fixed(97), reader.fixed(64)));
      if (!answer.startsWith("ff")) say.readUsed(await asked);
      else await assert.rejects(asked, (error) => error instanceof say.LockRefusal && error.code === 34);
    } else {
      const [challenge, signer, signature] = [reader.fixed(97), reader.hash(), reader.fixed(64)];
      const grant = reader.fixed(say.GRANT_BYTES);
      say.readGrant(hexOf(grant));
      say.readUsed(await line.ask(kind, say.askStart({ challenge, signer, signature, grant, branch: reader.bytes(8192) })));
    }
  }
});

test("changes of witnesses that a phone has are not asked for again", () => {
  const at = (height: number) => ({ height, header: "", certificate: "", next: "" });
  const answer = (height: number, changes: number[]): say.GrantAnswer => ({
    ...at(height),
    grant: { value: "", branch: "" },
    policy: { value: null, branch: "" },
    time: "",
    witnesses: "",
    changes: changes.map(at),
  });
  const joined = (older: number[], newer: number[]): number[] =>
    say.withChangesOf(answer(100, older), answer(200, newer)).changes.map(({ height }) => height);
  const many = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);
  assert.deepEqual(joined([10, 20], [110, 120]), [10, 20, 110, 120]);
  assert.deepEqual(joined([10, 20], []), [10, 20]);
  assert.deepEqual(joined([10, 20], [20, 110]), [10, 20, 110]); // the one of that very moment comes again
  assert.deepEqual(joined(many(1, 64), [110]), [...many(2, 63), 110]);
  assert.deepEqual(joined([10, 20], many(110, 64)), many(110, 64)); // what came before them is not known
});

test("a lock is looked for on this machine alone", () => {
  for (const good of ["ws://127.0.0.1:8750", "ws://localhost:1/x", "http://127.0.0.1:8750/"]) assert.ok(ADDRESS.test(good), good);
  for (const bad of ["", "ftp://127.0.0.1", "http://example.org/", "ws://example.org:80", "ws://127.0.0.1.example.org", "ws://127.0.0.1@example.org"])
    assert.ok(!ADDRESS.test(bad), bad);
});

test("a lock's radio is where its Thing Description says, on this machine alone", () => {
  const thing = (...hrefs: string[]) => ({ actions: { start: { forms: hrefs.map((href) => ({ href })) } } });
  assert.equal(radioOf(thing("http://127.0.0.1:9/", "ws://127.0.0.1:9070/lock")), "ws://127.0.0.1:9070/lock");
  assert.equal(radioOf(thing("ws://example.org/lock")), null);
  for (const other of [{}, { actions: {} }, thing()]) assert.equal(radioOf(other), null);
});

// ---- a visit to a lock

const LOCK_SECRET = filled(21);
const RENTER_SECRET = filled(22);
const LOCK = getPublicKey(LOCK_SECRET);
const RENTER = getPublicKey(RENTER_SECRET);
const CLOCK_MS = 1_700_000_100_000;
const GRANT = concat(
  concat(u8(1), u64(9n), u64(4n), LOCK, RENTER),
  concat(u64(BigInt(FROM.getTime())), u64(BigInt(UNTIL.getTime())), u64(0n)),
);
const POLICY = concat(u8(1), u64(4n), filled(6), u64(0n));
const CARRIED: say.GrantAnswer = {
  grant: { value: hexOf(GRANT), branch: "0102" },
  policy: { value: hexOf(POLICY), branch: "03" },
  height: 12,
  time: FROM.toISOString(),
  header: "aabb",
  certificate: "ccdd",
  witnesses: "0a0b",
  changes: [],
};

// A lock that answers as docs/lock.md says; it believes what it is shown, and notes it.
class FakeLock implements Transport {
  height = 10n;
  counter = 5n;
  key = LOCK;
  chain = chainId;
  clockMs = CLOCK_MS;
  refuses: [number, number] | null = null; // a kind, with the code
  isMute = false; // does what it is asked, and is gone before it says so
  receipt: Bytes | null = null;
  ownSecret = LOCK_SECRET;
  readonly asked: number[] = [];
  readonly told: string[] = []; // certificate, set and next of each header
  private readonly reader = new FramesIn();
  private readonly out: Bytes[] = [];
  isClosed = false;

  open = async (): Promise<void> => undefined;
  close = (): void => void (this.isClosed = true);
  async send(frame: Bytes): Promise<void> {
    const message = this.reader.take(frame);
    if (message) this.out.push(...framesOf(this.answer(message)));
  }
  async receive(): Promise<Bytes> {
    const frame = this.out.shift();
    if (!frame || (this.isMute && this.asked.at(-1) === say.ASK.start)) throw new Error("gone");
    return frame;
  }
  private answer(message: Bytes): Bytes {
    const reader = new Reader(message);
    const kind = reader.u8();
    this.asked.push(kind);
    if (this.refuses?.[0] === kind) return concat(u8(255), u8(kind), u16(this.refuses[1]));
    return concat(u8(kind + 128), this.body(kind, reader));
  }
  private body(kind: number, reader: Reader): Bytes {
    const belief = concat(u64(this.height), u64(BigInt(this.clockMs)), filled(9));
    if (kind === say.ASK.challenge)
      return concat(concat(this.chain, this.key, filled(40 + this.asked.length), u64(this.counter)), belief, u64(0n), u64(BigInt(this.clockMs)), u8(3));
    if (kind === say.ASK.header) {
      if (this.height < 12n) this.height = 12n;
      reader.fixed(2);
      this.told.push([reader.bytes(64), reader.bytes(64), reader.bytes(64)].map(hexOf).join(" "));
      reader.finish();
      return belief;
    }
    if (kind === say.ASK.extend) return u64(BigInt(UNTIL.getTime()));
    if (kind === say.ASK.policy) return reader.fixed(say.POLICY_BYTES);
    if (kind === say.ASK.unbound) {
      assert.deepEqual(reader.bytes(64), Uint8Array.of(3));
      return u64(1n);
    }
    if (kind === say.ASK.status)
      return concat(this.key, filled(6), Uint8Array.of(7, 88), ...Array.from({ length: 10 }, () => u64(0n)));
    if (kind === say.ASK.receipt) return this.receipt!;
    return this.use(kind, reader);
  }
  private use(kind: number, reader: Reader): Bytes {
    const challenge = reader.fixed(97);
    const told = say.readChallenge(new Reader(challenge));
    const isStart = kind === say.ASK.start;
    assert.equal(told.command === say.COMMAND.start, isStart);
    const signer = isStart ? reader.hash() : RENTER;
    const signature = reader.fixed(64);
    if (isStart) {
      assert.deepEqual(reader.fixed(say.GRANT_BYTES), GRANT);
      assert.deepEqual(reader.bytes(64), Uint8Array.of(1, 2));
    }
    reader.finish();
    assert.equal(told.counter, this.counter);
    assert.equal(told.height, isStart ? 12n : this.height);
    assert.equal(told.timeMs, BigInt(this.clockMs));
    const signed = { tag: "lmm:challenge", chainId, payload: hash("user", challenge) };
    assert.ok(verifyTagged(signature, signer, signed));
    this.counter++;
    const own = sign(concat(padded16("lmm:lock-log"), chainId, hash("user", challenge)), this.ownSecret);
    this.receipt = concat(challenge, signer, signature, own);
    const isOpening = told.command === say.COMMAND.open;
    return concat(isOpening ? new Uint8Array(64) : own, u64(BigInt(this.clockMs)), u64(1n), u8(Number(told.command !== 3)));
  }
}

function visit(lock: FakeLock, change: Partial<Parameters<typeof visitLock>[1]> = {}) {
  return visitLock(lock, {
    chainId,
    carried: CARRIED,
    command: say.COMMAND.start,
    signer: { key: RENTER, sign: async (message) => sign(message, RENTER_SECRET) },
    nowMs: () => CLOCK_MS,
    unheard: null,
    onSigned: async () => undefined,
    ...change,
  });
}

test("a start is signed by both, and open and return follow", async () => {
  const lock = new FakeLock();
  const start = await visit(lock);
  assert.ok(start.isOpen && start.signed?.lockSignature && start.battery === 88);
  assert.deepEqual(lock.asked, [1, 2, 3, 1, 4, 6]); // greeting, header, policy, a fresh nonce, use, status
  assert.ok(lock.isClosed);
  assert.equal((await visit(lock, { command: say.COMMAND.open })).signed, null);
  const back = await visit(lock, { command: say.COMMAND.return });
  assert.equal(back.isOpen, false);
  assert.equal(say.readChallenge(new Reader(back.signed!.challenge)).command, 3);
});

test("a lock that knows the header is not told it again; one that knows more is told it for the visit", async () => {
  const lock = new FakeLock();
  lock.height = 12n;
  await visit(lock);
  assert.deepEqual(lock.asked, [1, 3, 1, 4, 6]);
  const newer = new FakeLock();
  newer.height = 13n;
  assert.ok((await visit(newer)).isOpen);
  assert.deepEqual(newer.asked, [1, 2, 3, 1, 4, 6]);
});

test("a lock that was unbound is told so", async () => {
  const lock = new FakeLock();
  lock.refuses = [say.ASK.start, 16];
  const carried = { ...CARRIED, policy: { value: null, branch: "03" } };
  await assert.rejects(visit(lock, { carried }), (error) => error instanceof say.LockRefusal && error.code === 16);
  assert.deepEqual(lock.asked, [1, 2, 13, 1, 4]);
});

test("a lock that slept over changes of witnesses is told those that it does not know, in order", async () => {
  const changes = [8, 10, 11].map((height) => ({ height, header: "aabb", certificate: `0${height % 10}`, next: `f${height % 10}` }));
  const lock = new FakeLock();
  await visit(lock, { carried: { ...CARRIED, changes } });
  assert.deepEqual(lock.told, ["00  f0", "01  f1", "ccdd  "]);
  const newer = new FakeLock();
  newer.height = 13n;
  await visit(newer, { carried: { ...CARRIED, changes } });
  assert.deepEqual(newer.told, ["ccdd 0a0b "]);
});

test("what has started opens and returns although the lock takes none of the news", async () => {
  for (const kind of [say.ASK.header, say.ASK.policy, say.ASK.extend])
    for (const command of [say.COMMAND.open, say.COMMAND.return]) {
      const lock = new FakeLock();
      lock.height = 13n;
      lock.refuses = [kind, 8];
      assert.equal((await visit(lock, { command })).isOpen, command === say.COMMAND.open);
    }
  const lock = new FakeLock();
  lock.refuses = [say.ASK.goOn, 31];
  await assert.rejects(visit(lock, { command: say.COMMAND.open }), (error) => error instanceof say.LockRefusal && error.code === 31);
});

test("nothing is signed for another lock, another chain or a clock that is wrong", async () => {
  const cases: [string, (lock: FakeLock) => void][] = [
    ["lock", (lock) => (lock.key = filled(1))],
    ["chain", (lock) => (lock.chain = filled(1))],
    ["clock", (lock) => (lock.clockMs = CLOCK_MS + 120_001)],
    ["clock", (lock) => (lock.clockMs = CLOCK_MS - 120_001)],
  ];
  for (const [why, spoil] of cases) {
    const lock = new FakeLock();
    spoil(lock);
    const never = { signer: { key: RENTER, sign: async () => assert.fail("signed") } };
    await assert.rejects(visit(lock, never), (error) => error instanceof VisitFault && error.why === why);
    assert.ok(lock.isClosed);
  }
});

test("a lock's refusal comes with its number, whatever was asked", async () => {
  for (const kind of [1, 2, 3, 4]) {
    const lock = new FakeLock();
    lock.refuses = [kind, 30];
    await assert.rejects(visit(lock), (error) => error instanceof say.LockRefusal && error.code === 30);
  }
});

test("a start that the lock itself has not signed is none", async () => {
  const lock = new FakeLock();
  lock.ownSecret = filled(23);
  await assert.rejects(visit(lock), (error) => error instanceof VisitFault && error.why === "unsigned");
});

test("an answer that was lost is asked for again, and nothing is signed twice", async () => {
  const lock = new FakeLock();
  lock.isMute = true;
  let unheard: Parameters<typeof visitLock>[1]["unheard"] = null;
  await assert.rejects(visit(lock, { onSigned: async (signed) => void (unheard = signed) }));
  lock.isMute = false;
  const signer = { key: RENTER, sign: async () => assert.fail("signed") };
  const again = await visit(lock, { unheard, signer });
  assert.deepEqual(again.signed?.challenge, unheard!["challenge"]);
  assert.ok(again.signed?.lockSignature?.some((byte) => byte !== 0));
});

// ---- proofs

const OWNER = filled(11);
const asset = {
  number: 4,
  owner: addressOf(OWNER),
  title: "Drill",
  text: "With bits",
  place: "Bern",
  price_per_minute: "0.01",
  deposit: "10",
};
const assetBytes = (title = "Drill"): Bytes =>
  encodeFields(abi, abi.types.get("asset")!, {
    number: "4",
    owner: addressOf(OWNER),
    is_withdrawn: false,
    lock: hexOf(filled(0)),
    blocked: 0,
    latitude: "1",
    longitude: "-1",
    photo: hexOf(filled(0)),
    price_per_minute: "1000000",
    unit: 1,
    deposit: "1000000000",
    late_cap_minutes: 60,
    cancel_free_minutes: 60,
    cancel_percent: 30,
    title,
    text: "With bits",
    place: "Bern",
    category: "Tools",
  });
const booking = {
  number: 9,
  asset: 4,
  owner: addressOf(OWNER),
  renter: addressOf(filled(12)),
  renter_key: hexOf(RENTER),
  from: FROM.toISOString(),
  until: UNTIL.toISOString(),
  rent: "0.6",
  deposit: "10.00",
  state: "settled" as const,
  bill: "0.1",
  refund: "10.5",
};
const bookingBytes = encodeFields(abi, abi.types.get("booking")!, {
  ...{ number: "9", asset: "4", owner: booking.owner, renter: booking.renter, renter_key: booking.renter_key },
  ...{ lock: hexOf(LOCK), policy_epoch: "0", from_ms: String(FROM.getTime()), until_ms: String(UNTIL.getTime()) },
  ...{ price_per_minute: "1000000", late_cap_minutes: 60, cancel_free_minutes: 60, cancel_percent: 30, rent: "60000000", deposit: "1000000000", state: 3, outcome: 2 },
  ...{ counter: "6", started_ms: "1", ended_ms: "2", minutes: "10", bill: "10000000", refund: "1050000000" },
  ...{ timer_ms: "0", timer_id: "0", timer_units: "0" },
});
const check = (topic: string, data: Bytes, shown: Shown) => {
  const event = { contract: hash("contract", bytesOfText("sharing")), payload: null, topic, data };
  return checkShown(fileOf(makeProof(event)), hexOf(chainId), shown);
};
const differs = { isProven: false, step: "shown", why: "shown_differs" };

test("a thing is proven by what the contract told of it last", () => {
  for (const topic of ["listed", "changed", "bound"]) assert.ok(check(topic, assetBytes(), { asset }).isProven, topic);
  assert.deepEqual(check("listed", assetBytes("Saw"), { asset }), differs);
  assert.deepEqual(check("listed", assetBytes(), { asset: { ...asset, price_per_minute: "0.02" } }), differs);
  assert.deepEqual(check("booked", assetBytes(), { asset }), { isProven: false, step: "event", why: "other_contract" });
});

test("a booking is proven to the last amount, whatever their spelling", () => {
  assert.ok(check("settled", bookingBytes, { booking }).isProven);
  const changes: Partial<typeof booking>[] = [
    ...[{ number: 8 }, { renter_key: hexOf(LOCK) }, { rent: "0.61" }, { bill: "1" }, { refund: "105" }],
    ...[{ until: new Date(UNTIL.getTime() + 1).toISOString() }, { renter: booking.owner }],
  ];
  for (const change of changes)
    assert.deepEqual(check("settled", bookingBytes, { booking: { ...booking, ...change } }), differs, JSON.stringify(change));
  assert.deepEqual(check("settled", bookingBytes.subarray(1), { booking }), differs);
  assert.deepEqual(check("settled", bookingBytes, {}), differs);
});
