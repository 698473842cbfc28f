// SPDX-License-Identifier: Apache-2.0
// Hash routes: "#/event/5-0-1" is {path: ["event", "5-0-1"]}, "#/?epc=x" has {query}.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Route {
  path: string[];
  query: URLSearchParams;
}

function read(): Route {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split(/\?(.*)/s);
  const parts = path.split("/").filter((part) => part !== "");
  return { path: parts.map(decoded), query: new URLSearchParams(query) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const route = signal<Route>(read());

export function linkTo(path: string[], query?: URLSearchParams): string {
  const search = query?.toString();
  return `#/${path.map(encodeURIComponent).join("/")}${search ? `?${search}` : ""}`;
}

export function goTo(path: string[], query?: URLSearchParams): void {
  location.hash = linkTo(path, query);
}

// What the page is about, where it says more than its own name: for the window's title.
export const subject = signal("");
export function useSubject(text: string): void {
  useEffect(() => void (subject.value = text), [text]);
}

// --- where the keyboard and the eye go on ---

// How a page was left, by its entry in the browser's history.
interface Left {
  link: string | null; // that was followed
  top: number; // where it stood in the window, or else the whole page
}
const lefts = new Map<number, Left>();
let entry = 0;

function leave(): void {
  const link = document.activeElement?.closest("main a");
  const { top } = (link ?? document.body).getBoundingClientRect();
  lefts.set(entry, { link: link?.getAttribute("href") ?? null, top });
}

// How the page was left that is come back to; undefined: it is a new one.
function arrive(): Left | undefined {
  const isKnown = typeof history.state === "number";
  entry = isKnown ? history.state : Math.random();
  if (!isKnown) history.replaceState(entry, "");
  return lefts.get(entry);
}

const PATIENCE_MS = 4000; // a page comes in parts
let stopWaiting = (): void => undefined;
// While it comes, what was looked at is kept where it stood, and the keyboard goes on from the link that
// was followed; unless the person was faster.
function comeBack({ link, top }: Left): void {
  const look = (): void => {
    const at = link ? document.querySelector<HTMLElement>(`main a[href="${CSS.escape(link)}"]`) : document.body;
    if (!at) return;
    if (link) at.focus({ preventScroll: true });
    scrollBy(0, at.getBoundingClientRect().top - top);
  };
  const observer = new MutationObserver(look);
  const own = new AbortController();
  stopWaiting = () => (observer.disconnect(), own.abort());
  observer.observe(document.body, { childList: true, subtree: true });
  for (const act of ["keydown", "pointerdown", "wheel"]) addEventListener(act, stopWaiting, { signal: own.signal });
  setTimeout(stopWaiting, PATIENCE_MS);
}

// For each page, and for what takes its place once loaded: a reader hears the new page's heading, and
// the keyboard goes on from there. Not on the first page, nor away from where a person already is.
let hasMoved = false;
export function useHeadingFocus(): void {
  useEffect(() => {
    const at = document.activeElement;
    const isFree = at === null || at === document.body || at.tagName === "H1" || !at.closest("main");
    if (hasMoved && isFree) document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
  }, []);
}

export function startRoutes(): void {
  history.scrollRestoration = "manual";
  arrive();
  addEventListener("hashchange", () => {
    const from = route.value.path.join("/");
    stopWaiting();
    leave();
    const left = arrive();
    route.value = read();
    if (route.value.path.join("/") === from) return;
    hasMoved = true;
    subject.value = "";
    scrollTo(0, 0);
    if (left) comeBack(left);
  });
}
