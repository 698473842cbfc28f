// SPDX-License-Identifier: Apache-2.0
// The pages: the book (home), signing or amending, and one entry with its proof.
import "../../../web/tokens.css";
import "../../../web/base.css";
import "../../../web/lists.css";
import "./pages.css";
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
  home: { name: "", title: "home.nav", icon: "file", Page: Home },
  news: ["entry"],
  later: [
    { name: "sign", title: "sign.nav", icon: "correction" },
    { name: "entry", title: "home.nav", icon: "file", isUnlisted: true, hasStyle: true },
  ],
  Foot,
});
void findChain().catch(() => undefined); // asked for again with the first proof
