// SPDX-License-Identifier: Apache-2.0
// The big button that opens a thing's lock, and what the lock says to it. It needs no server: what the
// lock wants to see is kept in this browser, and what is signed waits for the chain.
import { type Signal, useSignal } from "@preact/signals";
import { bytesOfHex } from "../../../web/lib/bytes";
import { hasText, t } from "../../../web/lib/i18n";
import { chainNow } from "../../../web/shell/clock";
import { State, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { drawnNow } from "../../../web/shell/news";
import { signWith } from "../../../web/wallet/keys";
import { type Carried, changeCarried, fetchCarried, unlockingKey } from "./carried";
import { FrameFault } from "./lock/frames";
import { COMMAND, LockRefusal } from "./lock/messages";
import { ADDRESS, BluetoothTransport, DEVNET_LOCK, LockUnreachable, SocketTransport, hasBluetooth } from "./lock/transport";
import { type Outcome, VisitFault, visitLock } from "./lock/visit";
import { addWaiting, waiting } from "./outgoing";
import { shortTime } from "./when";

const FRESH_MS = 1500; // so long the server may take to give something newer

// Where the thing's text says that its lock is reached, or where it was the last time.
const addressIn = (text: string): string => text.split(/\s+/).find((word) => ADDRESS.test(word)) ?? "";
const addressOf = ({ lockAddress, asset }: Carried): string => lockAddress ?? (addressIn(asset.text) || DEVNET_LOCK);

export function lockFault(error: unknown): string {
  if (error instanceof LockRefusal && hasText(`lock.refused.${error.code}`)) return t(`lock.refused.${error.code}`);
  if (error instanceof VisitFault) return t(`lock.fault.${error.why}`);
  if (error instanceof LockUnreachable) return t("lock.unreachable");
  if (error instanceof FrameFault) return t("lock.garbled");
  return t("lock.failed");
}

async function newest(carried: Carried): Promise<Carried> {
  const late = new Promise<Carried>((resolve) => setTimeout(() => resolve(carried), FRESH_MS));
  return Promise.race([fetchCarried(carried.booking.number).catch(() => carried), late]);
}

export type Command = "open" | "start" | "return";
interface Way {
  address: string;
  isBluetooth: boolean;
}

async function runCommand(before: Carried, command: Command, way: Way): Promise<Outcome> {
  const carried = await newest(before);
  const { grant, booking, asset } = carried;
  const key = await unlockingKey(booking.renter_key);
  if (!grant || !key) throw new VisitFault("lock");
  const transport = way.isBluetooth ? new BluetoothTransport() : new SocketTransport(way.address);
  try {
    const outcome = await visitLock(transport, {
      chainId: bytesOfHex(carried.chainId),
      carried: grant,
      command: COMMAND[command],
      signer: { key: key.publicKey, sign: (message) => signWith(key, message) },
      nowMs: chainNow,
      unheard: carried.unheard,
      onSigned: async (unheard) => void (await changeCarried(booking.number, { unheard })),
    });
    const { signed } = outcome;
    if (signed) await addWaiting({ booking: booking.number, title: asset.title, signed, at: Date.now(), why: null });
    await changeCarried(booking.number, { unheard: null, lockAddress: way.isBluetooth ? null : way.address });
    return outcome;
  } catch (error) {
    // Nothing happened at the lock: there is no answer to ask for.
    if (error instanceof LockRefusal) await changeCarried(booking.number, { unheard: null });
    throw error;
  }
}

// --- what can be done ---

export type Use = "early" | "startable" | "running" | "returned" | "over" | "locked-out";

// As the chain has it, and what waits for it.
export function useOf({ booking }: Carried, hasKey: boolean): Use {
  const own = waiting.value.filter((one) => one.booking === booking.number && one.why === null);
  if (booking.state === "settled" || own.some(({ signed }) => signed.command === COMMAND.return)) return "returned";
  if (!hasKey) return "locked-out";
  if (booking.state !== "booked" || own.length > 0) return "running";
  const time = drawnNow();
  if (time < new Date(booking.from).getTime()) return "early";
  return time < new Date(booking.until).getTime() ? "startable" : "over";
}

function LockIcon({ isOpen }: { isOpen: boolean }) {
  return (
    <svg class="lock-icon" viewBox="0 0 48 48" aria-hidden="true">
      <path d={isOpen ? "M14 22v-8a9 9 0 0 1 17-4" : "M15 22v-7a9 9 0 0 1 18 0v7"} />
      <path d="M10 22h28v20H10zM24 30v5" />
    </svg>
  );
}

function AddressField({ address, isFixed, isInDoubt }: { address: Signal<string>; isFixed: boolean; isInDoubt: boolean }) {
  const isWrong = !ADDRESS.test(address.value);
  return (
    <details class="details" open={isWrong || isInDoubt}>
      <summary>{t("lock.where")}</summary>
      <div class="field">
        <label for="lock-address">{t("lock.address")}</label>
        <input
          id="lock-address"
          class="input"
          value={address.value}
          readOnly={isFixed}
          autocomplete="off"
          spellcheck={false}
          aria-invalid={isWrong}
          aria-describedby="lock-address-hint"
          onInput={(event) => (address.value = event.currentTarget.value.trim())}
        />
        <p id="lock-address-hint" class={isWrong ? "is-failed" : ""}>
          {t(isWrong ? "lock.addressWrong" : "lock.addressHint")}
        </p>
      </div>
    </details>
  );
}

// How old what is carried is: a lock that knows more refuses it, and one that was told to revoke too.
function Age({ carried }: { carried: Carried }) {
  if (!carried.grant) return null;
  return (
    <p class="small soft">
      {t("lock.offline")} <Time at={carried.grant.time} />
    </p>
  );
}

interface Doing {
  is: "idle" | "pending" | "done" | "failed";
  command: Command | null;
  text: string;
  isUnreachable?: boolean;
}

function Said({ doing }: { doing: Doing }) {
  if (doing.is === "idle") return null;
  const state = ({ pending: "pending", done: "final", failed: "failed" } as const)[doing.is];
  return (
    <p class="lock-said" role={doing.is === "failed" ? "alert" : "status"}>
      <State name={state} word={doing.text} />
    </p>
  );
}

const MAIN: Partial<Record<Use, Command>> = { startable: "start", running: "open" };

function useLock(carried: Carried, onDone: () => void) {
  const doing = useSignal<Doing>({ is: "idle", command: null, text: "" });
  const isOpen = useSignal(false);
  const battery = useSignal<number | null>(null);
  const run = async (command: Command, way: Way): Promise<void> => {
    if (doing.value.is === "pending") return;
    doing.value = { is: "pending", command, text: t("lock.talking") };
    try {
      const outcome = await runCommand(carried, command, way);
      isOpen.value = outcome.isOpen;
      battery.value = outcome.battery;
      doing.value = { is: "done", command, text: t(`lock.done.${command}`, { time: shortTime(new Date(Number(outcome.clockMs))) }) };
      onDone();
    } catch (error) {
      doing.value = { is: "failed", command, text: lockFault(error), isUnreachable: error instanceof LockUnreachable };
    }
  };
  return { doing, isOpen, battery, run };
}

export function LockPanel({ carried, use, onDone }: { carried: Carried; use: Use; onDone: () => void }) {
  const address = useSignal(addressOf(carried));
  const { doing, isOpen, battery, run } = useLock(carried, onDone);
  const main = MAIN[use];
  const isBusy = doing.value.is === "pending";
  const over = (isBluetooth: boolean): Way => ({ address: address.value, isBluetooth });
  const canReach = ADDRESS.test(address.value);
  return (
    <section class="lock" aria-label={t("lock.title")}>
      <button
        type="button"
        class={`lock-button is-${doing.value.is}`}
        disabled={!main || isBusy || !canReach}
        onClick={() => main && void run(main, over(false))}
      >
        <LockIcon isOpen={isOpen.value} />
        <span>{t(`lock.${main ?? use}`, { from: shortTime(new Date(carried.booking.from)) })}</span>
      </button>
      <Said doing={doing.value} />
      {use === "running" && (
        <div class="actions">
          <button type="button" class="button" disabled={isBusy || !canReach} onClick={() => void run("return", over(false))}>
            <Icon name="receive" />
            {t("lock.return")}
          </button>
        </div>
      )}
      {main && hasBluetooth() && (
        <div class="actions">
          <button type="button" class="button" disabled={isBusy} onClick={() => void run(main, over(true))}>
            {t("lock.bluetooth")}
          </button>
          {use === "running" && (
            <button type="button" class="button" disabled={isBusy} onClick={() => void run("return", over(true))}>
              {t("lock.bluetoothReturn")}
            </button>
          )}
        </div>
      )}
      {battery.value !== null && <p class="small soft">{t("lock.battery", { n: battery.value })}</p>}
      <Age carried={carried} />
      {main && <AddressField address={address} isFixed={isBusy} isInDoubt={doing.value.isUnreachable ?? false} />}
    </section>
  );
}
