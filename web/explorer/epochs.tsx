// SPDX-License-Identifier: Apache-2.0
// Who is here: a holder who asks how steadily the chain runs, and who came and went; an engineer who
// looks for when the witnesses changed.
// What they decide: whether the chain did its work in that time; for whom to vote at the next election.
// Visible at 360×640 unscrolled: how far this epoch is; of the newest ones, their blocks, the views
// that brought none, and how many witnesses came and left.
import { t } from "../lib/i18n";
import { Notice, Time } from "../shell/components";
import { Ident } from "../shell/ident";
import { useHeadingFocus } from "../shell/route";
import { type Epoch, type EpochItem, client, useList, useLoaded } from "./data";
import { Absent, AddressLink, BlockLink, Curl, Facts, Rows, Tabs, Title, WitnessParts, number, pageOf } from "./parts";
import { shortHash } from "./text";

const PER_PAGE = 20;
const epochKey = ({ epoch }: EpochItem): string => String(epoch);

// "+1 −2", or that nothing changed.
function changeOf({ joined, left }: EpochItem): string {
  if (joined + left === 0) return t("explorer.sameWitnesses");
  return t("explorer.changedWitnesses", { joined: number(joined), left: number(left) });
}

function Row({ item, isFresh }: { item: EpochItem; isFresh: boolean }) {
  const { epoch, blocks, missed_views, is_over, newest, witnesses, transaction_count } = item;
  return (
    <li class={isFresh ? "is-fresh" : ""}>
      <a class="block epoch" href={pageOf("epochs", epoch)}>
        <strong>{t("explorer.epochN", { n: epoch })}</strong>
        <span class="small soft">
          {t(is_over ? "explorer.blockCount" : "explorer.blockCountSoFar", { n: blocks })}
          {" · "}
          {t("explorer.txCount", { n: transaction_count })}
          {missed_views !== null && missed_views > 0 && ` · ${t("explorer.emptyViews", { n: missed_views })}`}
          {" · "}
          {t("explorer.witnessCount", { n: witnesses }) + changeOf(item)}
        </span>
        <span class="small soft">
          <Time at={newest} />
        </span>
      </a>
    </li>
  );
}

export function EpochsPage() {
  useHeadingFocus();
  const path = `/v1/epochs?perPage=${PER_PAGE}`;
  // The newest one grows with each block, so the first page is asked for whole.
  const { value } = useLoaded(path, (signal) => client.page<EpochItem>(path, signal), true);
  const list = useList<EpochItem>(path, epochKey, true);
  const newest = value?.items[0];
  const items = newest ? list.items.map((item) => (item.epoch === newest.epoch ? newest : item)) : list.items;
  return (
    <>
      <Title text={t("explorer.epochs")} />
      <Tabs />
      <WitnessParts />
      {newest && (
        <p class="pulse">
          <strong>{t("explorer.epochN", { n: newest.epoch })}</strong>
          <span class="soft">{t("explorer.epochLeft", { n: newest.end_height - newest.last_height })}</span>
        </p>
      )}
      <Rows
        list={{ ...list, items }}
        lines={6}
        keyOf={epochKey}
        empty={
          <Notice icon="empty" title={t("explorer.noEpochs")}>
            <p class="soft">{t("explorer.noEpochsText")}</p>
          </Notice>
        }
        row={(item, isFresh) => <Row item={item} isFresh={isFresh} key={item.epoch} />}
      />
      <Curl path={path} />
    </>
  );
}

function Members({ epoch: { members } }: { epoch: Epoch }) {
  return (
    <ol class="rows members-list">
      {members.map(({ index, key, account, commission, is_new }) => (
        <li key={key}>
          <div class="block">
            <strong>{t("explorer.witnessN", { n: index })}</strong>
            <span class="two-lines">
              <AddressLink address={account} />
              <span class="small soft">
                {t("explorer.keeps", { share: number(commission / 100) })}
                {is_new && ` · ${t("explorer.isNew")}`}
              </span>
            </span>
            <Ident whole={key} short={shortHash(key)} what={t("explorer.key")} />
          </div>
        </li>
      ))}
    </ol>
  );
}

function Shown({ epoch }: { epoch: Epoch }) {
  const { first_height, last_height, end_height, is_over, began, newest, missed_views, gone } = epoch;
  return (
    <>
      <Facts
        facts={[
          ["explorer.blocks", t(is_over ? "explorer.blockCount" : "explorer.blockCountSoFar", { n: epoch.blocks })],
          [
            "explorer.fromTo",
            <>
              <BlockLink height={first_height} /> – {is_over ? <BlockLink height={last_height} /> : t("explorer.block", { n: end_height })}
            </>,
          ],
          [
            "explorer.when",
            <>
              <Time at={began} isExact /> – {is_over ? <Time at={newest} isExact /> : t("explorer.goesOn")}
            </>,
          ],
          ["explorer.viewsEmpty", missed_views === null ? <span class="soft">{t("explorer.notKnownHere")}</span> : number(missed_views)],
          ["explorer.transactions", number(epoch.transaction_count)],
          ["explorer.gasUsed", number(epoch.gas_used)],
          ["explorer.finality", t("explorer.quorum", { n: epoch.quorum, total: epoch.witnesses })],
          gone.length > 0
            ? [
                "explorer.gone",
                <ul>
                  {gone.map((address) => (
                    <li key={address}>
                      <AddressLink address={address} />
                    </li>
                  ))}
                </ul>,
              ]
            : null,
        ]}
      />
      <section>
        <h2>{t("explorer.served")}</h2>
        <Members epoch={epoch} />
      </section>
    </>
  );
}

export function EpochPage({ epoch }: { epoch: number }) {
  useHeadingFocus();
  const path = `/v1/epochs/${epoch}`;
  const isSettled = ({ is_over }: Epoch): boolean => is_over;
  const { value, error, reload } = useLoaded(path, (signal) => client.get<Epoch>(path, signal), true, isSettled);
  return (
    <>
      <Title text={t("explorer.epochN", { n: epoch })} />
      <Tabs />
      <WitnessParts />
      {value ? <Shown epoch={value} /> : <Absent error={error} reload={reload} lines={8} />}
      <Curl path={path} />
    </>
  );
}
