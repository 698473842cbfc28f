// SPDX-License-Identifier: Apache-2.0
import type { sendTexts } from "./errors.en";

export const sendTextsZh: Record<keyof typeof sendTexts, string> = {
  "error.INSUFFICIENT_FUNDS": "账户余额不足。",
  "error.CANNOT_PAY_GAS": "账户付不起费用，本服务器也不代付。",
  "error.CANNOT_PAY_DEPOSIT": "账户付不起存储所需的押金。",
  "error.OUT_OF_GAS": "所需的工作超出允许。除费用外什么也没有发生。",
  "error.CONTRACT_REFUSED": "合约拒绝了。",
  "refused.the contract refused; its own code says why": "合约拒绝了，未说明原因。",
  "error.STAKE_TOO_SMALL": "锁定的 LMM 不足。",
  "error.TOO_MANY_UNLOCKS": "同时解锁的笔数过多。请先领取已到期的。",
  "error.NOTHING_TO_CLAIM": "还没有可领取的。",
  "error.NOTHING_READY": "还没有可以领取的。",
  "error.NOT_A_CANDIDATE": "其中有人已不是候选人。",
  "error.EXPIRED": "它没有及时被收录，也不会再被收录。什么也没有发生，请重新发送。",
  "error.MEMPOOL_FULL": "链上过于繁忙。请一分钟后重试。",
  "error.WRONG_NONCE": "另一台设备先用了此账户。请重试。",
  "error.NONCE_GAP": "此账户较早的操作尚未到达。请稍后重试。",
  "error.NOT_AUTHORIZED": "本浏览器中的密钥不能为此账户签名。",
  "error.TOO_LARGE": "太大，无法一次签署。",
  "error.outside_terms": "本服务器不为此类操作付费。",
  "error.sponsor_budget_spent": "本服务器今天为新用户付费的额度已用完。请明天再试，或请别人转些 LMM 给您。",
};
