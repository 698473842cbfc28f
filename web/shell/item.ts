// SPDX-License-Identifier: Apache-2.0
// The one thing that a page is about, named in its address (#/PAGE/ID): asked for when it is named, and
// again with news of it. What is shown stays there meanwhile. A page with a proof draws it under all of the
// item as its key: an answer that differs is checked anew, whatever it says of its proof.
import { signal, useSignalEffect } from "@preact/signals";
import { ApiError } from "../lib/api";
import { onNews } from "./news";
import { route } from "./route";

interface Shown<Item> {
  item: Item | null;
  error: unknown;
  isMissing: boolean; // the server says that there is none; that is no `error`
}
interface Source<Item> {
  page: string;
  read: (id: string, abort: AbortSignal) => Promise<Item>;
  news: readonly string[]; // types that may be of it
  isOf: (news: unknown, id: string) => boolean;
}
interface Question {
  id: string;
  isAgain: boolean;
  abort: AbortController;
}
const NOTHING = { item: null, error: null, isMissing: false };

// The hook for the page; what it showed last is kept, so that coming back shows it at once.
export function itemOf<Item>({ page, read, news, isOf }: Source<Item>): () => Shown<Item> & { isWaiting: boolean; reload: () => void } {
  const shown = signal<Shown<Item> & { id: string }>({ id: "", ...NOTHING });
  let asking: Question | null = null;

  // One question at a time, and behind it one for all news of meanwhile.
  const load = async (id: string): Promise<void> => {
    if (asking?.id === id) return void (asking.isAgain = true);
    asking?.abort.abort();
    const own: Question = { id, isAgain: true, abort: new AbortController() };
    asking = own;
    const before = shown.peek().id === id ? shown.peek().item : null;
    shown.value = { ...NOTHING, id, item: before };
    while (own.isAgain && !own.abort.signal.aborted) {
      own.isAgain = false;
      const found = await read(id, own.abort.signal).then(
        (item) => ({ ...NOTHING, item }),
        (error: unknown) =>
          error instanceof ApiError && error.status === 404
            ? { ...NOTHING, isMissing: true }
            : { ...NOTHING, item: shown.peek().item, error },
      );
      if (!own.abort.signal.aborted) shown.value = { ...found, id };
    }
    if (asking === own) asking = null;
  };
  const renew = (isWanted: (id: string) => boolean): void => {
    const [at, id = ""] = route.peek().path;
    if (at === page && isWanted(id)) void load(id);
  };
  for (const type of news) onNews(type, (data) => renew((id) => isOf(data, id)));
  onNews("reset", () => renew(() => true));

  return () => {
    useSignalEffect(() => {
      const [at, id = ""] = route.value.path;
      if (at === page) void load(id);
    });
    const id = route.value.path[1] ?? "";
    const now = shown.value.id === id ? shown.value : NOTHING;
    const isWaiting = now.item === null && now.error === null && !now.isMissing;
    return { ...now, isWaiting, reload: () => void load(id) };
  };
}
