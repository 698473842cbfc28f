// SPDX-License-Identifier: Apache-2.0
// The supply chain's pages: search (home), capture, and one event with its proof.
import "../../../web/tokens.css";
import "../../../web/base.css";
import "./pages.css";
import "./proof.css";
import { signal } from "@preact/signals";
import { type FunctionComponent, render } from "preact";
import { useEffect } from "preact/hooks";
import { ApiError } from "../../../web/lib/api";
import { loadBeside, startTexts, t } from "../../../web/lib/i18n";
import { Failure } from "../../../web/shell/components";
import { startNews } from "../../../web/shell/news";
import { route, startRoutes } from "../../../web/shell/route";
import { type Page, Shell } from "../../../web/shell/shell";
import { chain, findChain } from "./api";
import { Home } from "./home";
import { texts } from "./texts.en";

const PAGES: Page[] = [
  { name: "", title: "nav.search", icon: "search" },
  { name: "capture", title: "nav.capture", icon: "capture" },
];

function Foot() {
  const info = chain.value;
  if (!info) return <p>&nbsp;</p>;
  const { name, witnesses, quorum } = info;
  return <p>{t("foot.chain", { name, witnesses, quorum })}</p>;
}

// The pages that load when they are first gone to, or when there is time.
const LATER = { capture: "./capture.js", event: "./event.js" } as const;
type Later = keyof typeof LATER;
const pages = signal<Partial<Record<Later, FunctionComponent>>>({});
const fault = signal<unknown>(null);

async function loadPage(name: Later): Promise<void> {
  try {
    const { Page } = await loadBeside<{ Page: FunctionComponent }>(LATER[name]);
    pages.value = { ...pages.value, [name]: Page };
    fault.value = null;
  } catch {
    fault.value = new ApiError(0, {});
  }
}

function Lazy({ name }: { name: Later }) {
  const Page = pages.value[name];
  useEffect(() => void (Page || loadPage(name)), [name]);
  if (Page) return <Page />;
  return fault.value ? <Failure error={fault.value} onRetry={() => void loadPage(name)} /> : null;
}

function App() {
  const name = route.value.path[0];
  const later = name === "capture" || name === "event" ? name : null;
  return (
    <Shell
      market={t("market.name")}
      pages={PAGES}
      current={later ?? ""}
      title={t(`${later ?? "home"}.title`)}
      foot={<Foot />}
    >
      {later ? <Lazy name={later} key={later} /> : <Home />}
    </Shell>
  );
}

await startTexts(texts);
startRoutes();
startNews();
void findChain().catch(() => undefined); // asked for again with the first proof
render(<App />, document.getElementById("app")!);
const whenIdle = globalThis.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 1000));
whenIdle(() => (Object.keys(LATER) as Later[]).forEach((name) => void (pages.value[name] ?? loadPage(name))));
