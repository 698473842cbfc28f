// SPDX-License-Identifier: Apache-2.0
// The Chinese texts of the shell and of the pages that every market has; a market's zh.ts adds its own.
import { docsTextsZh } from "../../docs/texts.zh";
import { explorerTextsZh } from "../../explorer/texts.zh";
import { firmTextsZh } from "../../firm/texts.zh";
import { sendTextsZh } from "../../wallet/errors.zh";
import { stepTextsZh } from "../../wallet/steps.zh";
import { walletTextsZh } from "../../wallet/texts.zh";
import { proofTextsZh } from "../../shell/proof.zh";
import { problemTextsZh } from "./problems-zh";
import { shellTextsZh } from "./shell.zh";

export const kitTextsZh = {
  ...problemTextsZh,
  ...shellTextsZh,
  ...proofTextsZh,
  ...docsTextsZh,
  ...explorerTextsZh,
  ...firmTextsZh,
  ...walletTextsZh,
  ...sendTextsZh,
  ...stepTextsZh,
};
