// SPDX-License-Identifier: Apache-2.0
// What the contract says when it refuses (contract/abi.json), in Chinese, by its numbers. In English
// its own sentences are shown.
import { refusalTexts } from "../../../web/lib/i18n/refusals";
import { errors } from "../contract/abi.json";

export const refusalsZh: Record<string, string> = {
  "1": "参数不符合该方法的形式",
  "2": "留言须为 1 至 280 字节",
  "3": "留言的押金恰为 0.01 LMM",
  "4": "没有这条留言",
  "5": "只有作者可以修改留言",
};
export const refusalTextsZh = refusalTexts(errors, refusalsZh);
