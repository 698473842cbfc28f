// SPDX-License-Identifier: Apache-2.0
// What this browser keeps of bookings, in IndexedDB: the unlocking key of each, which nobody can read
// out; what a lock wants to see, as of when there was a network; and what renter and lock have signed
// and the chain has not yet.
//
// The key stays in the browser that booked. A second browser with the same wallet sees the booking, and
// can cancel it or say on chain that its use is over, but opens nothing; its page says so.
import { type Bytes, hexOf } from "../../../web/lib/bytes";
import { noteBlock } from "../../../web/shell/clock";
import { type SigningKey, createSigningKey } from "../../../web/wallet/keys";
import { forget, keep, kept } from "../../../web/wallet/store";
import { type Asset, type Booking, assetPath, bookingPath, client } from "./api";
import { type GrantAnswer, withChangesOf } from "./lock/messages";
import type { Signed } from "./lock/visit";

const keyName = (publicKey: string): string => `sharing-key-${publicKey}`;
const bookingName = (number: number): string => `sharing-booking-${number}`;
const waitingName = "sharing-waiting";

// Kept before anything is booked with it.
export async function createUnlockingKey(): Promise<Bytes> {
  const key = await createSigningKey();
  await keep(keyName(hexOf(key.publicKey)), key);
  return key.publicKey;
}
export const unlockingKey = (publicKey: string): Promise<SigningKey | null> => kept<SigningKey>(keyName(publicKey));

export interface Carried {
  chainId: string;
  booking: Booking;
  asset: Asset;
  grant: GrantAnswer | null; // null: it has no lock, or is settled
  grantMs: number; // when that was fetched, by this device's clock
  lockAddress: string | null;
  unheard: Signed | null; // shown to the lock, whose answer never came
}
export const carriedOf = (number: number): Promise<Carried | null> => kept<Carried>(bookingName(number));

// One change at a time, of what is there now.
let changes: Promise<unknown> = Promise.resolve();
function inTurn<Result>(run: () => Promise<Result>): Promise<Result> {
  const done = changes.catch(() => undefined).then(run);
  changes = done;
  return done;
}
export const changeCarried = (number: number, change: Partial<Carried>): Promise<Carried | null> =>
  inTurn(async () => {
    const before = await carriedOf(number);
    if (!before) return null;
    const next = { ...before, ...change };
    await keep(bookingName(number), next);
    return next;
  });

// Asks for the changes of witnesses that are not kept already.
async function grantOf(booking: Booking, before: GrantAnswer | null): Promise<GrantAnswer | null> {
  if (!booking.lock || booking.state === "settled") return null;
  const since = before ? `?since=${encodeURIComponent(before.time)}` : "";
  const grant = await client.get<GrantAnswer>(`${bookingPath(booking.number)}/grant${since}`);
  noteBlock(grant.time);
  return before ? withChangesOf(before, grant) : grant;
}

// From the server, with what is kept beside it.
export async function fetchCarried(number: number): Promise<Carried> {
  const [{ chain_id }, booking] = await Promise.all([
    client.get<{ chain_id: string }>("/v1/chain"),
    client.get<Booking>(bookingPath(number)),
  ]);
  const known = await carriedOf(number);
  const held = known?.chainId === chain_id ? known.grant : null;
  const [asset, grant] = await Promise.all([client.get<Asset>(assetPath(booking.asset)), grantOf(booking, held)]);
  return inTurn(async () => {
    const before = await carriedOf(number);
    const next: Carried = {
      chainId: chain_id,
      booking,
      asset,
      grant,
      grantMs: Date.now(),
      lockAddress: before?.lockAddress ?? null,
      unheard: before?.unheard ?? null,
    };
    await keep(bookingName(number), next);
    return next;
  });
}

// --- what waits for the chain ---

export interface Waiting {
  booking: number;
  title: string;
  signed: Signed;
  at: number;
  why: string | null; // it was refused: the sentence
}
export const waitingOnes = async (): Promise<Waiting[]> => (await kept<Waiting[]>(waitingName)) ?? [];
export const changeWaiting = (change: (list: Waiting[]) => Waiting[]): Promise<Waiting[]> =>
  inTurn(async () => {
    const next = change(await waitingOnes());
    await keep(waitingName, next);
    return next;
  });
export const forgetBooking = (number: number): Promise<void> => inTurn(() => forget(bookingName(number)));
