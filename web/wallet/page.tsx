// SPDX-License-Identifier: Apache-2.0
// Who is here: a person who wants to do something here that needs a signature, or to see what they
// hold; the first time without knowing what a wallet is.
// What they decide: to have a wallet; then whether what they did is final, what to send, and whether
// what they hold would outlive this browser.
// Visible at 360×640 unscrolled: without a wallet, what it is and the one button that makes it; with
// one, the balance, send and receive, and that it is not backed up while that is so.
import "./wallet.css";
import { useComputed, useSignal } from "@preact/signals";
import { encode } from "uqr";
import { useEffect } from "preact/hooks";
import { shortAddress } from "../lib/address";
import { unitsOf } from "../lib/amount";
import { hexOf } from "../lib/bytes";
import { addTexts, t } from "../lib/i18n";
import { AboutInCurrency, Amount, chooseRate, rate } from "../shell/amount";
import { Failure, Notice } from "../shell/components";
import { Icon } from "../shell/icons";
import { Ident } from "../shell/ident";
import { onNews } from "../shell/news";
import { linkTo, route, useHeadingFocus } from "../shell/route";
import { Activity } from "./activity";
import { Backup } from "./backup";
import { address, canHaveWallet, createWallet, findWallet, isBackedUp, removeWallet, wallet } from "./keys";
import { Restore } from "./restore";
import {
  account,
  accountError,
  askFaucet,
  findAccount,
  findDevnet,
  findSent,
  findTerms,
  isDevnet,
  terms,
} from "./send";
import { Send } from "./send-form";
import { Stake } from "./stake";
import { walletTexts } from "./texts.en";
import { Vote } from "./vote";

addTexts(walletTexts);
const whatIsKept = findWallet().then(findSent);

// Where the keyboard goes on once a button has done its work and is gone: what it has brought.
const BALANCE = "balance";
let wasMade = false;
const toBalance = (): void => document.getElementById(BALANCE)?.focus();

function Start() {
  const isMaking = useSignal(false);
  const error = useSignal<unknown>(null);
  const create = async (): Promise<void> => {
    isMaking.value = true;
    error.value = null;
    try {
      wasMade = true;
      await createWallet();
    } catch (reason) {
      wasMade = false;
      error.value = reason;
    } finally {
      isMaking.value = false;
    }
  };
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("wallet.title")}</h1>
        <p class="soft">{t("wallet.lead")}</p>
      </div>
      {canHaveWallet() ? (
        <div class="stack">
          <button type="button" class="button main-action" disabled={isMaking.value} onClick={() => void create()}>
            <Icon name="wallet" />
            {t(isMaking.value ? "wallet.creating" : "wallet.create")}
          </button>
          <p class="small soft">{t("wallet.createHint")}</p>
          <a class="button" href={linkTo(["wallet", "restore"])}>
            {t("wallet.restoreInstead")}
          </a>
          {error.value !== null && <Failure error={error.value} onRetry={() => void create()} />}
        </div>
      ) : (
        <Notice icon="failed" title={t("wallet.insecure")} isFailed>
          <p>{t("wallet.insecureText")}</p>
        </Notice>
      )}
    </>
  );
}

function Balance() {
  const info = account.value;
  if (!info && accountError.value !== null)
    return <Failure error={accountError.value} onRetry={() => void findAccount()} />;
  const units = BigInt(info?.units ?? 0);
  const free = terms.value && info && units === 0n ? terms.value.transactions - info.next_seq : 0;
  return (
    <div class="balance" aria-busy={!info}>
      <h2 id={BALANCE} tabIndex={-1} class="small soft">
        {t("wallet.balance")}
      </h2>
      {info ? (
        <p>
          <Amount units={units} isLarge />
        </p>
      ) : (
        <p class="ghost balance-ghost">
          <span class="unseen" role="status">
            {t("wallet.looking")}
          </span>
        </p>
      )}
      {info && <AboutInCurrency units={units} />}
      {free > 0 && <p class="small soft">{t("wallet.sponsored", { n: free })}</p>}
    </div>
  );
}

function Faucet() {
  const isAsking = useSignal(false);
  const error = useSignal<unknown>(null);
  useEffect(() => void findDevnet().catch(() => undefined), []);
  if (!isDevnet.value || account.value?.units !== "0") return null;
  const ask = async (): Promise<void> => {
    isAsking.value = true;
    error.value = null;
    try {
      await askFaucet();
      toBalance();
    } catch (reason) {
      error.value = reason;
    } finally {
      isAsking.value = false;
    }
  };
  return (
    <>
      <button type="button" class="button" disabled={isAsking.value} onClick={() => void ask()}>
        {t("wallet.faucet")}
      </button>
      {error.value !== null && <Failure error={error.value} onRetry={() => void ask()} />}
    </>
  );
}

function QrCode({ text }: { text: string }) {
  // Upper case takes fewer squares, and means the same address.
  const { data, size } = encode(text.toUpperCase(), { ecc: "M", border: 2 });
  const path = data.flatMap((row, y) => row.map((isSet, x) => (isSet ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={t("wallet.qr")}>
      <path d={path} />
    </svg>
  );
}

function Receive() {
  return (
    <section class="receive" id="receive">
      <QrCode text={address.value} />
      <div class="stack">
        <p class="small soft">{t("wallet.receiveText")}</p>
        <Ident whole={address.value} what={t("wallet.addressWhat")} />
      </div>
    </section>
  );
}

function BackupNotice() {
  if (isBackedUp.value) return null;
  return (
    <div class="warned">
      <Notice icon="pending" title={t("wallet.noBackup")}>
        <p class="small">{t("wallet.noBackupText")}</p>
        <div class="actions">
          <a class="button" href={linkTo(["wallet", "backup"])}>
            {t("wallet.doBackup")}
          </a>
        </div>
      </Notice>
    </div>
  );
}

function RateForm() {
  const isWrong = useSignal(false);
  const save = (event: Event): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const currency = String(data.get("currency")).trim().toUpperCase();
    const perLmm = Number(String(data.get("rate")).replace(",", "."));
    isWrong.value = !/^[A-Z]{3}$/.test(currency) || !(perLmm > 0 && perLmm < 1e12);
    if (!isWrong.value) chooseRate({ currency, perLmm });
  };
  return (
    <form class="stack" onSubmit={save}>
      <h3>{t("wallet.rate")}</h3>
      <p class={isWrong.value ? "small is-failed" : "small soft"} id="rate-hint" role={isWrong.value ? "alert" : undefined}>
        {t(isWrong.value ? "wallet.rateWrong" : "wallet.rateHint")}
      </p>
      <div class="pair">
        <label class="field">
          {t("wallet.ratePerLmm")}
          <input name="rate" class="input" inputMode="decimal" required value={rate.value?.perLmm} aria-describedby="rate-hint" />
        </label>
        <label class="field">
          {t("wallet.rateCurrency")}
          <input name="currency" class="input" required maxLength={3} value={rate.value?.currency} aria-describedby="rate-hint" />
        </label>
      </div>
      <div class="actions">
        <button class="button">{t("wallet.rateSave")}</button>
        {rate.value && (
          <button type="button" class="button" onClick={() => chooseRate(null)}>
            {t("wallet.rateDrop")}
          </button>
        )}
      </div>
    </form>
  );
}

function Proof() {
  const { value } = wallet;
  if (!value) return null;
  const isLocked = value.signing instanceof CryptoKey && value.reading instanceof CryptoKey;
  const facts: [string, string][] = [
    ["wallet.publicKey", hexOf(value.publicKey)],
    ["wallet.readingKey", hexOf(value.readingKey)],
    ["wallet.nextSeq", String(account.value?.next_seq ?? "")],
    ["wallet.keyKind", t(isLocked ? "wallet.keyLocked" : "wallet.keySealed")],
  ];
  return (
    <section class="stack">
      <h3>{t("wallet.proof")}</h3>
      <dl class="proof-facts">
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt class="small soft">{t(name)}</dt>
            <dd class="mono">{fact}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

// What comes of holding: a say in who makes the blocks, and a part of what they earn.
function VoteLink() {
  const votes = account.value?.votes.length ?? 0;
  const earned = unitsOf(account.value?.earned ?? "0") ?? 0n;
  if (!account.value || (account.value.units === "0" && votes === 0)) return null;
  return (
    <div class="vote-link">
      <a href={linkTo(["wallet", "vote"])}>{votes > 0 ? t("wallet.votes", { n: votes }) : t("wallet.noVotes")}</a>
      {earned > 0n && (
        <p class="small soft">
          {t("wallet.earned")} <Amount units={earned} />
        </p>
      )}
    </div>
  );
}

function FirmLink() {
  return (
    <section class="stack">
      <h3>{t("wallet.firm")}</h3>
      <p class="small soft">{t("wallet.firmText")}</p>
      <a class="button" href={linkTo(["firm"])}>
        {t("firm.title")}
      </a>
    </section>
  );
}

function Remove() {
  const isSure = useSignal(false);
  return (
    <section class="stack">
      <h3>{t("wallet.remove")}</h3>
      <p class="small soft">{t("wallet.removeText")}</p>
      <label class="check">
        <input type="checkbox" checked={isSure.value} onChange={(event) => (isSure.value = event.currentTarget.checked)} />
        {t("wallet.removeSure")}
      </label>
      <button type="button" class="button" disabled={!isSure.value} onClick={() => void removeWallet()}>
        {t("wallet.remove")}
      </button>
    </section>
  );
}

function Overview() {
  const isShown = useSignal(false);
  useEffect(() => {
    if (wasMade) toBalance();
    wasMade = false;
  }, []);
  return (
    <>
      <h1 tabIndex={-1} class="unseen">
        {t("wallet.title")}
      </h1>
      <div class="two">
        <div>
          <Balance />
          <div class="actions">
            <a class="button main-action" href={linkTo(["wallet", "send"])}>
              <Icon name="send" />
              {t("wallet.send")}
            </a>
            <button
              type="button"
              class="button"
              aria-expanded={isShown.value}
              aria-controls="receive"
              onClick={() => (isShown.value = !isShown.value)}
            >
              <Icon name="receive" />
              {t("wallet.receive")}
            </button>
            <Faucet />
          </div>
          {isShown.value && <Receive />}
          <VoteLink />
          <BackupNotice />
          <Activity />
        </div>
        <div class="aside">
          <p class="small soft">{t("wallet.address")}</p>
          <Ident whole={address.value} short={shortAddress(address.value)} what={t("wallet.addressWhat")} />
          {isBackedUp.value && (
            <p>
              <a href={linkTo(["wallet", "backup"])}>{t("wallet.doBackup")}</a>
            </p>
          )}
          <details class="details">
            <summary>{t("wallet.more")}</summary>
            <div class="settings">
              <RateForm />
              <Proof />
              <FirmLink />
              <Remove />
            </div>
          </details>
        </div>
      </div>
    </>
  );
}

// Anything may come in with a block; a hidden page asks when it is seen again.
function useAccount(): void {
  const at = useComputed(() => address.value);
  useEffect(() => {
    if (!at.value) return undefined;
    const look = (): void => void (document.hidden || findAccount());
    account.value = null;
    look();
    void findTerms().catch(() => undefined);
    document.addEventListener("visibilitychange", look);
    const ends = [onNews("block", look), onNews("reset", look)];
    return () => {
      document.removeEventListener("visibilitychange", look);
      ends.forEach((end) => end());
    };
  }, [at.value]);
}

export function Page() {
  useHeadingFocus();
  useAccount();
  useEffect(() => void whatIsKept.catch(() => (wallet.value = null)), []);
  const part = route.value.path[1];
  if (wallet.value === undefined) return <div class="ghost balance-ghost" aria-busy="true" />;
  if (part === "restore") return <Restore />;
  if (wallet.value === null) return <Start />;
  if (part === "send") return <Send />;
  if (part === "backup") return <Backup />;
  if (part === "vote") return <Vote />;
  if (part === "stake") return <Stake />;
  return <Overview />;
}
