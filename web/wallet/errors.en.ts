// SPDX-License-Identifier: Apache-2.0
// Why a transaction failed or was not taken, by its code; contracts bring their own sentences.
export const sendTexts = {
  "error.INSUFFICIENT_FUNDS": "There is not enough in the account for this.",
  "error.CANNOT_PAY_GAS": "The account cannot pay the fee, and this server does not pay it for you.",
  "error.CANNOT_PAY_DEPOSIT": "The account cannot pay the deposit for what would be stored.",
  "error.OUT_OF_GAS": "It took more work than was allowed for. Nothing happened but the fee.",
  "error.CONTRACT_REFUSED": "The contract refused.",
  "refused.the contract refused; its own code says why": "The contract refused, and gave no reason.",
  "error.STAKE_TOO_SMALL": "Too little LMM is locked for this.",
  "error.TOO_MANY_UNLOCKS": "Too much is being unlocked at a time. Withdraw what is ready first.",
  "error.NOTHING_TO_CLAIM": "There is nothing to take yet.",
  "error.NOTHING_READY": "Nothing is ready to be taken yet.",
  "error.NOT_A_CANDIDATE": "One of these is no candidate any more.",
  "error.EXPIRED": "It was not taken in time, and never will be. Nothing happened; send it again.",
  "error.MEMPOOL_FULL": "The chain has more to do than it can take. Try again in a minute.",
  "error.WRONG_NONCE": "Another device was faster with this account. Try again.",
  "error.NONCE_GAP": "An earlier action of this account has not arrived yet. Try again in a moment.",
  "error.NOT_AUTHORIZED": "The keys in this browser may not sign for this account.",
  "error.TOO_LARGE": "This is too large to be signed at once.",
  "error.outside_terms": "This server does not pay for such an action.",
  "error.sponsor_budget_spent": "This server has paid what it pays for newcomers in a day. Try again tomorrow, or have some LMM sent to you.",
};
