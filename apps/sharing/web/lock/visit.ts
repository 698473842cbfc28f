// SPDX-License-Identifier: Apache-2.0
// A visit to a lock (docs/lock.md): the header and the policy, then the renter's signature over what the
// lock asked. Nothing of it needs a network; what is carried was fetched before, and only a start needs
// the lock to believe it.
import { type Bytes, Reader, bytesOfHex, equal } from "../../../../web/lib/bytes";
import { verifySignature } from "../../../../web/lib/signature";
import { FramesIn, framesOf } from "./frames";
import * as say from "./messages";
import { LockUnreachable, type Transport } from "./transport";

// A time that the lock told and that is further from ours than this is not signed.
const CLOCK_OFF_MS = 120_000;

// Why nothing was signed: "chain", "lock" (it is another one), "clock", "unsigned" (the lock's own
// signature does not hold).
export class VisitFault extends Error {
  constructor(readonly why: "chain" | "lock" | "clock" | "unsigned") {
    super(why);
  }
}

export class Line {
  private readonly frames = new FramesIn();
  constructor(private readonly transport: Transport) {}

  async ask(kind: number, message: Bytes) {
    for (const frame of framesOf(message)) await this.transport.send(frame);
    for (;;) {
      const answer = this.frames.take(await this.transport.receive());
      if (answer) return say.answerOf(kind, answer);
    }
  }
  greeting = async (): Promise<say.Greeting> =>
    say.readGreeting(await this.ask(say.ASK.challenge, say.askNothing(say.ASK.challenge)));
  report = async (): Promise<say.Report> =>
    say.readReport(await this.ask(say.ASK.status, say.askNothing(say.ASK.status)));
}

export async function withLine<Result>(transport: Transport, run: (line: Line) => Promise<Result>): Promise<Result> {
  try {
    await transport.open();
    return await run(new Line(transport));
  } finally {
    transport.close();
  }
}

// What renter and lock have signed, for the chain.
export interface Signed {
  command: number;
  challenge: Bytes;
  signature: Bytes;
  lockSignature: Bytes | null; // null: the lock has not answered
}

export interface Visit {
  chainId: Bytes;
  carried: say.GrantAnswer;
  command: number;
  signer: { key: Bytes; sign: (message: Bytes) => Promise<Bytes> };
  nowMs: () => number; // as far as the phone knows the chain's time
  // Of an earlier visit whose answer never came.
  unheard: Signed | null;
  // Before the lock hears of it: kept, so that a lost answer can be asked for again.
  onSigned: (signed: Signed) => Promise<void>;
}
export interface Outcome {
  signed: Signed | null; // what is to go to the chain
  isOpen: boolean;
  clockMs: bigint;
  battery: number; // per cent
}

// What became of it, when the lock has it among its last.
async function receiptOf(line: Line, unheard: Signed): Promise<Signed | null> {
  const { command, booking } = say.readChallenge(new Reader(unheard.challenge));
  try {
    const receipt = say.readReceipt(await line.ask(say.ASK.receipt, say.askReceipt(command, booking)));
    return equal(receipt.challenge, unheard.challenge) ? { ...unheard, lockSignature: receipt.lockSignature } : null;
  } catch (error) {
    if (error instanceof say.LockRefusal && error.code === say.LOCK_CODE.NO_RECEIPT) return null;
    throw error;
  }
}

const askHeader = ({ header, certificate }: say.SignedHeader, sets?: { set?: Bytes; next?: Bytes }): Bytes =>
  say.askHeader(bytesOfHex(header), bytesOfHex(certificate), sets);

// A lock that slept over changes of witnesses follows them one by one; one that knows more is told who
// served then. What it knows last may have handed over or not.
async function bringHeader(line: Line, carried: say.GrantAnswer, known: bigint): Promise<void> {
  const height = BigInt(carried.height);
  if (height === known) return;
  const missed = height > known ? carried.changes.filter((one) => BigInt(one.height) >= known) : [];
  for (const change of missed) await line.ask(say.ASK.header, askHeader(change, { next: bytesOfHex(change.next) }));
  await line.ask(say.ASK.header, askHeader(carried, height > known ? {} : { set: bytesOfHex(carried.witnesses) }));
}

async function bringNews(line: Line, carried: say.GrantAnswer, known: say.Greeting): Promise<void> {
  await bringHeader(line, carried, known.height);
  const { value, branch } = carried.policy;
  if (value) await line.ask(say.ASK.policy, say.askPolicy(bytesOfHex(value), bytesOfHex(branch)));
  else await line.ask(say.ASK.unbound, say.askUnbound(bytesOfHex(branch)));
}

// What has started goes on, whatever the lock thinks of the news: it may have become longer.
async function offerNews(line: Line, carried: say.GrantAnswer, known: say.Greeting): Promise<void> {
  try {
    await bringNews(line, carried, known);
    const { value, branch } = carried.grant;
    await line.ask(say.ASK.extend, say.askExtend(bytesOfHex(value), bytesOfHex(branch)));
  } catch (error) {
    if (!(error instanceof say.LockRefusal)) throw error;
  }
}

function askFor(visit: Visit, challenge: Bytes, signature: Bytes): [number, Bytes] {
  const { command, signer, carried } = visit;
  if (command !== say.COMMAND.start) return [say.ASK.goOn, say.askGoOn(challenge, signature)];
  const [grant, branch] = [bytesOfHex(carried.grant.value), bytesOfHex(carried.grant.branch)];
  return [say.ASK.start, say.askStart({ challenge, signer: signer.key, signature, grant, branch })];
}

async function use(line: Line, visit: Visit, grant: say.Grant): Promise<Outcome> {
  const { carried, command, signer, chainId } = visit;
  const { lock, nonce, counter, clockMs, ...known } = await line.greeting();
  const height = command === say.COMMAND.start ? BigInt(carried.height) : known.height;
  if (Math.abs(Number(clockMs) - visit.nowMs()) > CLOCK_OFF_MS) throw new VisitFault("clock");
  const wish = { command, lock, nonce, counter, booking: grant.booking, height, timeMs: clockMs };
  const challenge = say.encodeChallenge(wish);
  const signature = await signer.sign(say.challengeBytes(chainId, challenge));
  const signed: Signed = { command, challenge, signature, lockSignature: null };
  const goesToChain = command !== say.COMMAND.open;
  if (goesToChain) await visit.onSigned(signed);
  const used = say.readUsed(await line.ask(...askFor(visit, challenge, signature)));
  const { lockSignature, isOpen } = used;
  if (goesToChain && !verifySignature(lockSignature, lock, say.lockLogBytes(chainId, challenge)))
    throw new VisitFault("unsigned");
  const { battery } = await line.report();
  return { signed: goesToChain ? { ...signed, lockSignature } : null, isOpen, clockMs: used.clockMs, battery };
}

// Throws LockRefusal, VisitFault or LockUnreachable.
export function visitLock(transport: Transport, visit: Visit): Promise<Outcome> {
  return withLine(transport, async (line) => {
    const grant = say.readGrant(visit.carried.grant.value);
    const known = await line.greeting();
    if (!equal(known.chainId, visit.chainId)) throw new VisitFault("chain");
    if (!equal(known.lock, grant.lock)) throw new VisitFault("lock");
    const heard = visit.unheard && (await receiptOf(line, visit.unheard));
    if (heard && heard.command === visit.command) {
      const { isOpen, clockMs, battery } = await line.report();
      return { signed: heard, isOpen, clockMs, battery };
    }
    if (visit.command === say.COMMAND.start) await bringNews(line, visit.carried, known);
    else await offerNews(line, visit.carried, known);
    return use(line, visit, grant);
  });
}

export { LockUnreachable };
