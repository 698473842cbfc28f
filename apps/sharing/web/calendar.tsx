// SPDX-License-Identifier: Apache-2.0
// When a thing is taken: a month of days, or a week of hours. What is taken is drawn and said; a
// booking of the owner's leads to its page.
import "./calendar.css";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { chainNow } from "../../../web/shell/clock";
import { Failure } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { linkTo } from "../../../web/shell/route";
import { type Slot, calendarOf } from "./api";
import { addDays, dayName, dayOf, monthName, rangeText, startOfDay, weekday } from "./when";

type View = "month" | "week";
const WEEK = 7;

// Weeks begin on Mondays.
const startOfWeek = (day: Date): Date => addDays(startOfDay(day), -((day.getDay() + 6) % WEEK));

function spanOf(view: View, at: Date): [Date, number] {
  if (view === "week") return [startOfWeek(at), WEEK];
  const first = startOfWeek(new Date(at.getFullYear(), at.getMonth(), 1));
  const last = new Date(at.getFullYear(), at.getMonth() + 1, 0);
  const days = Math.round((startOfDay(last).getTime() - first.getTime()) / 86_400_000) + 1;
  return [first, Math.ceil(days / WEEK) * WEEK];
}

interface Part {
  slot: Slot;
  from: number; // of the day, 0 to 1
  until: number;
}
export function partsOf(day: Date, slots: Slot[]): Part[] {
  const [begin, end] = [startOfDay(day).getTime(), addDays(startOfDay(day), 1).getTime()];
  return slots.flatMap((slot) => {
    const from = Math.max(begin, new Date(slot.from).getTime());
    const until = Math.min(end, new Date(slot.until).getTime());
    if (from >= until) return [];
    return [{ slot, from: (from - begin) / (end - begin), until: (until - begin) / (end - begin) }];
  });
}

// Of days that are over nobody wants to know whether they are free.
const saidOf = (day: string, today: string, share: number): string =>
  t(share > 0.99 ? "calendar.taken" : share > 0 ? "calendar.partly" : day < today ? "calendar.over" : "calendar.free");

function Bar({ parts }: { parts: Part[] }) {
  return (
    <svg class="day-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
      {parts.map(({ slot, from, until }) => (
        <rect key={slot.from} class={slot.booking === null ? "kept" : "booked"} x={from * 100} width={Math.max(1, (until - from) * 100)} y="0" height="4" />
      ))}
    </svg>
  );
}

function Month({ days, month, slots }: { days: Date[]; month: number; slots: Slot[] }) {
  const today = dayOf(new Date(chainNow()));
  return (
    <ol class="month">
      {days.slice(0, WEEK).map((day) => (
        <li class="month-head small soft" aria-hidden="true" key={day.getDay()}>
          {weekday(day)}
        </li>
      ))}
      {days.map((day) => {
        const parts = partsOf(day, slots);
        const share = parts.reduce((sum, { from, until }) => sum + until - from, 0);
        const said = saidOf(dayOf(day), today, share);
        const isMarked = { "is-other": day.getMonth() !== month, "is-today": dayOf(day) === today, "is-over": dayOf(day) < today };
        const classes = ["month-day", ...Object.entries(isMarked).flatMap(([name, is]) => (is ? [name] : []))];
        return (
          <li class={classes.join(" ")} key={dayOf(day)}>
            <span aria-hidden="true">{day.getDate()}</span>
            <span class="unseen">{t("calendar.day", { day: dayName(day), said })}</span>
            <Bar parts={parts} />
          </li>
        );
      })}
    </ol>
  );
}

function Week({ days, slots, isOwners }: { days: Date[]; slots: Slot[]; isOwners: boolean }) {
  const today = dayOf(new Date(chainNow()));
  return (
    <ol class="week">
      {days.map((day) => {
        const parts = partsOf(day, slots);
        return (
          <li key={dayOf(day)}>
            <span class="week-day small">{dayName(day)}</span>
            <Bar parts={parts} />
            {parts.length === 0 ? (
              <span class="small soft">{saidOf(dayOf(day), today, 0)}</span>
            ) : (
              <ul class="small">
                {parts.map(({ slot }) => (
                  <li key={slot.from}>
                    {isOwners && slot.booking !== null ? (
                      <a href={linkTo(["booking", String(slot.booking)])}>{rangeText(slot.from, slot.until)}</a>
                    ) : (
                      <span>{rangeText(slot.from, slot.until)}</span>
                    )}{" "}
                    <span class="soft">{t(slot.booking === null ? "calendar.kept" : "calendar.booked")}</span>
                  </li>
                ))}
              </ul>
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface CalendarProps {
  asset: number;
  isOwners?: boolean;
  version: unknown; // asked for again when it changes
  start?: Date;
}
export function Calendar({ asset, isOwners = false, version, start }: CalendarProps) {
  const view = useSignal<View>("month");
  const at = useSignal(start ?? new Date(chainNow()));
  const slots = useSignal<Slot[]>([]);
  const error = useSignal<unknown>(null);
  const [first, count] = spanOf(view.value, at.value);
  const load = async (): Promise<void> => {
    try {
      slots.value = await calendarOf(asset, first, addDays(first, count));
      error.value = null;
    } catch (reason) {
      error.value = reason;
    }
  };
  useEffect(() => void load(), [asset, view.value, first.getTime(), version]);
  const days = Array.from({ length: count }, (_, i) => addDays(first, i));
  const move = (by: number): void => {
    const { value } = at;
    at.value = view.value === "week" ? addDays(value, by * WEEK) : new Date(value.getFullYear(), value.getMonth() + by, 1);
  };
  return (
    <section class="calendar">
      <div class="calendar-head">
        <button type="button" class="tool" aria-label={t("calendar.before")} onClick={() => move(-1)}>
          <Icon name="back" />
        </button>
        <strong aria-live="polite">{view.value === "month" ? monthName(at.value) : dayName(first)}</strong>
        <button type="button" class="tool" aria-label={t("calendar.after")} onClick={() => move(1)}>
          <Icon name="next" />
        </button>
        <button type="button" class="button" onClick={() => (view.value = view.value === "month" ? "week" : "month")}>
          {t(view.value === "month" ? "calendar.week" : "calendar.month")}
        </button>
      </div>
      {error.value !== null && <Failure error={error.value} onRetry={() => void load()} />}
      {view.value === "month" ? (
        <Month days={days} month={at.value.getMonth()} slots={slots.value} />
      ) : (
        <Week days={days} slots={slots.value} isOwners={isOwners} />
      )}
      <p class="small soft legend">
        <span class="swatch booked" /> {t("calendar.booked")} <span class="swatch kept" /> {t("calendar.kept")}
      </p>
    </section>
  );
}
