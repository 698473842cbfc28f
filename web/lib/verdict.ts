// SPDX-License-Identifier: Apache-2.0
// What a proof file says about something that a page shows: the chain's own steps (proof.ts), then
// two of a market: its contract itself recorded it, and what is shown is what was recorded. A
// market's proof.ts exports `checkShown`, and is built alone (proof.js).
import { ProofError, type ProofResult, TRUST_PERIOD_MS, verifyProof } from "./proof";
import type { Verdict } from "./verdict-steps";

// What a market says of its records: the contract's name in genesis, its events, and whether one of
// them says what is shown.
export interface Records {
  contract: string;
  topics: string[];
  shows: (result: ProofResult) => boolean;
}

export function judge(file: string, chainId: string, { contract, topics, shows }: Records): Verdict {
  try {
    const result = verifyProof(file, { chainId });
    if (!result.isGenesisContract(contract) || !topics.includes(result.topic))
      return { isProven: false, step: "event", why: "other_contract" };
    if (!shows(result)) return { isProven: false, step: "shown", why: "shown_differs" };
    const isPeriodOver = Date.now() - result.trustedSince.getTime() > TRUST_PERIOD_MS;
    return { isProven: true, result, isPeriodOver };
  } catch (error) {
    if (error instanceof ProofError) return { isProven: false, step: error.step, why: error.code };
    throw error;
  }
}
