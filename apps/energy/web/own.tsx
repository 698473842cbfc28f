// SPDX-License-Identifier: Apache-2.0
// The frame of pages that show what the wallet's account has; without a wallet they lead to one.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice } from "../../../web/shell/components";
import { onNews } from "../../../web/shell/news";
import { linkTo, useHeadingFocus } from "../../../web/shell/route";
import { Waiting } from "../../../web/shell/waiting";
import { address, findWallet } from "../../../web/wallet/keys";

interface FrameProps<T> {
  title: string;
  noWallet: string;
  children: (value: T) => ComponentChildren;
}

// What `read` tells of the account: read when a page shows it, and again with the news.
export function ownOf<T>(read: (account: string) => Promise<T>, news: readonly string[]) {
  const got = signal<{ account: string; value: T } | null>(null);
  const error = signal<unknown>(null);
  const isKnown = signal(false);
  let [asked, answered] = [0, 0];

  const load = async (): Promise<void> => {
    await findWallet();
    isKnown.value = true;
    const account = address.value;
    if (!account) return;
    const number = ++asked;
    try {
      const value = await read(account);
      if (number < answered) return; // a later question was faster
      answered = number;
      [got.value, error.value] = [{ account, value }, null];
    } catch (reason) {
      error.value = reason;
    }
  };
  for (const type of news) onNews(type, () => void (got.value && load()));

  // Null before it is read, and when it is of another wallet.
  const value = (): T | null => (got.value?.account === address.value ? got.value.value : null);

  function Frame({ title, noWallet, children }: FrameProps<T>) {
    useHeadingFocus();
    useEffect(() => void load(), [address.value]);
    const shown = value();
    return (
      <>
        <div class="lead">
          <h1 tabIndex={-1}>{title}</h1>
        </div>
        {isKnown.value && !address.value && (
          <Notice icon="wallet" title={noWallet}>
            <div class="actions">
              <a class="button main-action" href={linkTo(["wallet"])}>
                {t("form.wallet")}
              </a>
            </div>
          </Notice>
        )}
        {error.value !== null && <Failure error={error.value} onRetry={() => void load()} />}
        {address.value && !shown && error.value === null && <Waiting word={t("home.loading")} />}
        {shown && children(shown)}
      </>
    );
  }
  return { load, value, Frame };
}
