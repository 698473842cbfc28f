// SPDX-License-Identifier: Apache-2.0
import type { stepTexts } from "./steps.en";

export const stepTextsZh: Record<keyof typeof stepTexts, string> = {
  "steps.wallet": "创建钱包",
  "steps.toWallet": "前往钱包",
  "steps.empty": "您的钱包是空的。这是试验网络，用的是体验币。",
  "steps.faucet": "领取 100 体验 LMM",
  "steps.busy": "请稍候",
  "steps.has": "钱包余额：{amount} LMM",
};
