// SPDX-License-Identifier: Apache-2.0
// What stands in a list's place while it is asked for: lines for who looks, a word for who listens.
export const Waiting = ({ word }: { word: string }) => (
  <div class="ghost-page" role="status">
    <span class="unseen">{word}</span>
    <span class="ghost" />
    <span class="ghost" />
    <span class="ghost" />
  </div>
);
