// SPDX-License-Identifier: Apache-2.0
// The frame around each market's pages: the top bar with the product's name, whether the page is
// live, language and theme; the pages' navigation, at the bottom on phones.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { LOCALES, chooseLocale, locale, t } from "../lib/i18n";
import { ChineseName, Icon, type IconName, Mark } from "./icons";
import { liveness } from "./news";
import { subject } from "./route";
import { clock } from "./time";

const LIVE_ICONS = { live: "live", reconnecting: "pending", stale: "stale" } as const;

function Live() {
  const { is, since } = liveness.value;
  return (
    <span class={`live is-${is}`} role="status" title={t("live.hint")}>
      <Icon name={LIVE_ICONS[is]} />
      {t(`live.${is}`, { time: clock(new Date(since)) })}
    </span>
  );
}

function switchTheme(): void {
  const root = document.documentElement;
  const next = root.dataset["theme"] === "dark" ? "light" : "dark";
  const isSystems = matchMedia("(prefers-color-scheme: dark)").matches === (next === "dark");
  root.dataset["theme"] = next;
  if (isSystems) localStorage.removeItem("lmm-theme");
  else localStorage.setItem("lmm-theme", next);
}

export interface Page {
  name: string; // its place in the hash route
  title: string; // keys of the catalogue
  icon: IconName;
}

interface ShellProps {
  market: string;
  pages: Page[];
  current: string;
  title: string;
  foot: ComponentChildren;
  children: ComponentChildren;
}

export function Shell({ market, pages, current, title, foot, children }: ShellProps) {
  const about = subject.value || title;
  useEffect(() => {
    document.title = t("page.title", { page: about, market });
  });
  const other = locale.value === "zh" ? "en" : "zh";
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={skip}>
        {t("shell.skip")}
      </a>
      <header class="top">
        <div class="page">
          <a class="brand" href="#/">
            <Mark />
            <span>
              <span>LMM</span> <span class="soft">{market}</span>
            </span>
          </a>
          <nav class="nav" aria-label={t("shell.nav")}>
            {pages.map((page) => (
              <a href={`#/${page.name}`} aria-current={page.name === current ? "page" : undefined}>
                <Icon name={page.icon} />
                {t(page.title)}
              </a>
            ))}
          </nav>
          <span class="spring" />
          <Live />
          <button type="button" class="tool" aria-label={t("shell.theme")} onClick={switchTheme}>
            <Icon name="theme" />
          </button>
        </div>
      </header>
      <main id="main" class="page main" tabIndex={-1}>
        {children}
      </main>
      <footer class="page foot">
        {foot}
        <a class="tool" href="#/docs">
          {t("docs.title")}
        </a>
        <a class="tool" href="licences.txt">
          {t("shell.licences")}
        </a>
        <button
          type="button"
          class="tool"
          lang={other}
          aria-label={t("shell.language")}
          onClick={() => void chooseLocale(other)}
        >
          {other === "zh" ? <ChineseName /> : LOCALES.en}
        </button>
      </footer>
    </div>
  );
}

// The hash is the route, so the link moves the focus itself.
function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>("h1")?.focus();
}
