// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who follows a link to one entry, or its author.
// What they decide: whether to believe it; the author, whether to amend or withdraw it.
// Visible at 360×640 unscrolled: the text, who signed it and when, that it is final, and the
// browser's own verdict in a word.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { shortAddress } from "../../../web/lib/address";
import { ApiError } from "../../../web/lib/api";
import { t } from "../../../web/lib/i18n";
import { Failure, Notice, State, Time, messageOfCode } from "../../../web/shell/components";
import { Icon } from "../../../web/shell/icons";
import { Ident } from "../../../web/shell/ident";
import { itemOf } from "../../../web/shell/item";
import { type Check, ProofPanel, VerdictChip } from "../../../web/shell/proof-panel";
import { goTo, linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { address, findWallet } from "../../../web/wallet/keys";
import { transact } from "../../../web/wallet/send";
import { type Entry, client, withdrawing } from "./api";

const useEntry = itemOf({
  page: "entry",
  read: (number, abort) => client.get<Entry>(`/v1/entries/${encodeURIComponent(number)}`, abort),
  news: ["entry"],
  isOf: (news, number) => String((news as { number: number } | null)?.number) === number,
});

// What its author may do.
function Own({ entry }: { entry: Entry }) {
  const isSending = useSignal(false);
  const error = useSignal<unknown>(null);
  const withdraw = async (): Promise<void> => {
    isSending.value = true;
    error.value = null;
    try {
      const { state, code, message } = await (await transact(withdrawing(entry.number))).end;
      if (state === "final") goTo([]);
      else throw new ApiError(422, { code: code ?? "", detail: messageOfCode(code, message) });
    } catch (reason) {
      error.value = reason;
    } finally {
      isSending.value = false;
    }
  };
  return (
    <>
      <div class="actions">
        <a class="button" href={linkTo(["sign", String(entry.number)])}>
          {t("entry.amend")}
        </a>
        <button type="button" class="button" disabled={isSending.value} onClick={() => void withdraw()}>
          {t(isSending.value ? "entry.withdrawing" : "entry.withdraw")}
        </button>
      </div>
      {error.value !== null && <Failure error={error.value} />}
    </>
  );
}

function Shown({ entry }: { entry: Entry }) {
  useHeadingFocus();
  const check = useSignal<Check>({ is: "checking" });
  useEffect(() => void findWallet(), []);
  const isRefused = check.value.is === "checked" && !check.value.verdict.isProven;
  const { number, author, text, signed, changed } = entry;
  return (
    <>
      <h1 tabIndex={-1}>{t("entry.title", { number })}</h1>
      <p>
        {!isRefused && <State name={entry.final ? "final" : "pending"} />} <VerdictChip now={check.value} />
      </p>
      <div class="two">
        <div>
          <blockquote>{text}</blockquote>
          <p class="small soft">
            {t("entry.author")} <Ident whole={author} short={shortAddress(author)} what={t("entry.author")} />
          </p>
          <p class="small soft">
            {t("entry.signed")} <Time at={signed} isExact />
          </p>
          {changed !== signed && (
            <p class="small soft">
              {t("entry.changed")} <Time at={changed} isExact />
            </p>
          )}
          {author === address.value && <Own entry={entry} />}
        </div>
        <ProofPanel
          item={{ id: `entry-${number}`, proof: entry.proof, shown: { number, author, text }, hashes: [] }}
          now={check}
        />
      </div>
    </>
  );
}

export function Page() {
  useHeadingFocus();
  const number = route.value.path[1] ?? "";
  const { item: entry, error, isMissing, isWaiting, reload } = useEntry();
  return (
    <>
      <a class="back small" href="#/">
        <Icon name="back" />
        {t("entry.back")}
      </a>
      {entry && <Shown entry={entry} key={JSON.stringify(entry)} />}
      {!entry && (
        <h1 tabIndex={-1} class={isWaiting ? "waiting-head" : ""}>
          {isWaiting ? t("entry.loading") : t("entry.title", { number })}
        </h1>
      )}
      {isMissing && (
        <Notice icon="search" title={t("entry.missing")}>
          <p class="soft">{t("entry.missingText")}</p>
        </Notice>
      )}
      {error !== null && <Failure error={error} onRetry={reload} />}
    </>
  );
}
