// SPDX-License-Identifier: Apache-2.0
// Who is here: a holder who has not voted yet, or asks whether their votes still go where they should.
// What they decide: whom to look at more closely, and then vote for in their wallet.
// Visible at 360×640 unscrolled: how many stand and how many places there are; the first candidates,
// each with its votes, what it keeps of rewards, and whether it serves.
import { useSignal } from "@preact/signals";
import { unitsOf } from "../lib/amount";
import { t } from "../lib/i18n";
import { Notice } from "../shell/components";
import { linkTo, useHeadingFocus } from "../shell/route";
import { type Candidate, type Witnesses, client, findCandidates, useLoaded } from "./data";
import { Absent, AddressLink, Curl, Tabs, Title, WholeLmm, WitnessParts, number } from "./parts";

const SHOWN_FIRST = 50;

interface Standing {
  candidates: Candidate[]; // by their votes
  serving: Set<string>;
}

async function load(signal: AbortSignal): Promise<Standing> {
  const [candidates, witnesses] = await Promise.all([
    findCandidates(client, signal),
    client.get<Witnesses>("/v1/witnesses", signal),
  ]);
  const serving = new Set(witnesses.items.flatMap(({ account }) => account ?? []));
  const most = (one: Candidate): bigint => unitsOf(one.votes) ?? 0n;
  candidates.sort((a, b) => (most(b) > most(a) ? 1 : most(b) < most(a) ? -1 : 0));
  return { candidates, serving };
}

function Row({ candidate, place, serves }: { candidate: Candidate; place: number; serves: boolean }) {
  const { address, votes, commission, left, punished_in } = candidate;
  return (
    <li>
      <div class="block candidate">
        <span class="soft place">{number(place)}</span>
        <AddressLink address={address} />
        <WholeLmm amount={votes} />
        <span class="small soft">
          {left ? <span class={left === "expelled" ? "is-failed" : "is-pending"}>{t(`explorer.leftShort.${left}`)}</span> : t("explorer.keeps", { share: number(commission / 100) })}
          {serves && ` · ${t("explorer.serves")}`}
          {punished_in !== null && !left && ` · ${t("explorer.punishedShort", { n: punished_in })}`}
        </span>
      </div>
    </li>
  );
}

function Shown({ standing: { candidates, serving } }: { standing: Standing }) {
  const isAll = useSignal(false);
  const shown = isAll.value ? candidates : candidates.slice(0, SHOWN_FIRST);
  const active = candidates.filter(({ left }) => left === null).length;
  if (candidates.length === 0)
    return (
      <Notice icon="empty" title={t("explorer.noCandidates")}>
        <p class="soft">{t("explorer.noCandidatesText")}</p>
      </Notice>
    );
  return (
    <>
      <p class="pulse">
        <strong>{t("explorer.candidateCount", { n: active })}</strong>
        <span class="soft">{t("explorer.places", { n: serving.size })}</span>
        <a href={linkTo(["wallet", "vote"])}>{t("explorer.voteInWallet")}</a>
      </p>
      <div class="list-head small soft" aria-hidden="true">
        <span>{t("explorer.address")}</span>
        <span>{t("explorer.votesFor")}</span>
      </div>
      <ol class="rows">
        {shown.map((candidate, i) => (
          <Row candidate={candidate} place={i + 1} serves={serving.has(candidate.address)} key={candidate.address} />
        ))}
      </ol>
      {shown.length < candidates.length && (
        <button type="button" class="button" onClick={() => (isAll.value = true)}>
          {t("explorer.all", { n: candidates.length })}
        </button>
      )}
    </>
  );
}

export function CandidatesPage() {
  useHeadingFocus();
  const path = "/v1/candidates";
  const { value, error, reload } = useLoaded(path, load, true);
  return (
    <>
      <Title text={t("explorer.candidates")} />
      <Tabs />
      <WitnessParts />
      {value ? <Shown standing={value} /> : <Absent error={error} reload={reload} lines={8} />}
      <Curl path={path} />
    </>
  );
}
