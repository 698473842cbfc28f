// SPDX-License-Identifier: Apache-2.0
// Turns an event's summary into the few words that lists and headings show.
import { hasText, t } from "../../../web/lib/i18n";
import type { Identity, Summary, Thing } from "./epcis";

// A vocabulary word in the reader's language; one of the sender's own as it came, made readable.
export function wordOf(group: string, word: string): string {
  const key = `${group}.${word}`;
  if (hasText(key)) return t(key);
  const plain = word.replace(/^.*[/#:](?=[^/#:]+$)/, "").replace(/_/g, " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}

// "Shipped": what happened, in one or two words.
export function headingOf(summary: Summary): string {
  if (summary.step) return wordOf("step", summary.step);
  const key = `did.${summary.type}.${summary.action}`;
  return t(hasText(key) ? key : `did.${summary.type}`);
}

export const kindOf = (id: Identity): string => t(`kind.${id.kind}`);

function thingText(thing: Thing): string {
  const name = thing.kind === "other" ? thing.short : `${kindOf(thing)} ${thing.short}`;
  return thing.amount ? t("what.amount", { amount: thing.amount, name }) : name;
}

// "Item 4012345.011111.9876 and 11 more"
export function whatOf(summary: Summary): string {
  const main = summary.groups.find((group) => group.role !== "inputs") ?? summary.groups[0];
  const first = main?.items[0];
  if (!first) return summary.readings.length > 0 ? t("what.readings", { n: summary.readings.length }) : "";
  const more = summary.count - (main.role === "parent" ? 0 : 1);
  if (main.role === "parent") return more > 0 ? t("what.holds", { what: thingText(first), n: more }) : thingText(first);
  return more > 0 ? t("what.more", { what: thingText(first), n: more }) : thingText(first);
}

export function whereOf(place: Identity | null): string {
  return place ? place.short : t("where.none");
}
