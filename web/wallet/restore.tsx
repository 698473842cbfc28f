// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who has a wallet elsewhere, or had one in a browser that is gone.
// What they decide: by what they have of it: the words, or a file that a passphrase or a passkey opens.
// Visible at 360×640 unscrolled: both ways, the field for the words with its button, and the choice of a
// file.
import { useSignal } from "@preact/signals";
import { type Bytes, textOf } from "../lib/bytes";
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { Icon } from "../shell/icons";
import { goTo, linkTo, useHeadingFocus } from "../shell/route";
import { type BackupKind, loadVault, restoreWallet, wallet } from "./keys";
import { openByPasskey, readPasskeyFile } from "./passkey";

const FILE_MAX = 64 * 1024;

function Fault({ text }: { text: string }) {
  return text ? (
    <p class="small is-failed" role="alert">
      {text}
    </p>
  ) : null;
}

async function restore(secret: Bytes, kind: BackupKind): Promise<void> {
  await restoreWallet(secret, kind);
  goTo(["wallet"]);
}

function FromWords() {
  const fault = useSignal("");
  const open = async (event: Event): Promise<void> => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget as HTMLFormElement).get("words"));
    const { DecodeError, entropyOf, isWord } = await loadVault();
    const unknown = text.split(/\s+/).filter((word) => word && !isWord(word));
    fault.value = unknown.length > 0 ? t("restore.unknown", { words: unknown.slice(0, 3).join(", ") }) : "";
    if (fault.value) return;
    try {
      await restore(entropyOf(text), "words");
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      fault.value = t("restore.wordsWrong");
    }
  };
  return (
    <form class="form way" onSubmit={(event) => void open(event)}>
      <label class="field" for="words">
        {t("restore.words")}
      </label>
      <textarea
        id="words"
        name="words"
        class="input mono"
        rows={3}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        required
        aria-describedby="words-hint"
      />
      <p id="words-hint" class="small soft">
        {t("restore.wordsHint")}
      </p>
      <Fault text={fault.value} />
      <div class="actions">
        <button class="button main-action">{t("restore.do")}</button>
      </div>
    </form>
  );
}

// What opens it depends on what it is.
type Chosen = { name: string; bytes: Bytes; passkey: ReturnType<typeof readPasskeyFile> };

async function chosenOf(file: File): Promise<Chosen | null> {
  if (file.size > FILE_MAX) return null;
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return { name: file.name, bytes, passkey: readPasskeyFile(textOf(bytes)) };
  } catch {
    return { name: file.name, bytes, passkey: null };
  }
}

function FromFile() {
  const chosen = useSignal<Chosen | null>(null);
  const fault = useSignal("");
  const part = useSignal<number | null>(null);
  const choose = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    chosen.value = await chosenOf(file);
    fault.value = chosen.value ? "" : t("restore.fileWrong");
    const host = chosen.value?.passkey?.host;
    if (host && host !== location.hostname) fault.value = t("restore.passkeyHost", { host });
  };
  const openSealed = async (event: Event): Promise<void> => {
    event.preventDefault();
    const passphrase = String(new FormData(event.currentTarget as HTMLFormElement).get("passphrase"));
    if (!chosen.value || part.value !== null) return;
    const { DecodeError, WrongPassphrase, openFile } = await loadVault();
    part.value = 0;
    try {
      await restore(await openFile(chosen.value.bytes, passphrase, (done) => (part.value = done)), "file");
    } catch (error) {
      if (error instanceof WrongPassphrase) fault.value = t("restore.passphraseWrong");
      else if (error instanceof DecodeError) fault.value = t("restore.fileWrong");
      else throw error;
    } finally {
      part.value = null;
    }
  };
  const openPasskey = async (): Promise<void> => {
    try {
      await restore(await openByPasskey(chosen.value!.passkey!), "passkey");
    } catch {
      fault.value = t("restore.passkeyWrong");
    }
  };
  return (
    <div class="way form">
      <label class="button file-choice">
        <Icon name="file" />
        {chosen.value ? t("restore.fileName", { name: chosen.value.name }) : t("restore.file")}
        <input type="file" class="unseen" onChange={(event) => void choose(event.currentTarget.files?.[0])} />
      </label>
      {chosen.value?.passkey && (
        <div class="actions">
          <button type="button" class="button main-action" onClick={() => void openPasskey()}>
            {t("restore.passkeyUse")}
          </button>
        </div>
      )}
      {chosen.value && !chosen.value.passkey && (
        <form class="form" onSubmit={(event) => void openSealed(event)}>
          <label class="field">
            {t("backup.passphrase")}
            <input name="passphrase" class="input" type="password" autocomplete="current-password" required />
          </label>
          <div class="actions">
            <button class="button main-action" disabled={part.value !== null}>
              {part.value === null ? t("restore.do") : t("restore.doing", { n: Math.round(part.value * 100) })}
            </button>
          </div>
        </form>
      )}
      <Fault text={fault.value} />
    </div>
  );
}

export function Restore() {
  useHeadingFocus();
  return (
    <div class="narrow">
      <a class="back" href={linkTo(["wallet"])}>
        <Icon name="back" />
        {t("wallet.back")}
      </a>
      <div class="lead">
        <h1 tabIndex={-1}>{t("restore.title")}</h1>
        <p class="soft">{t("restore.lead")}</p>
      </div>
      {wallet.value ? (
        <Notice icon="failed" title={t("restore.there")} />
      ) : (
        <>
          <FromWords />
          <FromFile />
        </>
      )}
    </div>
  );
}
