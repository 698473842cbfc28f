// SPDX-License-Identifier: Apache-2.0
// Who is here: the operator whose system exported a document, or a newcomer with a sample.
// What they decide: whether the document is right to send; if refused, which line to mend; once
// sent, when it counts as done.
// Visible at 360×640 unscrolled: the field for the document, the choice of a file, the button that
// captures; after sending, the verdict takes that place.
import "./capture.css";
import { computed, signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, type Violation } from "../../../web/lib/api";
import { addTexts, hasText, loadBeside, locale, t } from "../../../web/lib/i18n";
import { placeOf } from "../../../web/lib/json-place";
import { Failure, Notice, State, messageOf, messageOfCode } from "../../../web/shell/components";
import { Icon, type IconName } from "../../../web/shell/icons";
import { linkTo, useHeadingFocus } from "../../../web/shell/route";
import { apiKey, findDemoKey, isDemoKey, keepKey } from "./api";
import { findWallet, wallet } from "../../../web/wallet/keys";
import { WithWallet } from "../../../web/wallet/with-wallet";
import { type Capture as CaptureOf, captures, loadMoreEvents, send, sendOwn } from "./captures";
import { fitsOneSignature } from "./own-capture";
import { captureTexts } from "./texts.capture.en";

addTexts(captureTexts);

const TEXT_SHOWN_MAX = 200_000;
const EVENTS_SHOWN = 100; // of a capture, at first

// Kept while another page is looked at.
const draft = signal({ name: "", text: "" });
const refusal = signal<unknown>(null);
const isSending = signal(false);

// Who signs: the server for whoever has its key, or the wallet of this browser.
type Signer = "key" | "wallet";
const chosen = signal<Signer | null>(null);
const signer = computed<Signer>(() => {
  if (!wallet.value) return "key";
  return chosen.value ?? (apiKey.value ? "key" : "wallet");
});
const isTooLarge = computed(() => signer.value === "wallet" && !fitsOneSignature(draft.value.text));
const canSend = computed(() => signer.value === "wallet" || apiKey.value !== null);

async function submit(): Promise<void> {
  if (isSending.value) return;
  isSending.value = true;
  refusal.value = null;
  try {
    const sendBy = signer.value === "wallet" ? sendOwn : send;
    await sendBy(draft.value.name || t("capture.unknown"), draft.value.text);
    draft.value = { name: "", text: "" };
  } catch (error) {
    refusal.value = error;
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) keepKey(null);
  } finally {
    isSending.value = false;
  }
}

async function take(file: File | undefined): Promise<void> {
  if (!file) return;
  draft.value = { name: file.name, text: await file.text() };
  refusal.value = null;
}

function KeyForm() {
  const wasRefused = refusal.value instanceof ApiError && refusal.value.status === 401;
  const save = (event: Event): void => {
    event.preventDefault();
    const key = new FormData(event.currentTarget as HTMLFormElement).get("key");
    if (typeof key === "string" && key.trim()) keepKey(key.trim());
    refusal.value = null;
  };
  return (
    <form class="key stack" onSubmit={save}>
      <label class="field">
        {t("capture.key")}
        <input name="key" class="input" type="password" autocomplete="off" required aria-describedby="key-hint" />
      </label>
      <p id="key-hint" class={wasRefused ? "small is-failed" : "small soft"}>
        {t(wasRefused ? "capture.keyWrong" : "capture.keyHint")}
      </p>
      <button class="button">{t("capture.keySave")}</button>
    </form>
  );
}

// "#/definitions/event/required" is, in words, a missing field.
function ruleOf(violation: Violation): string {
  const key = `rule.${violation.rule.replace(/^.*\//, "")}`;
  return t(hasText(key) ? key : "rule.other");
}

// What the server says of it, which is English: for who reads that at once, for others when asked for.
function Told({ detail }: { detail: string }) {
  if (locale.value === "en") return <span>{detail}</span>;
  return (
    <details class="small soft">
      <summary>{t("error.details")}</summary>
      <span lang="en">{detail}</span>
    </details>
  );
}

function Refusal({ error, onShow }: { error: unknown; onShow: (from: number, to: number) => void }) {
  if (!(error instanceof ApiError)) return <Failure error={error} />;
  if (error.status === 401) return null; // the form for the key says so
  if (error.violations.length === 0) return <Failure error={error} onRetry={() => void submit()} />;
  const text = draft.value.text;
  return (
    <Notice icon="failed" title={t("capture.refused")} isFailed>
      <p class="small soft">{t("capture.refusedCount", { n: error.violations.length })}</p>
      <ul class="violations">
        {error.violations.map((violation) => {
          const place = placeOf(text, violation.pointer);
          return (
            <li>
              <strong>{ruleOf(violation)}</strong>
              {violation.detail && <Told detail={violation.detail} />}
              <span class="small soft">
                {place && text.length <= TEXT_SHOWN_MAX && (
                  <button type="button" class="link" onClick={() => onShow(place.from, place.to)}>
                    {t("capture.line", { line: place.line })}
                  </button>
                )}{" "}
                <span class="mono">{violation.pointer || t("capture.whole")}</span>
              </span>
            </li>
          );
        })}
      </ul>
    </Notice>
  );
}

function Signers() {
  if (!wallet.value)
    return (
      <div class="key-note small soft">
        {apiKey.value ? <a href={linkTo(["wallet"])}>{t("capture.ownHint")}</a> : <WithWallet why={t("capture.ownHint")}>{null}</WithWallet>}
      </div>
    );
  return (
    <fieldset class="signers">
      <legend class="small soft">{t("capture.signer")}</legend>
      {(["key", "wallet"] as const).map((one) => (
        <label class="check" key={one}>
          <input type="radio" name="signer" checked={signer.value === one} onChange={() => (chosen.value = one)} />
          {t(`capture.signer.${one}`)}
        </label>
      ))}
    </fieldset>
  );
}

function Document() {
  const area = useRef<HTMLTextAreaElement>(null);
  const isOver = useSignal(false);
  const { name, text } = draft.value;
  const show = (from: number, to: number): void => {
    const element = area.current;
    if (!element) return;
    element.focus();
    element.setSelectionRange(from, to);
    const lineHeight = parseFloat(getComputedStyle(element).lineHeight);
    element.scrollTop = (text.slice(0, from).split("\n").length - 3) * lineHeight;
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    isOver.value = false;
    void take(event.dataTransfer?.files[0]);
  };
  return (
    <div
      class={isOver.value ? "document is-over" : "document"}
      onDragOver={(event) => (event.preventDefault(), (isOver.value = true))}
      onDragLeave={() => (isOver.value = false)}
      onDrop={drop}
    >
      <div class="document-head">
        <label class="field" for="document">
          {t("capture.document")}
        </label>
        {text !== "" && (
          <button
            type="button"
            class="tool"
            onClick={() => ((draft.value = { name: "", text: "" }), (refusal.value = null))}
          >
            {t("capture.clear")}
          </button>
        )}
      </div>
      {text.length > TEXT_SHOWN_MAX ? (
        <p class="large-document">
          {t("capture.large", { name: name || t("capture.unknown"), size: Math.round(text.length / 1024) })}
        </p>
      ) : (
        <textarea
          id="document"
          ref={area}
          class="input mono"
          spellcheck={false}
          placeholder={t("capture.hint")}
          value={text}
          onInput={(event) => (draft.value = { name, text: event.currentTarget.value })}
        />
      )}
      <div class="actions">
        <button
          type="button"
          class="button main-action"
          disabled={text.trim() === "" || !canSend.value || isTooLarge.value || isSending.value}
          onClick={() => void submit()}
        >
          {t(isSending.value ? "capture.sending" : "capture.send")}
        </button>
        <label class="button">
          <Icon name="file" />
          {t("capture.file")}
          <input
            type="file"
            class="unseen"
            accept=".json,.jsonld,application/json,application/ld+json"
            onChange={(event) => void take(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      {isTooLarge.value && (
        <p class="small is-failed" role="alert">
          {t("capture.ownTooLarge")}
        </p>
      )}
      {refusal.value !== null && <Refusal error={refusal.value} onShow={show} />}
    </div>
  );
}

function Samples() {
  const choose = async (name: string): Promise<void> => {
    const { SAMPLES } = await loadBeside<typeof import("./samples")>("./samples.js");
    const sample = SAMPLES.find((one) => one.name === name);
    if (!sample) return;
    draft.value = { name: t(`sample.${name}`), text: sample.make() };
    refusal.value = null;
    document.getElementById("document")?.scrollIntoView({ block: "nearest" });
  };
  const samples: [string, IconName][] = [
    ["coldChain", "object"],
    ["packedAndShipped", "aggregation"],
    ["roasted", "transformation"],
    ["corrected", "correction"],
  ];
  return (
    <section class="samples">
      <h2>{t("capture.samples")}</h2>
      <ul class="rows">
        {samples.map(([name, icon]) => (
          <li>
            <button type="button" class="row sample" onClick={() => void choose(name)}>
              <span class="row-icon">
                <Icon name={icon} />
              </span>
              <span class="row-what">
                <strong>{t(`sample.${name}`)}</strong>
                <span class="small soft">{t(`sample.${name}Text`)}</span>
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="small soft">{t("capture.samplesNote")}</p>
    </section>
  );
}

function JobEvents({ capture }: { capture: CaptureOf }) {
  const { job, headings } = capture;
  const shown = useSignal(EVENTS_SHOWN);
  const isLoading = useSignal(false);
  const error = useSignal<unknown>(null);
  const events = job?.events ?? [];
  const count = job?.event_count ?? events.length;
  const more = async (): Promise<void> => {
    isLoading.value = true;
    error.value = null;
    try {
      if (shown.value >= events.length) await loadMoreEvents(capture);
      shown.value = Infinity;
    } catch (reason) {
      error.value = reason;
    } finally {
      isLoading.value = false;
    }
  };
  const here = events.slice(0, shown.value);
  return (
    <>
      <ul class="job-events">
        {here.map((event, i) => (
          <li key={i}>
            <a href={linkTo(["event", event.id])}>
              {(count === headings.length && headings[i]) || t("event.title")}
              <Icon name="next" />
            </a>
          </li>
        ))}
      </ul>
      {error.value !== null && <Failure error={error.value} />}
      {count > here.length && (
        <div class="actions">
          <button type="button" class="button" disabled={isLoading.value} onClick={() => void more()}>
            {t("home.more")}
          </button>
          <span class="small soft" role="status">
            {isLoading.value ? t("home.loading") : t("capture.more", { n: count - here.length })}
          </span>
        </div>
      )}
    </>
  );
}

function Job({ capture }: { capture: CaptureOf }) {
  const { job, doneAt, sentAt, headings, error, isSponsored } = capture;
  const isDone = doneAt !== null;
  const state = !isDone ? "pending" : job?.success ? "final" : "failed";
  const count = job?.event_count ?? (headings.length || 1);
  const faults = job?.errors ?? [];
  return (
    <li class={`job is-job-${state}`}>
      <div class="job-head">
        <span>
          <strong>{capture.name}</strong>{" "}
          <span class="small soft">
            {t("capture.events", { n: count })}
            {isSponsored && ` · ${t("capture.paidFor")}`}
          </span>
        </span>
        <span role="status">
          <State name={state} />
        </span>
      </div>
      <div class="rail" aria-hidden="true">
        <span class="rail-done" />
        <span class={isDone ? "rail-done" : "rail-now"} />
        <span class={state === "final" ? "rail-final" : state === "failed" ? "rail-failed" : ""} />
      </div>
      {state === "pending" && <p class="small soft">{t("capture.waiting")}</p>}
      {state === "final" && (
        <>
          <p class="small soft">
            {t("capture.took", { seconds: Math.max(0.1, Math.round(((doneAt ?? 0) - sentAt) / 100) / 10) })}
          </p>
          <JobEvents capture={capture} />
        </>
      )}
      {state === "failed" && (
        <ul>
          {faults.map((fault) => (
            <li>{messageOfCode(fault.code ?? null, fault.detail ?? fault.title ?? null)}</li>
          ))}
          {faults.length === 0 && <li>{error ? messageOf(error) : t("capture.failed")}</li>}
        </ul>
      )}
    </li>
  );
}

// A new capture takes the place that the eye is at.
function Jobs() {
  const section = useRef<HTMLElement>(null);
  const count = captures.value.length;
  const before = useRef(count);
  useEffect(() => {
    if (count > before.current) section.current?.scrollIntoView({ block: "start" });
    before.current = count;
  }, [count]);
  if (count === 0) return null;
  return (
    <section class="jobs" ref={section}>
      <h2>{t("capture.jobs")}</h2>
      <ul>
        {captures.value.map((capture) => (
          <Job capture={capture} key={capture.number} />
        ))}
      </ul>
    </section>
  );
}

export function Page() {
  useHeadingFocus();
  const isAsked = useSignal(apiKey.value !== null);
  useEffect(() => void findDemoKey().finally(() => (isAsked.value = true)), []);
  useEffect(() => void (wallet.value === undefined && findWallet().catch(() => undefined)), []);
  return (
    <>
      <div class="lead">
        <h1 tabIndex={-1}>{t("capture.title")}</h1>
        <p class="soft">{t("capture.lead")}</p>
      </div>
      <div class="two">
        <div>
          <Jobs />
          {isAsked.value && !apiKey.value && signer.value === "key" && <KeyForm />}
          <Document />
          <Signers />
          <p class="small soft key-note">
            {isDemoKey.value
              ? signer.value === "key" && t("capture.keyDemo")
              : apiKey.value && (
                  <button type="button" class="link" onClick={() => keepKey(null)}>
                    {t("capture.keyForget")}
                  </button>
                )}
          </p>
        </div>
        <Samples />
      </div>
    </>
  );
}
