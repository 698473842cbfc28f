// SPDX-License-Identifier: Apache-2.0
// The Proof panel: fetches the proof file of what is shown, checks it here by the market's proof.js
// (web/lib/verdict.ts), and says step by step what held. The only place of a market's pages that
// shows hashes and heights.
import "./proof-panel.css";
import type { Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { createClient } from "../lib/api";
import { addTexts, loadBeside, t } from "../lib/i18n";
import { ALL_STEPS, type AnyStep, type Verdict } from "../lib/verdict-steps";
import { chain, findChain } from "./chain";
import { State, messageOf } from "./components";
import { Icon } from "./icons";
import { Ident } from "./ident";
import { proofTexts } from "./proof.en";
import { linkTo } from "./route";

addTexts(proofTexts);

const client = createClient();

export interface Provable {
  id: string; // names the file when it is saved
  proof: string; // the file's address
  shown: unknown; // what the market's proof.js is to compare it with
  hashes: [string, string][]; // more of them for the details: a text's key, and digits or a URI
}
interface Library {
  checkShown: (file: string, chainId: string, shown: unknown) => Verdict;
}

export type Check =
  | { is: "checking" }
  | { is: "failed"; error: unknown } // not fetched: nothing is known
  | { is: "checked"; verdict: Verdict; file: string };

export async function check(item: Provable, into: Signal<Check>): Promise<void> {
  into.value = { is: "checking" };
  try {
    const [library, { chain_id }, file] = await Promise.all([
      loadBeside<Library>("./proof.js"),
      findChain(),
      client.text(item.proof),
    ]);
    into.value = { is: "checked", verdict: library.checkShown(file, chain_id, item.shown), file };
  } catch (error) {
    into.value = { is: "failed", error };
  }
}

// One segment a witness; those that signed are filled.
function Dial({ signers, total, isRefused }: { signers: number[]; total: number; isRefused?: boolean }) {
  const gap = total > 1 ? (total > 30 ? 0.35 : 0.14) : 0;
  return (
    <svg class={isRefused ? "dial is-failed" : "dial"} viewBox="0 0 64 64" aria-hidden="true">
      {Array.from({ length: total }, (_, i) => (
        <circle
          key={i}
          cx="32"
          cy="32"
          r="28"
          pathLength={total}
          class={signers.includes(i) ? "signed" : ""}
          stroke-dasharray={`${1 - gap} ${total - 1 + gap}`}
          stroke-dashoffset={-i - gap / 2}
        />
      ))}
      <path d={isRefused ? "M25 25l14 14M39 25 25 39" : signers.length > 0 ? "M22 33l7 7 13-15" : ""} />
    </svg>
  );
}

function Heading({ now }: { now: Check }) {
  const unknown = chain.value?.witnesses ?? 1;
  if (now.is === "checking")
    return (
      <>
        <Dial signers={[]} total={unknown} />
        <div>
          <State name="pending" word={t("proof.checking")} />
        </div>
      </>
    );
  if (now.is === "failed")
    return (
      <>
        <Dial signers={[]} total={unknown} />
        <div>
          <State name="failed" word={t("proof.failed")} />
          <p class="small">{t("proof.failedText")}</p>
          <p class="small soft">{messageOf(now.error)}</p>
        </div>
      </>
    );
  const { verdict } = now;
  if (!verdict.isProven)
    return (
      <>
        <Dial signers={[]} total={unknown} isRefused />
        <div>
          <State name="failed" word={t("proof.refused")} />
          <p class="small">{t("proof.refusedText")}</p>
        </div>
      </>
    );
  const { signers, witnesses } = verdict.result;
  return (
    <>
      <Dial signers={signers} total={witnesses} />
      <div>
        <State name="final" word={t("proof.proven")} />
        <p class="small">{t("proof.provenText", { n: signers.length, total: witnesses })}</p>
      </div>
    </>
  );
}

function Steps({ verdict }: { verdict: Verdict }) {
  // Where the contract keeps all of it, there is no fingerprint to compare.
  const steps = verdict.isProven && !verdict.result.payload ? ALL_STEPS.filter((step) => step !== "payload") : ALL_STEPS;
  const broken = verdict.isProven ? ALL_STEPS.length : ALL_STEPS.indexOf(verdict.step);
  const textOf = (step: AnyStep): string => {
    if (step !== "witnesses") return t(`proof.step.${step}`);
    if (!verdict.isProven) return t("proof.step.witnessesPlain");
    const { signers, witnesses, quorum } = verdict.result;
    return t("proof.step.witnesses", { n: signers.length, total: witnesses, quorum });
  };
  return (
    <ol class="steps" aria-label={t("proof.steps")}>
      {steps.map((step, i) => (
        <li class={i < broken ? "is-final" : i === broken ? "is-failed" : "soft"}>
          <Icon name={i < broken ? "final" : i === broken ? "failed" : "waiting"} />
          <span>
            {textOf(step)}
            <span class="unseen">
              {": "}
              {t(i < broken ? "proof.passed" : i === broken ? "proof.broken" : "proof.skipped")}
            </span>
            {i === broken && !verdict.isProven && <span class="why">{t(`proof.why.${verdict.why}`)}</span>}
          </span>
        </li>
      ))}
    </ol>
  );
}

function short(hex: string): string {
  return `${hex.slice(0, 8)}…${hex.slice(-6)}`;
}

function Details({ verdict, item }: { verdict: Verdict; item: Provable }) {
  if (!verdict.isProven) return null;
  const { result, isPeriodOver } = verdict;
  const hashes: [name: string, hex: string, page?: string][] = [
    ["proof.chainId", result.chainId],
    ["proof.block", result.blockId, linkTo(["explorer", "blocks", String(result.height)])],
    ["proof.tx", result.txId, linkTo(["explorer", "transactions", result.txId])],
    ...item.hashes,
  ];
  return (
    <details class="details">
      <summary>{t("proof.details")}</summary>
      <dl>
        {hashes.map(([name, hex, page]) => (
          <div>
            <dt>{t(name)}</dt>
            <dd>
              <Ident whole={hex} short={page ? <a href={page}>{short(hex)}</a> : short(hex)} what={t(name)} />
            </dd>
          </div>
        ))}
        <div>
          <dt>{t("proof.height")}</dt>
          <dd class="mono">{String(result.height)}</dd>
        </div>
        <div>
          <dt>{t("proof.signedHeight")}</dt>
          <dd class="mono">{String(result.anchorHeight)}</dd>
        </div>
        <div>
          <dt>{t("proof.blockTime")}</dt>
          <dd class="mono">{result.time.toISOString()}</dd>
        </div>
        <div>
          <dt>{t("proof.trustedSince")}</dt>
          <dd class="mono">{result.trustedSince.toISOString()}</dd>
        </div>
      </dl>
      <p class="small soft">{t("proof.trust")}</p>
      {isPeriodOver && <p class="small soft">{t("proof.trustOld")}</p>}
    </details>
  );
}

// The verdict in a word, for the head of the page; leads to the panel.
export function VerdictChip({ now }: { now: Check }) {
  const isProven = now.is === "checked" && now.verdict.isProven;
  const [state, word] =
    now.is === "checking"
      ? (["pending", "proof.checking"] as const)
      : isProven
        ? (["final", "proof.proven"] as const)
        : (["failed", now.is === "failed" ? "proof.failed" : "proof.refused"] as const);
  const show = (): void => document.getElementById("proof")?.scrollIntoView({ block: "start" });
  return (
    <button type="button" class="chip" onClick={show}>
      <State name={state} word={t(word)} />
    </button>
  );
}

export function ProofPanel({ item, now }: { item: Provable; now: Signal<Check> }) {
  useEffect(() => void check(item, now), [item.proof]);
  const current = now.value;
  const save = (file: string): void => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([file], { type: "application/json" }));
    link.download = `${item.id}.lmm-proof.json`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <section class="proof" id="proof" aria-labelledby="proof-title">
      <h2 id="proof-title">{t("proof.title")}</h2>
      <div class="verdict" role="status">
        <Heading now={current} />
      </div>
      {current.is === "checked" && (
        <>
          <Steps verdict={current.verdict} />
          <Details verdict={current.verdict} item={item} />
        </>
      )}
      <div class="actions">
        {current.is === "checked" && (
          <button type="button" class="button" onClick={() => save(current.file)}>
            <Icon name="download" />
            {t("proof.download")}
          </button>
        )}
        {current.is !== "checking" && (
          <button type="button" class="tool" onClick={() => void check(item, now)}>
            {t("proof.again")}
          </button>
        )}
      </div>
    </section>
  );
}
