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
  addEventListener("hashchange", () => {
    const from = route.value.path.join("/");
    route.value = read();
    if (route.value.path.join("/") === from) return;
    hasMoved = true;
    subject.value = "";
    scrollTo(0, 0);
  });
}
