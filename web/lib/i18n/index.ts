// SPDX-License-Identifier: Apache-2.0
// Texts come from catalogues: English is part of the page, others are loaded when chosen. A text may
// hold {name}s; one with "|" has a form for one and a form for other numbers, picked by {n}.
import { computed, signal } from "@preact/signals";
import { shellTexts } from "./shell.en";

export type Catalogue = Record<string, string>;
export type Params = Record<string, string | number>;

export const LOCALES = { en: "English", zh: "中文" } as const;
export type Locale = keyof typeof LOCALES;

const KEPT = "lmm-locale";
let base: Catalogue = shellTexts;
let chosen: Catalogue = {};
const texts = signal<Catalogue>(base);
export const locale = signal<Locale>("en");

// Format of numbers and times: the browser's own variant of the language where it has one.
export const formatLocale = computed(() => {
  const own = navigator.languages.find((tag) => tag.startsWith(locale.value));
  return own ?? (locale.value === "zh" ? "zh-CN" : "en-GB");
});

export async function chooseLocale(next: Locale): Promise<void> {
  const loaded = next === "en" ? null : await loadBeside<{ catalogue: Catalogue }>(`./${next}.js`);
  chosen = loaded?.catalogue ?? {};
  texts.value = { ...base, ...chosen };
  locale.value = next;
  document.documentElement.lang = next === "zh" ? "zh-Hans" : next;
  localStorage.setItem(KEPT, next);
}

// English texts of a page that loads later. Other catalogues are whole.
export function addTexts(more: Catalogue): void {
  base = { ...base, ...more };
  texts.value = { ...base, ...chosen };
}

// Before the first render. `market`: the English texts of the market's own pages.
export async function startTexts(market: Catalogue): Promise<void> {
  addTexts(market);
  const kept = localStorage.getItem(KEPT);
  const wanted = kept ?? navigator.languages.map((tag) => tag.slice(0, 2)).find((tag) => tag in LOCALES);
  if (wanted === "zh") await chooseLocale("zh").catch(() => undefined);
}

// A script that lies beside the page's own, loaded when it is needed.
export function loadBeside<Module>(name: string): Promise<Module> {
  return import(new URL(name, import.meta.url).href) as Promise<Module>;
}

export const hasText = (key: string): boolean => key in texts.value;

export function t(key: string, params: Params = {}): string {
  const forms = (texts.value[key] ?? key).split("|");
  const form = forms.length > 1 && params["n"] !== 1 ? forms[1]! : forms[0]!;
  return form.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    return typeof value === "number" ? value.toLocaleString(formatLocale.value) : (value ?? "");
  });
}
