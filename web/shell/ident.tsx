// SPDX-License-Identifier: Apache-2.0
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../lib/i18n";
import { Icon } from "./icons";

// A text shown short, with the whole of it on hover and for copying.
export function Ident({ whole, short, what }: { whole: string; short?: ComponentChildren; what: string }) {
  const isCopied = useSignal(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard?.writeText(whole);
    isCopied.value = true;
    setTimeout(() => (isCopied.value = false), 1500);
  };
  return (
    <span class="ident">
      <span class="mono" title={whole}>
        {short ?? whole}
      </span>
      <button type="button" class="copy" onClick={() => void copy()} aria-label={t("copy.do", { what })}>
        <Icon name={isCopied.value ? "done" : "copy"} />
      </button>
      <span class="unseen" role="status">
        {isCopied.value ? t("copy.done") : ""}
      </span>
    </span>
  );
}
