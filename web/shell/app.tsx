// SPDX-License-Identifier: Apache-2.0
// A market's pages in their frame. The first one stands in the entry; every other is a script of its
// own, NAME.js, whose `Page` is loaded with later.css and its own style sheet NAME.css, if it has one, when
// it is first gone to, or when there is time. The pages that every market has are listed here (KIT_PAGES);
// web/NAME/page.tsx is their source.
import { signal } from "@preact/signals";
import { type ComponentChildren, type FunctionComponent, render } from "preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../lib/api";
import { type Catalogue, loadBeside, startTexts, t } from "../lib/i18n";
import { Failure } from "./components";
import { startNews } from "./news";
import { route, startRoutes, useHeadingFocus } from "./route";
import { type Page, Shell } from "./shell";

export interface LaterPage extends Page {
  isUnlisted?: boolean; // not in the navigation
  hasStyle?: boolean;
}

// Their titles stand among the shell's texts, the others come with them (addTexts).
const KIT_PAGES: LaterPage[] = [
  { name: "docs", title: "docs.title", icon: "contract", hasStyle: true, isUnlisted: true },
  { name: "explorer", title: "explorer.title", icon: "explorer", hasStyle: true },
  { name: "firm", title: "firm.title", icon: "firm", hasStyle: true, isUnlisted: true },
  { name: "wallet", title: "wallet.title", icon: "wallet", hasStyle: true },
];

interface Market {
  texts: Catalogue; // of the entry, in English
  home: Page & { Page: FunctionComponent };
  news: string[]; // what its server tells on the live stream
  later: LaterPage[];
  Foot: () => ComponentChildren;
}

const pages = signal<Record<string, FunctionComponent>>({});
const fault = signal<unknown>(null);

const LATER = "later"; // what all pages that load later are laid out with
const styles = new Map<string, Promise<void>>();
function loadStyle(name: string): Promise<void> {
  const known = styles.get(name) ?? fetchStyle(name);
  styles.set(name, known);
  return known;
}
function fetchStyle(name: string): Promise<void> {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`./${name}.css`, import.meta.url).href;
  return new Promise((resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => (link.remove(), styles.delete(name), reject(new Error(name)));
    // In front: what a market and its pages say themselves goes before what all are laid out with.
    if (name === LATER) document.head.prepend(link);
    else document.head.append(link);
  });
}

const loading = new Set<string>();
async function loadPage({ name, hasStyle }: LaterPage): Promise<void> {
  if (name in pages.value || loading.has(name)) return;
  loading.add(name);
  try {
    const script = loadBeside<{ Page: FunctionComponent }>(`./${name}.js`);
    const [{ Page }] = await Promise.all([script, loadStyle(LATER), hasStyle ? loadStyle(name) : undefined]);
    pages.value = { ...pages.value, [name]: Page };
    fault.value = null;
  } catch {
    fault.value = new ApiError(0, {});
  } finally {
    loading.delete(name);
  }
}

function Later({ page }: { page: LaterPage }) {
  const Content = pages.value[page.name];
  useEffect(() => void loadPage(page), [page]);
  if (Content) return <Content />;
  return fault.value ? <Failure error={fault.value} onRetry={() => void loadPage(page)} /> : null;
}

function NoSuchPage() {
  useHeadingFocus();
  return (
    <div class="lead">
      <h1 tabIndex={-1}>{t("shell.noPage")}</h1>
      <a href="#/">{t("shell.home")}</a>
    </div>
  );
}

export async function startMarket({ texts, home, news, later, Foot }: Market): Promise<void> {
  const all = [...later, ...KIT_PAGES];
  function App() {
    const [name = ""] = route.value.path;
    // The firm's, for whom it is: who is there, or signed in (web/firm/session.ts).
    const isFirms = name === "firm" || sessionStorage.getItem("lmm-session") !== null;
    const listed = [home, ...all.filter((page) => !page.isUnlisted || (isFirms && page.name === "firm"))];
    const page = all.find((one) => one.name === name);
    const title = page?.title ?? (name ? "shell.noPage" : home.title);
    return (
      <Shell market={t("market.name")} pages={listed} current={name} title={t(title)} foot={<Foot />}>
        {page ? <Later page={page} key={name} /> : name ? <NoSuchPage /> : <home.Page />}
      </Shell>
    );
  }
  await startTexts(texts);
  startRoutes();
  startNews(news);
  render(<App />, document.getElementById("app")!);
  const whenIdle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1000));
  whenIdle(() => all.forEach((page) => void loadPage(page)));
}
