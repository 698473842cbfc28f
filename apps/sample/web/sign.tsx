// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who wants to leave a text, or to change the one they left (#/sign/NUMBER).
// What they decide: what it says; whether the deposit is worth it.
// Visible at 360×640 unscrolled: the text field, what it costs, and the button; then how it went.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { bytesOfText } from "../../../web/lib/bytes";
import { t } from "../../../web/lib/i18n";
import { lmmText } from "../../../web/shell/amount";
import { Failure, Notice, State, messageOfCode } from "../../../web/shell/components";
import { linkTo, route, useHeadingFocus } from "../../../web/shell/route";
import { findWallet, wallet } from "../../../web/wallet/keys";
import { type Sent, transact } from "../../../web/wallet/send";
import { DEPOSIT_UNITS, type Entry, TEXT_MAX, amending, client, signing } from "./api";

const whatIsKept = findWallet();

function Outcome({ sent }: { sent: Sent }) {
  return (
    <div role="status">
      <State name={sent.state} />
      {sent.state === "failed" && <p>{messageOfCode(sent.code, sent.message)}</p>}
      {sent.state !== "failed" && <p>{t(sent.state === "final" ? "sign.final" : "sign.pending")}</p>}
      {sent.state === "final" && (
        <div class="actions">
          <a class="button" href="#/">
            {t("sign.show")}
          </a>
        </div>
      )}
    </div>
  );
}

function Form({ number }: { number: number | null }) {
  const text = useSignal("");
  const wasTried = useSignal(false);
  const isSending = useSignal(false);
  const error = useSignal<unknown>(null);
  const sent = useSignal<Sent | null>(null);
  const isComing = useSignal(number !== null); // what is to be amended: it would take the place of what is typed
  useEffect(() => {
    if (number === null) return;
    client
      .get<Entry>(`/v1/entries/${number}`)
      .then(
        (entry) => (text.value = entry.text),
        (reason: unknown) => (error.value = reason),
      )
      .finally(() => (isComing.value = false));
  }, [number]);
  const length = bytesOfText(text.value).length;
  const fault = length < 1 || length > TEXT_MAX ? t("sign.wrong", { n: length }) : null;
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    wasTried.value = true;
    if (fault || isSending.value) return;
    isSending.value = true;
    [error.value, sent.value] = [null, null];
    try {
      const accepted = await transact(number === null ? signing(text.value) : amending(number, text.value));
      sent.value = accepted.sent;
      sent.value = await accepted.end;
    } catch (reason) {
      error.value = reason;
    } finally {
      isSending.value = false;
    }
  };
  const shown = wasTried.value ? fault : null;
  return (
    <form noValidate onSubmit={(event) => void submit(event)}>
      <div class="field">
        <label for="text">{t("sign.text")}</label>
        <textarea
          id="text"
          class="input"
          rows={4}
          value={text.value}
          disabled={isComing.value}
          aria-invalid={shown !== null}
          aria-describedby="text-hint"
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
        <p id="text-hint" class={shown ? "is-failed" : ""} role={shown ? "alert" : undefined}>
          {shown ?? t("sign.hint")}
        </p>
      </div>
      {number === null && <p class="small soft">{t("sign.deposit", { amount: lmmText(DEPOSIT_UNITS) })}</p>}
      {error.value !== null && <Failure error={error.value} />}
      {sent.value && <Outcome sent={sent.value} />}
      <div class="actions">
        <button class="button main-action" disabled={isSending.value || isComing.value}>
          {t(isSending.value ? "sign.doing" : "sign.do")}
        </button>
      </div>
    </form>
  );
}

export function Page() {
  useHeadingFocus();
  const isKnown = useSignal(false);
  useEffect(() => void whatIsKept.finally(() => (isKnown.value = true)), []);
  const given = Number(route.value.path[1] ?? "");
  const number = Number.isSafeInteger(given) && given > 0 ? given : null;
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t(number === null ? "sign.title" : "sign.amend")}</h1>
      </div>
      {isKnown.value && !wallet.value && (
        <Notice icon="wallet" title={t("sign.noWallet")}>
          <p class="soft">{t("sign.noWalletText")}</p>
          <div class="actions">
            <a class="button main-action" href={linkTo(["wallet"])}>
              {t("sign.wallet")}
            </a>
          </div>
        </Notice>
      )}
      {wallet.value && <Form number={number} key={number} />}
    </>
  );
}
