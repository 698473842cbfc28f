// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody whose money would be gone with this browser.
// What they decide: by which of three ways to be able to come back, of which one is enough; then that
// the secret leaves this browser (keys.ts).
// Visible at 360×640 unscrolled: that one way is enough, and the first one; once asked for, its twelve
// words.
import { type Signal, useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import type { Bytes } from "../lib/bytes";
import { t } from "../lib/i18n";
import { Notice, State } from "../shell/components";
import { Icon } from "../shell/icons";
import { goTo, linkTo, useHeadingFocus } from "../shell/route";
import { relative } from "../shell/time";
import { type BackupKind, address, forgetSecret, isBackedUp, loadVault, noteBackup, revealSecret, wallet } from "./keys";
import { NoPrf, canUsePasskeys, sealByPasskey } from "./passkey";

const PASSPHRASE_MIN = 10;
const ASKED_WORDS = 3;

function save(content: string | Bytes, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content as BlobPart], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function withSecret<Value>(use: (secret: Bytes) => Promise<Value>): Promise<Value> {
  const secret = await revealSecret();
  if (!secret) throw new Error("the secret is gone");
  try {
    return await use(secret);
  } finally {
    secret.fill(0);
  }
}

function Way({ kind, children }: { kind: BackupKind; children: ComponentChildren }) {
  const doneAt = wallet.value?.backups[kind];
  return (
    <section class="way">
      <div class="way-head">
        <h2>{t(`backup.${kind}`)}</h2>
        {doneAt && <State name="final" word={t("backup.done", { when: relative(new Date(doneAt), Date.now()) })} />}
      </div>
      <p class="soft">{t(`backup.${kind}Text`)}</p>
      {children}
    </section>
  );
}

function Fault({ text }: { text: Signal<string> }) {
  return text.value ? (
    <p class="small is-failed" role="alert">
      {t(text.value)}
    </p>
  ) : null;
}

// Some of the twelve, each from another part of them.
const askedOf = (count: number): number[] =>
  Array.from({ length: ASKED_WORDS }, (_, i) => {
    const part = count / ASKED_WORDS;
    return Math.floor(i * part + (crypto.getRandomValues(new Uint8Array(1))[0]! / 256) * part);
  });

function Words() {
  const words = useSignal<string[]>([]);
  const asked = useSignal<number[]>([]);
  const fault = useSignal("");
  useEffect(() => () => void (words.value = []), []);
  const show = async (): Promise<void> => {
    const { wordsOf } = await loadVault();
    words.value = await withSecret(async (secret) => wordsOf(secret).split(" "));
    [asked.value, fault.value] = [[], ""];
  };
  const check = async (event: Event): Promise<void> => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const given = asked.value.map((at) => String(data.get(`word${at}`)).trim().toLowerCase());
    const isRight = given.every((word, i) => word === words.value[asked.value[i]!]);
    fault.value = isRight ? "" : "backup.wordsWrong";
    if (!isRight) return;
    await noteBackup("words");
    [words.value, asked.value] = [[], []];
  };
  return (
    <Way kind="words">
      {words.value.length === 0 ? (
        <button type="button" class="button" onClick={() => void show()}>
          {t("backup.wordsShow")}
        </button>
      ) : asked.value.length === 0 ? (
        <>
          <ol class="words">
            {words.value.map((word) => (
              <li class="mono">{word}</li>
            ))}
          </ol>
          <button type="button" class="button main-action" onClick={() => (asked.value = askedOf(words.value.length))}>
            {t("backup.wordsHide")}
          </button>
        </>
      ) : (
        <form class="form" onSubmit={(event) => void check(event)}>
          <p>{t("backup.wordsAsk")}</p>
          <div class="triple">
            {asked.value.map((at) => (
              <label class="field" key={at}>
                {t("backup.wordN", { n: at + 1 })}
                <input name={`word${at}`} class="input" autocomplete="off" autocapitalize="off" spellcheck={false} required />
              </label>
            ))}
          </div>
          <Fault text={fault} />
          <div class="actions">
            <button class="button main-action">{t("backup.wordsCheck")}</button>
            <button type="button" class="button" onClick={() => void show()}>
              {t("backup.wordsShow")}
            </button>
          </div>
        </form>
      )}
    </Way>
  );
}

function File() {
  const fault = useSignal("");
  const part = useSignal<number | null>(null); // of the sealing
  const make = async (event: Event): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const [one, other] = [String(data.get("passphrase")), String(data.get("again"))];
    fault.value = one.length < PASSPHRASE_MIN ? "backup.passphraseShort" : one !== other ? "backup.passphraseOther" : "";
    if (fault.value || part.value !== null) return;
    part.value = 0;
    try {
      const { COST, sealFile } = await loadVault();
      const file = await withSecret((secret) => sealFile(secret, one, COST, (done) => (part.value = done)));
      save(file, `lmm-${address.value.slice(4, 12)}.keys`);
      await noteBackup("file");
      form.reset();
    } finally {
      part.value = null;
    }
  };
  return (
    <Way kind="file">
      <form class="form" onSubmit={(event) => void make(event)}>
        {/* Lets a password manager file it. */}
        <input type="text" class="unseen" autocomplete="username" value={address.value} tabIndex={-1} aria-hidden="true" readOnly />
        <div class="pair">
          <label class="field">
            {t("backup.passphrase")}
            <input name="passphrase" class="input" type="password" autocomplete="new-password" required aria-describedby="pass-hint" />
          </label>
          <label class="field">
            {t("backup.passphraseAgain")}
            <input name="again" class="input" type="password" autocomplete="new-password" required />
          </label>
        </div>
        <p id="pass-hint" class="small soft">
          {t("backup.passphraseHint")}
        </p>
        <Fault text={fault} />
        <div class="actions">
          <button class="button" disabled={part.value !== null}>
            <Icon name="download" />
            {part.value === null ? t("backup.fileMake") : t("backup.sealing", { n: Math.round(part.value * 100) })}
          </button>
        </div>
      </form>
    </Way>
  );
}

function Passkey() {
  const fault = useSignal("");
  const make = async (): Promise<void> => {
    fault.value = "";
    try {
      const file = await withSecret((secret) => sealByPasskey(secret, wallet.value!.account, address.value));
      save(file, `lmm-${address.value.slice(4, 12)}.passkey.json`);
      await noteBackup("passkey");
    } catch (error) {
      fault.value = error instanceof NoPrf ? "backup.passkeyNoPrf" : "backup.passkeyRefused";
    }
  };
  return (
    <Way kind="passkey">
      {canUsePasskeys() ? (
        <button type="button" class="button" onClick={() => void make()}>
          {t("backup.passkeyMake")}
        </button>
      ) : (
        <p class="small soft">{t("backup.passkeyNone")}</p>
      )}
      <Fault text={fault} />
    </Way>
  );
}

export function Backup() {
  useHeadingFocus();
  const finish = async (): Promise<void> => {
    await forgetSecret();
    goTo(["wallet"]);
  };
  return (
    <div class="narrow">
      <a class="back" href={linkTo(["wallet"])}>
        <Icon name="back" />
        {t("wallet.back")}
      </a>
      <div class="lead">
        <h1 tabIndex={-1}>{t("backup.title")}</h1>
        {wallet.value?.secret && <p class="soft">{t("backup.lead")}</p>}
      </div>
      {wallet.value?.secret ? (
        <>
          <Words />
          <File />
          <Passkey />
          {isBackedUp.value && (
            <section class="way">
              <p class="small soft">{t("backup.finishText")}</p>
              <button type="button" class="button main-action" onClick={() => void finish()}>
                {t("backup.finish")}
              </button>
            </section>
          )}
        </>
      ) : (
        <Notice icon="final" title={t("backup.gone")}>
          <p class="soft">{t("backup.goneText")}</p>
        </Notice>
      )}
    </div>
  );
}
