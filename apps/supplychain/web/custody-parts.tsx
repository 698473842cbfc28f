// SPDX-License-Identifier: Apache-2.0
// What the inbox and a shipment's page share: accounts, conditions, and a deed's button with its end.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../../../web/lib/i18n";
import { Failure, Ident, Notice, State } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { type Actor, type Condition, type Deed, actor, actors, chosen, me, measuredOf, perform } from "./custody-data";
import { measureOf } from "./words";

export const shortOf = (address: string): string => `${address.slice(0, 8)}…${address.slice(-6)}`;

export function Account({ address }: { address: string }) {
  return (
    <span class="account">
      {address === me.value && <strong>{t("custody.you")}</strong>}
      <Ident whole={address} short={shortOf(address)} what={t("custody.account")} />
    </span>
  );
}

export function boundsOf({ min_milli, max_milli, uom }: Condition): string {
  const least = min_milli === null ? "" : measuredOf(min_milli, uom);
  const most = max_milli === null ? "" : measuredOf(max_milli, uom);
  if (!most) return t("custody.noLess", { least });
  return least ? t("custody.between", { least, most }) : t("custody.noMore", { most });
}

// "Out" is for good here: what was too warm once is told, whatever it is now.
const wasOut = ({ worst, min_milli, max_milli }: Condition): boolean =>
  worst !== null &&
  ((max_milli !== null && worst.value_milli > max_milli) || (min_milli !== null && worst.value_milli < min_milli));

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
  if (actors.value.length === 0)
    return (
      <Notice icon="wallet" title={t("custody.noActor")}>
        <div class="actions">
          <a class="button main-action" href="#/wallet">
            {t("custody.toWallet")}
          </a>
        </div>
      </Notice>
    );
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
  const run = async (deed: Deed): Promise<void> => {
    if (isBusy.value) return;
    isBusy.value = true;
    error.value = null;
    try {
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
  return { isBusy, run, outcome };
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
