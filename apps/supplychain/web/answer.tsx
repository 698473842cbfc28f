// SPDX-License-Identifier: Apache-2.0
// What is answered to an offer: the goods are accepted, after a question when they were out of bounds,
// or refused with a reason.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { client } from "./api";
import { type Deed, type HandOver, type Shipment, accepting, refusing } from "./custody-data";
import { Paid, useDeed, wasOut } from "./custody-parts";
import { boundsOf, measuredOf } from "./measures";
import { measureOf } from "./words";

interface Asking {
  shipment: Shipment; // as it is when the question is put
  isBusy: boolean;
  onYes: () => void;
  onNo: () => void;
}

function Question({ shipment, isBusy, onYes, onNo }: Asking) {
  const asked = useRef<HTMLParagraphElement>(null);
  const { alarms, journey_alarms, rules = [] } = shipment;
  const earlier = alarms - journey_alarms;
  // Away from the button: a key pressed once too often accepts nothing.
  useEffect(() => {
    asked.current?.focus();
    asked.current?.parentElement?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div class="sure">
      <p ref={asked} tabIndex={-1}>
        <strong>{t("custody.sure")}</strong>
      </p>
      {journey_alarms > 0 &&
        rules.filter(wasOut).map((rule) => (
          <p class="small is-failed">
            {measureOf(rule.property)}: {measuredOf(rule.worst!.value_milli, rule.uom)}, {boundsOf(rule)}
          </p>
        ))}
      {earlier > 0 && <p class="small is-failed">{t("custody.alarmsEarlier", { n: earlier })}</p>}
      <div class="actions">
        <button type="button" class="button" disabled={isBusy} onClick={onYes}>
          {t("custody.acceptStill")}
        </button>
        <button type="button" class="button main-action" disabled={isBusy} onClick={onNo}>
          {t("custody.back")}
        </button>
      </div>
    </div>
  );
}

function Refusal({ isBusy, onRefuse, onBack }: { isBusy: boolean; onRefuse: (reason: string) => void; onBack: () => void }) {
  const reason = useSignal("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (reason.value.trim()) onRefuse(reason.value.trim());
  };
  return (
    <form class="refuse" onSubmit={submit}>
      <label class="field">
        {t("custody.reason")}
        <input class="input" name="reason" ref={field} maxLength={280} required onInput={(event) => (reason.value = event.currentTarget.value)} />
      </label>
      <div class="actions">
        <button class="button main-action" disabled={isBusy}>
          {t("custody.refuseDo")}
        </button>
        <button type="button" class="button" disabled={isBusy} onClick={onBack}>
          {t("custody.back")}
        </button>
      </div>
    </form>
  );
}

export function Answer({ one, onDone }: { one: HandOver; onDone: () => void }) {
  const { isBusy, error, run, outcome } = useDeed(onDone);
  const seen = useSignal<Shipment | null>(null); // the question is put
  const isRefusing = useSignal(false);
  const box = useRef<HTMLDivElement>(null);
  const wasOpen = useRef(false);
  const isOpen = seen.value !== null || isRefusing.value;
  // Who goes back by keyboard is where they were.
  useEffect(() => {
    if (wasOpen.current && !isOpen) box.current?.querySelector("button")?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  // The alarms are those that are shown, not those that there were when the page was loaded.
  const accept = async (): Promise<Deed | null> => {
    const shipment = await client.get<Shipment>(`/v1/shipments/${one.shipment}`);
    if (shipment.alarms === 0) return accepting(one, 0);
    seen.value = shipment;
    return null;
  };
  const acceptStill = async (): Promise<void> => {
    if (!seen.value) return;
    await run(accepting(one, seen.value.journey_alarms));
    seen.value = null; // what failed is asked anew, as things stand then
  };
  const choice = seen.value ? (
    <Question shipment={seen.value} isBusy={isBusy.value} onYes={() => void acceptStill()} onNo={() => (seen.value = null)} />
  ) : isRefusing.value ? (
    <Refusal isBusy={isBusy.value} onRefuse={(reason) => void run(refusing(one, reason))} onBack={() => (isRefusing.value = false)} />
  ) : (
    <div class="actions">
      <button type="button" class="button main-action" disabled={isBusy.value} onClick={() => void run(accept)}>
        {t("custody.accept")}
      </button>
      <button type="button" class="button" disabled={isBusy.value} onClick={() => (isRefusing.value = true)}>
        {t("custody.refuse")}
      </button>
    </div>
  );
  return (
    <div class="answer" ref={box}>
      <Paid method="accept" error={error.value}>
        {choice}
      </Paid>
      {outcome}
    </div>
  );
}
