// SPDX-License-Identifier: Apache-2.0
// The pages: the market (home), one's own orders and quarters, and meters.
import "../../../web/tokens.css";
import "../../../web/base.css";
import "../../../web/lists.css";
import "../../../web/later.css";
import { t } from "../../../web/lib/i18n";
import { startMarket } from "../../../web/shell/app";
import { chain, findChain } from "../../../web/shell/chain";
import { Home } from "./home";
import { texts } from "./texts.en";

function Foot() {
  const info = chain.value;
  if (!info) return <p>&nbsp;</p>;
  const { name, witnesses, quorum } = info;
  return <p>{t("foot.chain", { name, witnesses, quorum })}</p>;
}

await startMarket({
  texts,
  home: { name: "", title: "home.nav", icon: "live", Page: Home },
  news: ["book", "trade", "order", "cancelled", "settled", "shared", "final", "zone", "meter", "approved"],
  later: [
    { name: "mine", title: "mine.nav", icon: "file", hasStyle: true },
    { name: "meters", title: "meters.nav", icon: "meter", hasStyle: true },
    { name: "order", title: "order.title", icon: "file", isUnlisted: true, hasStyle: true },
  ],
  Foot,
});
void findChain().catch(() => undefined);
