// SPDX-License-Identifier: Apache-2.0
// The steps to a wallet with money in it, on the pages that need one (with-wallet.tsx).
export const stepTexts = {
  "steps.wallet": "Create a wallet",
  "steps.toWallet": "To the wallet",
  "steps.empty": "Your wallet is empty. This is a trial network, and its money is play money.",
  "steps.faucet": "Get 100 play LMM",
  "steps.busy": "One moment",
  "steps.has": "In your wallet: {amount} LMM",
};
