// SPDX-License-Identifier: Apache-2.0
// The steps of a verdict, for pages: without the library that goes through them.
import type { ProofErrorCode, ProofResult, Step } from "./proof";

export const ALL_STEPS = ["file", "chain", "payload", "event", "block", "history", "witnesses", "shown"] as const;
export type AnyStep = Step | "shown";

export type Verdict =
  | { isProven: true; result: ProofResult; isPeriodOver: boolean }
  | { isProven: false; step: AnyStep; why: ProofErrorCode | "other_contract" | "shown_differs" };
