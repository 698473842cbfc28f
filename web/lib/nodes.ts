// SPDX-License-Identifier: Apache-2.0
// Which server to ask: those of a chain are found by what each tells of the others (/v1/nodes), and
// taken by how near they are, as measured here, or by what they say they charge. A server's word is
// not taken for more than an address: one of another chain, one that is far behind and one that does
// not answer in time are passed over, and whatever is read there is proven by lib/proof.ts as ever.
import { unitsOf } from "./amount";
import { createClient } from "./api";

export type By = "nearest" | "cheapest";

export interface FoundNode {
  url: string;
  latencyMs: number; // the least of PROBES
  pricePerMib: bigint; // in base units
  height: number;
}

export interface FindOptions {
  chainId?: string; // else that of the first server that answers
  by?: By;
  timeoutMs?: number; // for a server's answer
  maxBehind?: number; // blocks behind the highest
}

// Who carries the questions, and by whose clock nearness is measured.
export interface Line {
  get(url: string, path: string, timeoutMs: number): Promise<unknown>;
  now(): number; // ms
}
const network: Line = {
  now: () => performance.now(),
  async get(url, path, timeoutMs) {
    const own = new AbortController();
    const timer = setTimeout(() => own.abort(), timeoutMs);
    try {
      return await createClient({ url }).get<unknown>(path, own.signal);
    } finally {
      clearTimeout(timer);
    }
  },
};

const PROBES = 3; // the first one opens the connection
const MOST_NODES = 64; // asked, whatever they tell
const AT_ONCE = 8;
const TIMEOUT_MS = 3000;
const MAX_BEHIND = 20;

interface Chain {
  chain_id: string;
  height: number;
}
interface Way {
  line: Line;
  timeoutMs: number;
}
interface Told {
  chain_id: string;
  items: { url: string; price_per_mib: string }[];
}

// "https://a.example", without a path; null: no server's address.
function originOf(url: string): string | null {
  try {
    const { origin, protocol } = new URL(url);
    return protocol === "https:" || protocol === "http:" ? origin : null;
  } catch {
    return null;
  }
}

const ask = async <Answer>({ line, timeoutMs }: Way, url: string, path: string): Promise<Answer> =>
  (await line.get(url, path, timeoutMs)) as Answer;

// So many at a time; what fails is left out.
async function each<Item, Result>(items: Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const left = [...items];
  const results: Result[] = [];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      const result = await run(item).catch(() => null);
      if (result !== null) results.push(result);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

// Those that are known, and those that they know: a price is what the server itself says, and of one
// that says nothing it is what others say of it.
async function gather(known: string[], chainId: string | undefined, way: Way): Promise<Map<string, bigint>> {
  const prices = new Map(known.flatMap((url) => originOf(url) ?? []).map((url) => [url, 0n]));
  const asked = new Set<string>();
  for (let round = 0; round < 2; round++) {
    const next = [...prices.keys()].filter((url) => !asked.has(url)).slice(0, MOST_NODES);
    next.forEach((url) => asked.add(url));
    const told = await each(next, async (from) => ({ from, told: await ask<Told>(way, from, "/v1/nodes") }));
    for (const { from, told: { chain_id, items } } of told) {
      if (chainId !== undefined && chain_id !== chainId) continue;
      for (const { url, price_per_mib } of items.slice(0, MOST_NODES)) {
        const origin = originOf(url);
        const price = unitsOf(price_per_mib);
        if (!origin || price === null || (prices.size >= MOST_NODES && !prices.has(origin))) continue;
        if (origin === from || !asked.has(origin)) prices.set(origin, price);
      }
    }
  }
  return prices;
}

async function probe(url: string, way: Way): Promise<Chain & { latencyMs: number }> {
  let latencyMs = Infinity;
  let chain: Chain | null = null;
  for (let i = 0; i < PROBES; i++) {
    const begun = way.line.now();
    chain = await ask<Chain>(way, url, "/v1/chain");
    latencyMs = Math.min(latencyMs, way.line.now() - begun);
  }
  return { ...chain!, latencyMs };
}

const compare: Record<By, (a: FoundNode, b: FoundNode) => number> = {
  nearest: (a, b) => a.latencyMs - b.latencyMs,
  cheapest: (a, b) => (a.pricePerMib === b.pricePerMib ? a.latencyMs - b.latencyMs : a.pricePerMib < b.pricePerMib ? -1 : 1),
};

// Half of them say so much or more: one that invents a height makes nobody look far behind.
function middle(heights: number[]): number {
  const sorted = [...heights].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

// Servers that somebody chose are held against one another, and strangers against both: whatever strangers
// tell, and however many they are, it keeps no chosen one away.
// The best one first; none where no known server answers.
export async function findNodes(known: string[], options: FindOptions = {}, line: Line = network): Promise<FoundNode[]> {
  const { by = "nearest", timeoutMs = TIMEOUT_MS, maxBehind = MAX_BEHIND } = options;
  const way = { line, timeoutMs };
  const prices = await gather(known, options.chainId, way);
  const probed = await each([...prices.keys()], async (url) => ({ url, ...(await probe(url, way)) }));
  const order = [...prices.keys()];
  probed.sort((a, b) => order.indexOf(a.url) - order.indexOf(b.url));
  const chainId = options.chainId ?? probed[0]?.chain_id;
  const ofChain = probed.filter(({ chain_id }) => chain_id === chainId);
  const own = new Set(known.map(originOf));
  const chosen = ofChain.filter(({ url }) => own.has(url)).map(({ height }) => height);
  const lowest = Math.max(middle(chosen), middle(ofChain.map(({ height }) => height))) - maxBehind;
  const isNear = ({ url, height }: { url: string; height: number }): boolean =>
    height >= (own.has(url) ? middle(chosen) - maxBehind : lowest);
  return ofChain
    .filter(isNear)
    .map(({ url, latencyMs, height }) => ({ url, latencyMs, height, pricePerMib: prices.get(url) ?? 0n }))
    .sort(compare[by]);
}
