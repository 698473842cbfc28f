// SPDX-License-Identifier: Apache-2.0
// What a contract says when it refuses, in another language. An answer carries the contract's own
// sentence, so that is the key; translations go by the contract's numbers (contract/abi.json).
type Sentences = Record<string, string>;

export const refusalTexts = (errors: Sentences, translated: Sentences): Sentences =>
  Object.fromEntries(
    Object.entries(errors).flatMap(([number, sentence]) =>
      number in translated ? [[`refused.${sentence}`, translated[number]!]] : [],
    ),
  );
