// SPDX-License-Identifier: Apache-2.0
// What the inbox and a shipment's page share: accounts, conditions, and a deed's button with its end.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../../../web/lib/i18n";
import { Failure, State } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { Ident } from "../../../web/shell/ident";
import { WithWallet } from "../../../web/wallet/with-wallet";
import { type Actor, type Condition, type Deed, actor, actors, chosen, lacksMoney, me, perform } from "./custody-data";
import { boundsOf, isOutside, measuredOf } from "./measures";
import { measureOf } from "./words";

export const shortOf = (address: string): string => `${address.slice(0, 8)}…${address.slice(-6)}`;

// A name is broken where it has parts.
export const Parted = ({ name }: { name: string }) => <>{name.split(/(?<=[./])/).map((part) => [part, <wbr />])}</>;

export function Account({ address }: { address: string }) {
  return (
    <span class="account">
      {address === me.value && <strong>{t("custody.you")}</strong>}
      <Ident whole={address} short={shortOf(address)} what={t("custody.account")} />
    </span>
  );
}

// "Out" is for good here: what was too warm once is told, whatever it is now.
export const wasOut = (one: Condition): boolean => one.worst !== null && isOutside(one.worst.value_milli, one);

export function Conditions({ items }: { items: Condition[] }) {
  if (items.length === 0) return <p class="small soft">{t("custody.noRules")}</p>;
  return (
    <ul class="conditions">
      {items.map((one) => (
        <li class={`condition${wasOut(one) ? " is-out" : one.last ? "" : " is-unknown"}`}>
          <strong>{measureOf(one.property)}</strong>
          {one.last ? (
            <State name={wasOut(one) ? "failed" : "final"} word={t(wasOut(one) ? "custody.out" : "custody.within")} />
          ) : (
            <span class="state">
              <Icon name="waiting" />
              {t("custody.noReadings")}
            </span>
          )}
          <span class="small soft">{boundsOf(one)}</span>
          {one.last && (
            <span class="small">{t("custody.last", { value: measuredOf(one.last.value_milli, one.uom) })}</span>
          )}
          {one.worst && (
            <span class="small">{t("custody.worst", { value: measuredOf(one.worst.value_milli, one.uom) })}</span>
          )}
        </li>
      ))}
    </ul>
  );
}

export function Actors() {
  if (actors.value.length === 0) return <WithWallet why={t("custody.noActor")}>{null}</WithWallet>;
  const account = <Ident whole={me.value} short={shortOf(me.value)} what={t("custody.account")} />;
  if (actors.value.length === 1)
    return (
      <p class="actors small">
        <span class="soft">{t("custody.actor")}</span> {t(`custody.actor.${actors.value[0]!}`)} {account}
      </p>
    );
  return (
    <fieldset class="actors">
      <legend class="small soft">{t("custody.actor")}</legend>
      {actors.value.map((one: Actor) => (
        <label class="check" key={one}>
          <input type="radio" name="actor" checked={actor.value === one} onChange={() => (chosen.value = one)} />
          {t(`custody.actor.${one}`)}
        </label>
      ))}
      {account}
    </fieldset>
  );
}

// A deed under way, and what became of it.
export function useDeed(onDone: () => void) {
  const isBusy = useSignal(false);
  const error = useSignal<unknown>(null);
  // One that has to be made first may turn out to be none yet.
  const run = async (wanted: Deed | (() => Promise<Deed | null>)): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
      const deed = typeof wanted === "function" ? await wanted() : wanted;
      if (!deed) return;
      await perform(deed);
      onDone();
    } catch (reason) {
      error.value = reason;
    } finally {
      isBusy.value = false;
    }
  };
  const outcome: ComponentChildren = (
    <div role="status">
      {isBusy.value && <State name="pending" />}
      {error.value !== null && <Failure error={error.value} />}
    </div>
  );
  return { isBusy, error, run, outcome };
}

// What a deed begins with, behind the tap that brings the wallet what it lacks.
export function Paid({ method, error, children }: { method: Deed["method"]; error: unknown; children: ComponentChildren }) {
  return lacksMoney(method, error) ? <WithWallet why="">{children}</WithWallet> : <>{children}</>;
}

export function AlarmMark({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span class="state is-failed">
      <Icon name="failed" />
      {t("custody.alarms", { n: count })}
    </span>
  );
}
