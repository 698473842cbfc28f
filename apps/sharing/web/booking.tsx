// SPDX-License-Identifier: Apache-2.0
// Who is here: the renter, in front of the thing, perhaps in a cellar without a network; or its owner.
// What they decide: to open, to return, to cancel or to say that it is over; the owner, whether that is
// so.
// Visible at 360×640 unscrolled: what is rented and until when, and the one big button for the lock.
import "./pages.css";
import { signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../../web/lib/api";
import { bytesOfHex } from "../../../web/lib/bytes";
import { addTexts, t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure, Notice, State, type StateName, Time } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { drawnNow, onNews } from "../../../web/shell/news";
import { Person } from "../../../web/shell/people";
import { type Check, ProofPanel, VerdictChip } from "../../../web/shell/proof-panel";
import { linkTo, route, useHeadingFocus, useSubject } from "../../../web/shell/route";
import { address, findWallet, signWith } from "../../../web/wallet/keys";
import { type Booking, client, units } from "./api";
import { Art } from "./art";
import { cancelling, contesting, ending, extending, extensionQuestion, extensionTotal, starting } from "./calls";
import { type Carried, carriedOf, fetchCarried, unlockingKey } from "./carried";
import { Deed } from "./deed";
import { COMMAND, challengeBytes, encodeChallenge } from "./lock/messages";
import { LockPanel, type Use, useOf } from "./lock-panel";
import { dropWaiting, findWaiting, sendWaiting, tryAgain, waiting } from "./outgoing";
import { cancelCost } from "./terms";
import { pageTexts } from "./texts.pages.en";
import { lengthText, localOf, rangeText } from "./when";

addTexts(pageTexts);
const HOUR_MS = 3_600_000;
const RENEW_MS = 20_000;
const CLAIM_WINDOW_MS = 12 * HOUR_MS; // contract/rules.h

interface Loaded {
  number: string;
  carried: Carried | null;
  hasKey: boolean;
  error: unknown;
}
const loaded = signal<Loaded | null>(null);

async function show(number: string, find: () => Promise<Carried | null>): Promise<void> {
  try {
    const carried = await find();
    if (!carried || loaded.value?.number !== number) return;
    const hasKey = (await unlockingKey(carried.booking.renter_key)) !== null;
    if (loaded.value.number === number) loaded.value = { number, carried, hasKey, error: null };
  } catch (error) {
    if (loaded.value?.number === number) loaded.value = { ...loaded.value, error };
  }
}
// What is kept first: it is there without a server.
async function load(number: string): Promise<void> {
  if (loaded.value?.number !== number) loaded.value = { number, carried: null, hasKey: false, error: null };
  if (!loaded.value?.carried) await show(number, () => carriedOf(Number(number)));
  await show(number, () => fetchCarried(Number(number)));
}
const renew = (): void => void (loaded.value && load(loaded.value.number));
for (const type of ["booking", "asset", "reset"]) onNews(type, renew);
// A newer header: a start takes a proof of the booked time, and of the last day.
onNews("block", () => void (Date.now() - (loaded.value?.carried?.grantMs ?? 0) > RENEW_MS && renew()));

// ---- how far it is

interface Step {
  name: string;
  state: StateName | "coming";
  at: string | null;
  text: string;
}
const lmm = (amount: string): string => t("price.lmm", { amount: lmmText(units(amount)) });

function billText(booking: Booking): string {
  if (units(booking.bill) === 0n) return t("booking.nothing");
  if (booking.outcome === "cancelled") return t("booking.cancelBill", { amount: lmm(booking.bill) });
  return t("booking.billed", { length: lengthText(booking.minutes), amount: lmm(booking.bill) });
}

function stepsOf(booking: Booking, hasStartWaiting: boolean, hasReturnWaiting: boolean): Step[] {
  const { state, started, ended, outcome, rent, deposit } = booking;
  const isSettled = state === "settled";
  const startState = started ? "final" : hasStartWaiting ? "pending" : "coming";
  const endState = isSettled || state === "ending" ? "final" : hasReturnWaiting ? "pending" : "coming";
  const steps: Step[] = [
    { name: "booked", state: "final", at: booking.booked, text: t("booking.paid", { rent: lmm(rent), deposit: lmm(deposit) }) },
    { name: "from", state: drawnNow() >= new Date(booking.from).getTime() ? "final" : "coming", at: booking.from, text: "" },
    { name: "started", state: startState, at: started, text: startState === "pending" ? t("booking.waits") : "" },
    { name: "ended", state: endState, at: ended, text: endState === "pending" ? t("booking.waits") : "" },
    { name: "billed", state: isSettled ? "final" : "coming", at: null, text: isSettled ? billText(booking) : t("booking.settles") },
    {
      name: "back",
      state: isSettled ? "final" : "coming",
      at: isSettled ? booking.changed : booking.settles,
      text: isSettled ? t("booking.refund", { amount: lmm(booking.refund) }) : t("booking.refundLatest"),
    },
  ];
  const isUnused = isSettled && !started;
  const told = outcome === "cancelled" || isUnused ? steps.filter(({ name }) => name !== "started" && name !== "ended") : steps;
  return told;
}

function Timeline({ booking }: { booking: Booking }) {
  const own = waiting.value.filter((one) => one.booking === booking.number && one.why === null);
  const has = (command: number): boolean => own.some(({ signed }) => signed.command === command);
  return (
    <ol class="timeline">
      {stepsOf(booking, has(COMMAND.start), has(COMMAND.return)).map(({ name, state, at, text }) => (
        <li class={`is-${state}`} key={name}>
          <span class="timeline-mark">
            <Icon name={state === "coming" ? "waiting" : state} />
          </span>
          <div>
            <strong>{t(`booking.step.${name}`)}</strong>{" "}
            <span class="unseen">{t(state === "coming" ? "booking.coming" : `state.${state}`)}</span>
            {at && (
              <span class="small soft">
                <Time at={at} isExact />
              </span>
            )}
            {text && <p class="small soft">{text}</p>}
          </div>
        </li>
      ))}
    </ol>
  );
}

// ---- what can be done on chain

// A thing without a lock: the renter's own signature starts its use, billed from the booking's beginning.
async function startWithout(carried: Carried) {
  const { booking } = carried;
  const key = (await unlockingKey(booking.renter_key))!;
  const { height, time } = await client.get<{ height: number; time: string }>("/v1/chain");
  const challenge = {
    command: COMMAND.start,
    lock: new Uint8Array(32),
    nonce: crypto.getRandomValues(new Uint8Array(32)),
    counter: 1n,
    booking: BigInt(booking.number),
    height: BigInt(height),
    timeMs: BigInt(new Date(time).getTime()),
  };
  const bytes = challengeBytes(bytesOfHex(carried.chainId), encodeChallenge(challenge));
  const signature = await signWith(key, bytes);
  return starting(booking.number, { challenge, signature, lockSignature: new Uint8Array(0) });
}

// Until when, at the booking's own price; refused when it is taken.
function Extend({ booking, name }: { booking: Booking; name: string }) {
  const until = useSignal(localOf(new Date(new Date(booking.until).getTime() + HOUR_MS)));
  const cost = useSignal(0n);
  const prepare = async () => {
    const time = new Date(until.value);
    const [path, question] = extensionQuestion(booking.number, time);
    const { body } = await client.post<{ result_hex: string }>(path, question, "application/json");
    cost.value = extensionTotal(body.result_hex);
    return extending(booking.number, time, cost.value);
  };
  return (
    <details class="details">
      <summary>{t("booking.extend")}</summary>
      <label class="field">
        {t("book.until")}
        <input type="datetime-local" class="input" value={until.value} onChange={(event) => (until.value = event.currentTarget.value)} />
      </label>
      <Deed
        label={t("booking.extend")}
        name={name}
        isDisabled={!until.value}
        prepare={prepare}
        question={(fee) => t("booking.extendSure", { total: lmmText(cost.value), fee })}
        onDone={renew}
        key={until.value}
      />
    </details>
  );
}

function RenterDeeds({ carried, use, name }: { carried: Carried; use: Use; name: string }) {
  const { booking } = carried;
  const { number, state } = booking;
  const fromMs = new Date(booking.from).getTime();
  const isEarly = drawnNow() < fromMs;
  const cost = cancelCost(booking, units(booking.rent), fromMs, drawnNow());
  return (
    <>
      {!booking.lock && use === "startable" && (
        <Deed label={t("booking.start")} name={name} isMain prepare={() => startWithout(carried)} onDone={renew} />
      )}
      {(state === "booked" || state === "running") && use !== "returned" && use !== "over" && (
        <Extend booking={booking} name={name} key={booking.until} />
      )}
      {state === "booked" && isEarly && (
        <Deed
          label={t("booking.cancel")}
          name={name}
          prepare={() => cancelling(number)}
          question={(fee) => t(cost > 0n ? "booking.cancelSureLate" : "booking.cancelSure", { fee, amount: lmmText(cost) })}
          onDone={renew}
        />
      )}
      {state === "running" && booking.outcome !== "contested" && use !== "returned" && (
        <Deed
          label={t(booking.lock ? "booking.endInstead" : "booking.end")}
          name={name}
          isMain={!booking.lock}
          prepare={() => ending(number)}
          question={(fee) => t("booking.endSure", { fee })}
          onDone={renew}
        />
      )}
    </>
  );
}

function OwnerDeeds({ booking, name }: { booking: Booking; name: string }) {
  const { number, state, ended } = booking;
  const isEarly = drawnNow() < new Date(booking.from).getTime();
  const isOpen = ended !== null && drawnNow() < new Date(ended).getTime() + CLAIM_WINDOW_MS;
  return (
    <>
      {state === "ending" && isOpen && (
        <>
          <p class="small soft">{t("booking.contestText")}</p>
          <Deed label={t("booking.contest")} name={name} prepare={() => contesting(number)} question={(fee) => t("booking.contestSure", { fee })} onDone={renew} />
        </>
      )}
      {state === "booked" && (isEarly || !booking.lock) && (
        <Deed label={t("booking.cancel")} name={name} prepare={() => cancelling(number)} question={(fee) => t("booking.cancelSure", { fee })} onDone={renew} />
      )}
    </>
  );
}

function Refused({ number }: { number: number }) {
  return (
    <>
      {waiting.value
        .filter((one) => one.booking === number && one.why !== null)
        .map((one) => (
          <Notice icon="failed" title={t("booking.refused")} isFailed key={one.at}>
            <p>{one.why}</p>
            <div class="actions">
              <button type="button" class="button" onClick={() => void tryAgain(one)}>
                {t("error.retry")}
              </button>
              <button type="button" class="button" onClick={() => void dropWaiting(one)}>
                {t("booking.dismiss")}
              </button>
            </div>
          </Notice>
        ))}
    </>
  );
}

function stateWord({ state, outcome }: Booking): [StateName, string] {
  if (state === "settled") return ["final", t(`booking.outcome.${outcome ?? "returned"}`)];
  return [state === "booked" ? "final" : "pending", t(`booking.state.${state}`)];
}

// ---- the page

function Shown({ carried, hasKey }: { carried: Carried; hasKey: boolean }) {
  useHeadingFocus();
  const { booking, asset } = carried;
  useSubject(asset.title);
  const now = useSignal<Check>({ is: "checking" });
  const [isRenters, isOwners] = [booking.renter === address.value, booking.owner === address.value];
  const use = useOf(carried, hasKey);
  const name = t("booking.named", { title: asset.title });
  const { number, owner, renter, renter_key, from, until, rent, deposit, state, bill, refund } = booking;
  const [word, said] = stateWord(booking);
  const isLocked = isRenters && booking.lock !== null && state !== "settled";
  return (
    <>
      <header class="thing-head">
        <Art category={asset.category} />
        <div>
          <h1 tabIndex={-1}>{asset.title}</h1>
          <p>{rangeText(from, until)}</p>
          <p class="small thing-states">
            <State name={word} word={said} />
            <VerdictChip now={now.value} />
          </p>
        </div>
      </header>
      <div class="two">
        <div>
          <Refused number={number} />
          {isLocked && use !== "locked-out" && <LockPanel carried={carried} use={use} onDone={renew} key={number} />}
          {isRenters && use === "locked-out" && (
            <Notice icon="failed" title={t("booking.elsewhere")}>
              <p class="soft">{t("booking.elsewhereText")}</p>
            </Notice>
          )}
          {isRenters && <RenterDeeds carried={carried} use={use} name={name} />}
          {isOwners && <OwnerDeeds booking={booking} name={name} />}
          <h2>{t("booking.timeline")}</h2>
          <Timeline booking={booking} />
          <p class="small soft">
            {t(isOwners ? "booking.renter" : "thing.owner")}{" "}
            <Person address={isOwners ? renter : owner} what={t(isOwners ? "booking.renter" : "thing.owner")} />
          </p>
          <p>
            <a href={linkTo(["thing", String(asset.number)])}>{t("booking.thing")}</a>
          </p>
        </div>
        <ProofPanel
          item={{
            id: `booking-${number}-${booking.tx}`,
            proof: booking.proof,
            shown: { booking: { number, asset: asset.number, owner, renter, renter_key, from, until, rent, deposit, state, bill, refund } },
            hashes: [["booking.key", renter_key], ...(booking.lock ? ([["booking.lock", booking.lock]] as [string, string][]) : [])],
          }}
          now={now}
          key={booking.tx}
        />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const number = route.value.path[1] ?? "";
  useEffect(() => void Promise.all([findWallet(), findWaiting()]).then(sendWaiting), []);
  useSignalEffect(() => {
    const [page, wanted = ""] = route.value.path;
    if (page === "booking" && loaded.peek()?.number !== wanted) void load(wanted);
  });
  const { carried, hasKey, error } =
    loaded.value?.number === number ? loaded.value : { carried: null, hasKey: false, error: null };
  const isMissing = error instanceof ApiError && error.status === 404;
  return (
    <>
      <a class="back small" href={linkTo(["mine"])}>
        <Icon name="back" />
        {t("mine.title")}
      </a>
      {carried && <Shown carried={carried} hasKey={hasKey} key={number} />}
      {!carried && <h1 tabIndex={-1} class={error ? "" : "waiting-head"}>{t(error ? "booking.one" : "home.loading")}</h1>}
      {!carried && isMissing && (
        <Notice icon="search" title={t("booking.missing")}>
          <p class="soft">{t("missing.text")}</p>
        </Notice>
      )}
      {error !== null && !carried && !isMissing && <Failure error={error} onRetry={() => void load(number)} />}
    </>
  );
}
