// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody with something to look up, or who wants to see whether the chain moves.
// What they decide: what to open; whether the chain is well.
// Visible at 360×640 unscrolled: the search field, the chain's height with its newest block's age, and
// the newest blocks; at 1280 the newest transactions beside them.
import { t } from "../lib/i18n";
import { Notice, Time } from "../shell/components";
import { useHeadingFocus } from "../shell/route";
import { type BlockItem, type Chain, PER_PAGE, type TxItem, client, useList, useLoaded } from "./data";
import { Curl, Rows, Tabs, Title, TxRows, number, pageOf, txKey } from "./parts";
import { SearchForm } from "./search";

const BLOCKS = 6;
const blockKey = (block: BlockItem): string => String(block.height);

const countOf = ({ transaction_count: n }: BlockItem): string => (n > 0 ? t("explorer.txCount", { n }) : t("explorer.noneIn"));

function Pulse() {
  const { value } = useLoaded("chain", (signal) => client.get<Chain>("/v1/chain", signal), true);
  if (!value) return <p class="pulse ghost" aria-hidden="true" />;
  return (
    <p class="pulse">
      <strong>{t("explorer.height", { n: value.height })}</strong>
      <span class="soft">
        {t("explorer.headAge")} <Time at={value.time} />
      </span>
      <span class="soft">{t("explorer.quorum", { n: value.quorum, total: value.witnesses })}</span>
    </p>
  );
}

function BlockRow({ block, isFresh }: { block: BlockItem; isFresh: boolean }) {
  return (
    <li class={isFresh ? "is-fresh" : ""}>
      <a class="block" href={pageOf("blocks", block.height)}>
        <strong>{number(block.height)}</strong>
        <span class={block.transaction_count > 0 ? "" : "soft"}>{countOf(block)}</span>
        <span class="small soft">
          <Time at={block.time} />
        </span>
      </a>
    </li>
  );
}

export function Newest() {
  useHeadingFocus();
  const blocksPath = `/v1/blocks?perPage=${BLOCKS}`;
  const txsPath = `/v1/transactions?perPage=${PER_PAGE}`;
  const blocks = useList<BlockItem>(blocksPath, blockKey, true);
  const txs = useList<TxItem>(txsPath, txKey, true);
  return (
    <>
      <Title text={t("explorer.title")} />
      <SearchForm />
      <Pulse />
      <Tabs />
      <div class="newest">
        <section>
          <div class="part-head">
            <h2>{t("explorer.blocks")}</h2>
            <Curl path={blocksPath} />
          </div>
          <Rows
            list={blocks}
            lines={BLOCKS}
            keyOf={blockKey}
            empty={
              <Notice icon="empty" title={t("explorer.noBlocks")}>
                <p class="soft">{t("explorer.noBlocksText")}</p>
              </Notice>
            }
            row={(block, isFresh) => <BlockRow block={block} isFresh={isFresh} key={block.height} />}
          />
        </section>
        <section>
          <div class="part-head">
            <h2>{t("explorer.transactions")}</h2>
            <Curl path={txsPath} />
          </div>
          <TxRows list={txs} />
        </section>
      </div>
    </>
  );
}
