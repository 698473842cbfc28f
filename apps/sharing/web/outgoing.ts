// SPDX-License-Identifier: Apache-2.0
// Starts and returns that renter and lock have signed go to the chain when it can be reached: kept,
// tried again, in order. Whoever has the signatures may bring them, so nobody else need be asked.
import { signal } from "@preact/signals";
import { ApiError } from "../../../web/lib/api";
import { Reader } from "../../../web/lib/bytes";
import { t } from "../../../web/lib/i18n";
import { messageOf, messageOfCode } from "../../../web/shell/components";
import { onNews } from "../../../web/shell/news";
import { wallet } from "../../../web/wallet/keys";
import { transact, tryOut } from "../../../web/wallet/send";
import { type Booking, bookingPath, client } from "./api";
import { isNotYet, returning, starting } from "./calls";
import { type Waiting, changeWaiting, waitingOnes } from "./carried";
import { COMMAND, readChallenge } from "./lock/messages";

const TRY_AGAIN_MS = 3000;

export const waiting = signal<Waiting[]>([]);
export const findWaiting = async (): Promise<void> => void (waiting.value = await waitingOnes());

const isSame = (a: Waiting, b: Waiting): boolean => a.booking === b.booking && a.at === b.at;

export async function addWaiting(one: Waiting): Promise<void> {
  waiting.value = await changeWaiting((list) => [...list, one]);
  void sendWaiting();
}
export async function dropWaiting(one: Waiting): Promise<void> {
  waiting.value = await changeWaiting((list) => list.filter((other) => !isSame(one, other)));
}

export async function tryAgain(one: Waiting): Promise<void> {
  waiting.value = await changeWaiting((list) => list.map((other) => (isSame(one, other) ? { ...one, why: null } : other)));
  await sendWaiting();
}

const actionsOf = ({ booking, signed }: Waiting) => {
  const { command, signature, lockSignature } = signed;
  const coSigned = { challenge: readChallenge(new Reader(signed.challenge)), signature, lockSignature: lockSignature! };
  return command === COMMAND.start ? starting(booking, coSigned) : returning(booking, coSigned);
};

// The lock's owner, or another of this person's browsers, may have brought it before.
async function isThere({ booking, signed }: Waiting): Promise<boolean> {
  const { state } = await client.get<Booking>(bookingPath(booking));
  return state === "settled" || (signed.command === COMMAND.start && state !== "booked");
}

// Null: it is on the chain; else why it never will be.
async function bring(one: Waiting): Promise<string | null> {
  if (await isThere(one)) return null;
  const actions = actionsOf(one);
  const { outcome, gasLimit } = await tryOut(actions);
  if (isNotYet(outcome.contract_message)) throw new ApiError(0, {});
  if (outcome.code !== "OK") return messageOfCode(outcome.code, outcome.contract_message ?? outcome.message);
  const deed = one.signed.command === COMMAND.start ? "outgoing.started" : "outgoing.returned";
  const what = { kind: "call", name: t(deed, { title: one.title }) };
  const { state, code, message } = await (await transact({ actions, gasLimit, what })).end;
  if (state === "final") return null;
  // Lost on its way, or too early by a moment.
  if (code === "EXPIRED" || isNotYet(message)) throw new ApiError(0, {});
  return (await isThere(one)) ? null : messageOfCode(code, message);
}

let isSending = false;
export async function sendWaiting(): Promise<void> {
  if (isSending || !wallet.value) return;
  isSending = true;
  try {
    await findWaiting();
    for (const one of waiting.value.filter(({ why }) => why === null)) {
      const why = await bring(one);
      if (why === null) await dropWaiting(one);
      else waiting.value = await changeWaiting((list) => list.map((other) => (isSame(one, other) ? { ...one, why } : other)));
    }
  } catch (error) {
    if (!(error instanceof ApiError)) console.error(messageOf(error));
    setTimeout(() => void sendWaiting(), TRY_AGAIN_MS);
  } finally {
    isSending = false;
  }
}
for (const type of ["block", "reset"]) onNews(type, () => void (waiting.value.some(({ why }) => why === null) && sendWaiting()));
