// SPDX-License-Identifier: Apache-2.0
// Who is here: somebody who follows a transaction or a proof to its block, or walks along the chain.
// What they decide: whether a thing is in this block, and who vouches for it.
// Visible at 360×640 unscrolled: the height, that it is final, the way to both neighbours, when it was
// made and by whom, and how much is in it.
import { t } from "../lib/i18n";
import { State, Time } from "../shell/components";
import { Icon } from "../shell/icons";
import { useHeadingFocus } from "../shell/route";
import { type Block, type Chain, PER_PAGE, type TxItem, client, useList, useLoaded } from "./data";
import { Absent, Back, Curl, type Fact, Facts, Hash, Title, TxRows, number, pageOf, txKey } from "./parts";

function Neighbours({ height }: { height: number }) {
  const chain = useLoaded("chain", (signal) => client.get<Chain>("/v1/chain", signal), true);
  const isNewest = height >= (chain.value?.height ?? height);
  return (
    <nav class="actions" aria-label={t("explorer.neighbours")}>
      {height > 1 && (
        <a class="button" href={pageOf("blocks", height - 1)} rel="prev">
          <Icon name="back" />
          {t("explorer.previous")}
        </a>
      )}
      {!isNewest && (
        <a class="button" href={pageOf("blocks", height + 1)} rel="next">
          {t("explorer.next")}
          <Icon name="next" />
        </a>
      )}
    </nav>
  );
}

function Transactions({ height }: { height: number }) {
  const path = `/v1/blocks/${height}/transactions?perPage=${PER_PAGE}`;
  const list = useList<TxItem>(path, txKey);
  return (
    <section>
      <div class="part-head">
        <h2>{t("explorer.transactions")}</h2>
        <Curl path={path} />
      </div>
      <TxRows list={list} />
    </section>
  );
}

const ROOTS = ["id", "parent", "tx_root", "receipts_root", "state_root", "history_root"] as const;
const rootFact = (root: string, hash: string): Fact => [
  `explorer.root.${root}`,
  <Hash hash={hash} what={`explorer.root.${root}`} />,
];

function Shown({ block }: { block: Block }) {
  useHeadingFocus();
  return (
    <>
      <div class="title">
        <Title text={t("explorer.block", { n: block.height })} />
        <State name="final" />
      </div>
      <Neighbours height={block.height} />
      <Facts
        facts={[
          ["explorer.made", <Time at={block.time} isExact />],
          ["explorer.leader", <a href={pageOf("witnesses")}>{t("explorer.witnessN", { n: block.leader })}</a>],
          ["explorer.content", t("explorer.txCount", { n: block.transaction_count })],
          ["explorer.gasUsed", number(block.gas_used)],
          ["explorer.epoch", number(block.epoch)],
          ["explorer.view", number(block.view)],
        ]}
      />
      {block.transaction_count > 0 && <Transactions height={block.height} />}
      <section>
        <h2>{t("explorer.roots")}</h2>
        <p class="soft small">{t("explorer.rootsText")}</p>
        <Facts facts={ROOTS.map((root) => rootFact(root, block[root]))} />
      </section>
    </>
  );
}

export function BlockPage({ height }: { height: number }) {
  const path = `/v1/blocks/${height}`;
  const { value, error, reload } = useLoaded(path, (signal) => client.get<Block>(path, signal));
  return (
    <>
      <Back />
      {value ? (
        <Shown block={value} />
      ) : (
        <Absent title={t("explorer.block", { n: height })} error={error} reload={reload} lines={6} />
      )}
      <Curl path={path} />
    </>
  );
}
