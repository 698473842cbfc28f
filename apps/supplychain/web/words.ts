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

// What a sensor measured: a standard's word, or the sender's own, taken apart at its capitals.
export const measureOf = (type: string): string =>
  wordOf("measure", hasText(`measure.${type}`) ? type : type.replace(/([a-z])([A-Z])/g, "$1 $2"));

// "Shipped": what happened, in one or two words.
export function headingOf(summary: Summary): string {
  if (summary.step) return wordOf("step", summary.step);
  const key = `did.${summary.type}.${summary.action}`;
  return t(hasText(key) ? key : `did.${summary.type}`);
}

export const kindOf = (id: Identity): string => t(`kind.${id.kind}`);

// A text and where an identifier stands in it, whose end is what tells it from others.
export interface Naming {
  before: string;
  id: string;
  after: string;
}
const plain = (text: string): Naming => ({ before: text, id: "", after: "" });
export const textOf = ({ before, id, after }: Naming): string => before + id + after;

// The amount and the kind, around a name that is not to be translated.
function thingText(thing: Thing, name: string): string {
  const named = thing.kind === "other" ? name : `${kindOf(thing)} ${name}`;
  return thing.amount ? t("what.amount", { amount: thing.amount, name: named }) : named;
}

// "Item 4012345.011111.9876 and 11 more"
export function whatOf(summary: Summary): Naming {
  const main = summary.groups.find((group) => group.role !== "inputs") ?? summary.groups[0];
  const first = main?.items[0];
  if (!first) return plain(summary.readingCount > 0 ? t("what.readings", { n: summary.readingCount }) : "");
  const mark = "\uE000"; // of private use: in no text of ours
  const what = thingText(first, mark);
  const isParent = main.role === "parent";
  const more = summary.count - (isParent ? 0 : 1);
  const whole = more > 0 ? t(isParent ? "what.holds" : "what.more", { what, n: more }) : what;
  const at = whole.lastIndexOf(mark);
  return { before: whole.slice(0, at), id: first.short, after: whole.slice(at + 1) };
}

export function whereOf(place: Identity | null): Naming {
  return place ? { before: "", id: place.short, after: "" } : plain(t("where.none"));
}
