// SPDX-License-Identifier: Apache-2.0
// Who is here: a household whose meter is to count, or the operator of a zone who vouches for meters.
// What they decide: the household which meter is theirs; the operator whether it is one, and how much it
// can measure in a quarter of an hour.
// Visible at 360×640 unscrolled: one's own meters with how they stand; for an operator without any, those
// that wait for approval.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { shortAddress } from "../../../web/lib/address";
import { bytesOfHex } from "../../../web/lib/bytes";
import { t } from "../../../web/lib/i18n";
import { Failure, State, messageOfCode } from "../../../web/shell/components";
import { Ident } from "../../../web/shell/ident";
import { Person } from "../../../web/shell/people";
import { address } from "../../../web/wallet/keys";
import { type Sent, type Wish, transact } from "../../../web/wallet/send";
import { DIRECTIONS, type Direction, type Meter, type Zone, approving, client, kwhOf, signingIn, whOf } from "./api";
import { ownOf } from "./own";
import { kwhText, quarterText } from "./shown";
import "./meters.css";

const SHOWN = 100;
interface Read {
  of: string;
  zones: Zone[];
  own: Meter[];
  vouched: Meter[]; // of the zones that one runs: those that wait first
}

const metersOf = async (query: string): Promise<Meter[]> =>
  (await client.page<Meter>(`/v1/meters?${query}&perPage=${SHOWN}`)).items;

const mine = ownOf<Read>(
  async (of) => {
    const [zones, own] = await Promise.all([client.page<Zone>("/v1/zones?perPage=100"), metersOf(`account=${of}`)]);
    const run = zones.items.filter(({ operator }) => operator === of);
    const lists = await Promise.all(run.map(({ zone }) => metersOf(`zone=${zone}`)));
    const vouched = lists.flat().filter(({ is_retired }) => !is_retired);
    vouched.sort((a, b) => Number(a.most_wh > 0) - Number(b.most_wh > 0));
    const inOrder = [...zones.items].sort((a, b) => a.zone - b.zone); // as on the market's page
    return { of, zones: inOrder, own, vouched };
  },
  ["meter", "approved", "reading", "zone", "reset"],
);

const zoneName = (number: number): string => mine.value()?.zones.find(({ zone }) => zone === number)?.name ?? `${number}`;

// One thing that is sent, and what becomes of it.
function useSending() {
  const isSending = useSignal(false);
  const fault = useSignal<unknown>(null);
  const sent = useSignal<Sent | null>(null);
  const send = async (wish: Wish): Promise<boolean> => {
    isSending.value = true;
    [fault.value, sent.value] = [null, null];
    try {
      const accepted = await transact(wish);
      sent.value = accepted.sent;
      sent.value = await accepted.end;
      await mine.load();
    } catch (reason) {
      fault.value = reason;
    } finally {
      isSending.value = false;
    }
    return sent.value?.state === "final";
  };
  const shown = (
    <>
      {sent.value?.state === "failed" && <p class="is-failed" role="alert">{messageOfCode(sent.value.code, sent.value.message)}</p>}
      {fault.value !== null && <Failure error={fault.value} />}
    </>
  );
  return { isSending, send, shown };
}

const nameOf = ({ zone, direction }: Pick<Meter, "zone" | "direction">): string => t(`meters.${direction}`, { zone: zoneName(zone) });

// By its key people tell two meters apart that stand for the same: to be looked up, not to be read.
function Named({ meter, children }: { meter: Meter; children: ComponentChildren }) {
  return (
    <>
      <strong>{nameOf(meter)}</strong>
      {children}
      <details class="details">
        <summary>{t("meters.proof")}</summary>
        <p class="small">
          <span class="soft">{t("meters.key")}</span> <Ident whole={meter.key} what={t("meters.key")} />
        </p>
      </details>
    </>
  );
}

function standing({ is_retired, most_wh }: Meter): string {
  if (is_retired) return t("meters.retired");
  return most_wh > 0 ? t("meters.approved", { kwh: kwhText(most_wh) }) : t("meters.waits");
}

function Own({ meter }: { meter: Meter }) {
  const counts = !meter.is_retired && meter.most_wh > 0;
  return (
    <li class="meter">
      <Named meter={meter}>
        <State name={counts ? "final" : meter.is_retired ? "failed" : "pending"} word={standing(meter)} />
        {meter.sequence > 0 && (
          <span class="small soft">{t("meters.last", { time: quarterText(meter.slot) })}</span>
        )}
      </Named>
    </li>
  );
}

function Vouched({ meter }: { meter: Meter }) {
  const { isSending, send, shown } = useSending();
  const text = useSignal(meter.most_wh > 0 ? kwhOf(meter.most_wh) : "5");
  const wasTried = useSignal(false);
  const wh = whOf(text.value);
  const name = t("meters.approving", { meter: nameOf(meter), kwh: text.value });
  const approve = (event: Event): void => {
    event.preventDefault();
    wasTried.value = true;
    if (wh !== null && !isSending.value) void send(approving(bytesOfHex(meter.key), wh, name));
  };
  const withdraw = (): void =>
    void send(approving(bytesOfHex(meter.key), 0, t("meters.withdrawing", { meter: nameOf(meter) })));
  return (
    <li class="meter">
      <Named meter={meter}>
        <span class="small soft">
          {t("meters.owner")} <Person address={meter.account} what={t("meters.owner")} />
        </span>
        <State name={meter.most_wh > 0 ? "final" : "pending"} word={standing(meter)} />
      </Named>
      <form class="ceiling" noValidate onSubmit={approve}>
        <label class="field">
          {t("meters.ceiling")}
          <input
            class="input"
            inputMode="decimal"
            autoComplete="off"
            value={text.value}
            onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          />
        </label>
        <button class="button" disabled={isSending.value}>
          {t(isSending.value ? "form.sending" : meter.most_wh > 0 ? "meters.change" : "meters.approve")}
        </button>
        {meter.most_wh > 0 && (
          <button type="button" class="button" disabled={isSending.value} onClick={withdraw}>
            {t("meters.withdraw")}
          </button>
        )}
      </form>
      {wasTried.value && wh === null && (
        <p class="is-failed" role="alert">
          {t("form.wrongKwh")}
        </p>
      )}
      {shown}
    </li>
  );
}

const isHex = (text: string, bytes: number): boolean => new RegExp(`^[0-9a-f]{${2 * bytes}}$`).test(text);

function HexField({ name, text }: { name: string; text: { value: string } }) {
  return (
    <label class="field">
      {t(name)}
      <input
        class="input"
        autoComplete="off"
        spellcheck={false}
        value={text.value}
        onInput={({ currentTarget }) => (text.value = currentTarget.value.trim().toLowerCase())}
      />
    </label>
  );
}

function SignInForm({ zones }: { zones: Zone[] }) {
  const { isSending, send, shown } = useSending();
  const zone = useSignal(zones[0]!.zone);
  const direction = useSignal<Direction>("export");
  const [key, signature] = [useSignal(""), useSignal("")];
  const wasTried = useSignal(false);
  const isWhole = isHex(key.value, 32) && isHex(signature.value, 64);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    if (!isWhole || isSending.value) return;
    const given = { key: bytesOfHex(key.value), signature: bytesOfHex(signature.value) };
    const name = t("meters.signingIn", { meter: nameOf({ zone: zone.value, direction: direction.value }) });
    if (!(await send(signingIn({ zone: zone.value, direction: direction.value, ...given }, name)))) return;
    [key.value, signature.value, wasTried.value] = ["", "", false];
  };
  return (
    <form class="sign-in" noValidate onSubmit={(event) => void submit(event)}>
      <label class="field">
        {t("place.zone")}
        <select class="input" value={zone.value} onChange={({ currentTarget }) => (zone.value = Number(currentTarget.value))}>
          {zones.map(({ zone: number, name }) => (
            <option value={number} key={number}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        {t("meters.direction")}
        <select
          class="input"
          value={direction.value}
          onChange={({ currentTarget }) => (direction.value = DIRECTIONS.find((one) => one === currentTarget.value) ?? "export")}
        >
          {DIRECTIONS.map((one) => (
            <option value={one} key={one}>
              {t(`meters.is.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <p class="small soft">
        {t("meters.tell")} <Ident whole={address.value} short={shortAddress(address.value)} what={t("meters.owner")} />
      </p>
      <HexField name="meters.key" text={key} />
      <HexField name="meters.signature" text={signature} />
      {wasTried.value && !isWhole && (
        <p class="is-failed" role="alert">
          {t("meters.wrong")}
        </p>
      )}
      {shown}
      <div class="actions">
        <button class="button main-action" disabled={isSending.value}>
          {t(isSending.value ? "form.sending" : "meters.signIn")}
        </button>
      </div>
    </form>
  );
}

function Lists({ own, vouched, zones, of }: Read) {
  const isOperator = zones.some(({ operator }) => operator === of);
  return (
    <div class="two halves">
      <section>
        <h2>{t("meters.own")}</h2>
        {own.length === 0 && <p class="soft">{t("meters.none")}</p>}
        <ul class="rows">
          {own.map((meter) => (
            <Own meter={meter} key={meter.key} />
          ))}
        </ul>
        {zones.length > 0 && (
          <details class="details">
            <summary>{t("meters.signInTitle")}</summary>
            <SignInForm zones={zones} />
          </details>
        )}
      </section>
      {isOperator && (
        <section>
          <h2>{t("meters.vouched")}</h2>
          {vouched.length === 0 && <p class="soft">{t("meters.noneVouched")}</p>}
          <ul class="rows">
            {vouched.map((meter) => (
              <Vouched meter={meter} key={`${meter.key}-${meter.most_wh}`} />
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

export function Page() {
  return (
    <mine.Frame title={t("meters.title")} noWallet={t("meters.noWallet")}>
      {(read) => <Lists {...read} />}
    </mine.Frame>
  );
}
