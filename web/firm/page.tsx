// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who works for the firm that runs this server: its owner, or whoever captures.
// What they decide: to sign in; then who may do what, which programs may, and how much of the firm's
// money each may spend a day.
// Visible at 360×640 unscrolled: signed out, what this is and the one button that signs in; signed in,
// as whom and with which role, and the first members with what they spent today.
import "./firm.css";
import { useSignal } from "@preact/signals";
import { encode } from "uqr";
import { useEffect } from "preact/hooks";
import { shortAddress } from "../lib/address";
import { ApiError } from "../lib/api";
import { addTexts, hasText, t } from "../lib/i18n";
import { Failure, Notice, Time } from "../shell/components";
import { Icon } from "../shell/icons";
import { Ident } from "../shell/ident";
import { linkTo } from "../shell/route";
import { exact } from "../shell/time";
import { address, findWallet, wallet } from "../wallet/keys";
import { Keys } from "./keys";
import { type Line, earlier, error, findAll, findEarlier, forgetAll, lines, members } from "./lists";
import { Members } from "./members";
import { logIn, logOut, may, session } from "./session";
import { firmTexts } from "./texts.en";

addTexts(firmTexts);
void findWallet();

function QrCode({ text }: { text: string }) {
  const { data, size } = encode(text.toUpperCase(), { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) => row.map((isSet, x) => (isSet ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="firm-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("firm.qr")}>
      <path d={path} />
    </svg>
  );
}

function Stranger() {
  return (
    <Notice icon="waiting" title={t("firm.stranger")}>
      <p class="small">{t("firm.strangerText")}</p>
      <QrCode text={address.value} />
      <p class="firm-key">
        <Ident whole={address.value} what={t("firm.addressWhat")} />
      </p>
    </Notice>
  );
}

function SignIn() {
  const isSigning = useSignal(false);
  const fault = useSignal<unknown>(null);
  const signIn = async (): Promise<void> => {
    isSigning.value = true;
    fault.value = null;
    try {
      await logIn();
    } catch (reason) {
      fault.value = reason;
    } finally {
      isSigning.value = false;
    }
  };
  const isStranger = fault.value instanceof ApiError && fault.value.code === "not_a_member";
  return (
    <div class="narrow">
      <div class="lead">
        <h1 tabIndex={-1}>{t("firm.title")}</h1>
        <p class="soft">{t("firm.lead")}</p>
      </div>
      {wallet.value === null && (
        <Notice icon="wallet" title={t("firm.needsWallet")}>
          <p class="soft">{t("firm.needsWalletText")}</p>
          <div class="actions">
            <a class="button main-action" href={linkTo(["wallet"])}>
              {t("firm.toWallet")}
            </a>
          </div>
        </Notice>
      )}
      {wallet.value && (
        <div class="stack">
          <button type="button" class="button main-action" disabled={isSigning.value} onClick={() => void signIn()}>
            <Icon name="firm" />
            {t(isSigning.value ? "firm.signingIn" : "firm.signIn")}
          </button>
          <p class="small soft">{t("firm.signHint")}</p>
          {isStranger && <Stranger />}
          {fault.value !== null && !isStranger && <Failure error={fault.value} onRetry={() => void signIn()} />}
        </div>
      )}
    </div>
  );
}

// --- the log ---

// A member by its name, whoever else by what it is known by.
function nameOf(id: string): string {
  const at = id.startsWith("member:") ? id.slice("member:".length) : null;
  if (!at) return id;
  return members.value?.find((one) => one.address === at)?.name ?? shortAddress(at);
}

function Entry({ line }: { line: Line }) {
  const { time, actor, action, subject, detail } = line;
  const what = action.startsWith("key.") ? detail || subject : nameOf(subject);
  const key = `firm.action.${action}`;
  return (
    <li class="firm-row">
      <span class="firm-who">
        <strong>{nameOf(actor)}</strong>
        <span class="small soft">{hasText(key) ? t(key, { what }) : action}</span>
      </span>
      <span class="small soft">
        <Time at={time} />
      </span>
    </li>
  );
}

function Log() {
  const fault = useSignal<unknown>(null);
  if (!may("audit") || !lines.value) return null;
  return (
    <section class="firm-part">
      <h2>{t("firm.log")}</h2>
      {lines.value.length === 0 && <Notice icon="empty" title={t("firm.noLog")} />}
      <ul class="rows">
        {lines.value.map((line, index) => (
          <Entry line={line} key={`${line.time} ${index}`} />
        ))}
      </ul>
      {fault.value !== null && <Failure error={fault.value} />}
      {earlier.value && (
        <div class="actions">
          <button type="button" class="button" onClick={() => void findEarlier().catch((reason) => (fault.value = reason))}>
            {t("firm.moreLog")}
          </button>
        </div>
      )}
    </section>
  );
}

function Firm() {
  const { value } = session;
  useEffect(() => (void findAll(), forgetAll), []);
  if (!value) return null;
  return (
    <>
      <div class="firm-head">
        <div class="lead">
          <h1 tabIndex={-1}>{t("firm.you", { name: value.name })}</h1>
          <p class="soft">
            {t("firm.as", { role: t(`firm.role.${value.role}`), may: t(`firm.may.${value.role}`) })}
          </p>
          <p class="small soft">{t("firm.until", { time: exact(new Date(value.expires)) })}</p>
        </div>
        <button type="button" class="button" onClick={() => void logOut().catch(() => undefined)}>
          {t("firm.signOut")}
        </button>
      </div>
      {error.value !== null && <Failure error={error.value} onRetry={() => void findAll()} />}
      {error.value === null && (
        <div class="two">
          <div>
            <Members />
            <Keys />
          </div>
          <Log />
        </div>
      )}
    </>
  );
}

export function Page() {
  if (session.value) return <Firm />;
  return wallet.value === undefined ? null : <SignIn />;
}
