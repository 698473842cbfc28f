// SPDX-License-Identifier: Apache-2.0
// Times that an owner keeps a thing to themselves, and gives free again.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { chainNow } from "../../../web/shell/clock";
import { MINUTE_MS, type Slot, calendarOf } from "./api";
import { blocking, unblocking } from "./calls";
import { Deed } from "./deed";
import { addDays, localOf, minuteOf, rangeText } from "./when";

const AHEAD_DAYS = 366;

export function Keep({ asset, onDone }: { asset: number; onDone: () => Promise<void> }) {
  const start = minuteOf(chainNow() + 60 * MINUTE_MS);
  const from = useSignal(localOf(start));
  const until = useSignal(localOf(new Date(start.getTime() + 24 * 60 * MINUTE_MS)));
  const kept = useSignal<Slot[]>([]);
  const look = async (): Promise<void> => {
    const now = new Date(chainNow());
    kept.value = (await calendarOf(asset, now, addDays(now, AHEAD_DAYS))).filter(({ booking }) => booking === null);
  };
  useEffect(() => void look().catch(() => undefined), [asset]);
  const done = async (): Promise<void> => {
    await onDone();
    await look();
  };
  return (
    <details class="details">
      <summary>{t("keep.title")}</summary>
      <div class="both">
        <label class="field">
          {t("book.from")}
          <input type="datetime-local" class="input" value={from.value} onChange={(event) => (from.value = event.currentTarget.value)} />
        </label>
        <label class="field">
          {t("book.until")}
          <input type="datetime-local" class="input" value={until.value} onChange={(event) => (until.value = event.currentTarget.value)} />
        </label>
      </div>
      <Deed
        label={t("keep.do")}
        name={t("keep.title")}
        isDisabled={!from.value || !until.value}
        prepare={() => blocking(asset, new Date(from.value), new Date(until.value))}
        onDone={done}
      />
      <ul class="stack">
        {kept.value.map((slot) => (
          <li key={slot.until}>
            {rangeText(slot.from, slot.until)}
            <Deed label={t("keep.free")} name={t("keep.free")} prepare={() => unblocking(asset, new Date(slot.until))} onDone={done} />
          </li>
        ))}
      </ul>
    </details>
  );
}
