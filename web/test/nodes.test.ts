// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { type FindOptions, type FoundNode, type Line, findNodes } from "../lib/nodes";

interface Stand {
  chain?: string;
  height?: number;
  price?: string;
  tells?: (url: string) => object[]; // besides itself
  isDumb?: boolean; // takes connections and never answers
}

const answerOf = (url: string, path: string, { chain = "aa", height = 100, price = "0", tells = () => [] }: Stand): object => {
  const own = { url, price_per_mib: price, height, is_self: true };
  return path === "/v1/nodes" ? { chain_id: chain, items: [own, ...tells(url)] } : { chain_id: chain, height };
};

const HANGING_MS = 60_000; // no answer takes so long; one that is there is waited for
const servers: Server[] = [];
after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

async function stand(what: Stand): Promise<string> {
  let url = "";
  const server = createServer((request, response) => {
    if (what.isDumb) return;
    response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answerOf(url, request.url ?? "", what)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return url;
}

const item = (url: string, price = "0") => ({ url, price_per_mib: price, height: 100, is_self: false });
const urls = (found: { url: string }[]): string[] => found.map(({ url }) => url);

// Lines of a given length each, on a clock that stands until nobody has anything to do: how near a server
// is does not depend on what else this machine does.
class Lines implements Line {
  private ms = 0;
  private readonly due: { at: number; run: () => void }[] = [];

  constructor(private readonly ends: Record<string, Stand & { waitMs: number }>) {}

  now(): number {
    return this.ms;
  }

  get(url: string, path: string, timeoutMs: number): Promise<unknown> {
    const end = this.ends[url];
    if (!end) return Promise.reject(new Error("nobody there"));
    return new Promise((resolve, reject) => {
      const run = end.waitMs < timeoutMs ? () => resolve(answerOf(url, path, end)) : () => reject(new Error("too late"));
      this.due.push({ at: this.ms + Math.min(end.waitMs, timeoutMs), run });
    });
  }

  async find(known: string[], options?: FindOptions): Promise<FoundNode[]> {
    let found: FoundNode[] | null = null;
    const end = findNodes(known, options, this).then((nodes) => (found = nodes));
    while (!found) {
      await new Promise((resolve) => setImmediate(resolve));
      this.due.sort((a, b) => a.at - b.at);
      const next = this.due.shift();
      if (next) [this.ms] = [next.at, next.run()];
    }
    return end;
  }
}
const [FAR, NEAR, FIRST] = ["http://far.example", "http://near.example", "http://first.example"];

test("of the servers that one tells of the nearest comes first, or the cheapest", async () => {
  const lines = new Lines({
    [FAR]: { waitMs: 300, price: "0.1" },
    [NEAR]: { waitMs: 1, price: "3" },
    [FIRST]: { waitMs: 150, price: "2.5", tells: () => [item(FAR, "0.1"), item(NEAR, "3")] },
  });
  const nearest = await lines.find([FIRST]);
  assert.deepEqual(urls(nearest), [NEAR, FIRST, FAR]);
  assert.deepEqual(nearest.map(({ latencyMs }) => latencyMs), [1, 150, 300]);
  const cheap = await lines.find([FIRST], { by: "cheapest" });
  assert.deepEqual(urls(cheap), [FAR, FIRST, NEAR]);
  assert.deepEqual(cheap.map(({ pricePerMib }) => pricePerMib), [10_000_000n, 250_000_000n, 300_000_000n]);
});

test("equal prices are told apart by how near they are", async () => {
  const lines = new Lines({ [FAR]: { waitMs: 200 }, [NEAR]: { waitMs: 1, tells: () => [item(FAR)] } });
  assert.deepEqual(urls(await lines.find([NEAR, FAR], { by: "cheapest" })), [NEAR, FAR]);
  assert.deepEqual(urls(await lines.find([FAR, NEAR], { by: "cheapest" })), [NEAR, FAR]);
});

test("what a server says of its own price goes before what others say of it", async () => {
  const dear = await stand({ price: "9" });
  const liar = await stand({ price: "1", tells: () => [item(dear, "0")] });
  assert.deepEqual(urls(await findNodes([liar], { by: "cheapest", timeoutMs: HANGING_MS })), [liar, dear]);
});

test("another chain, one far behind and what is no server are passed over", async () => {
  const others = await Promise.all([stand({ chain: "bb" }), stand({ height: 50 })]);
  const tells = (): object[] => [...others.map((url) => item(url)), item("http://127.0.0.1:1"), item("javascript:alert(1)"), item("nowhere")];
  const first = await stand({ tells });
  const patient = { timeoutMs: HANGING_MS };
  assert.deepEqual(urls(await findNodes([first], patient)), [first]);
  assert.deepEqual(urls(await findNodes([first], { ...patient, chainId: "bb" })), []);
  assert.deepEqual(urls(await findNodes([first, others[0]!], { ...patient, chainId: "bb" })), [others[0]]);
  assert.deepEqual(urls(await findNodes([first], { ...patient, maxBehind: 60 })).sort(), [first, others[1]!].sort());
});

test("one that does not answer in time is passed over", async () => {
  const lines = new Lines({ [FAR]: { waitMs: 301 }, [FIRST]: { waitMs: 299, tells: () => [item(FAR)] } });
  assert.deepEqual(urls(await lines.find([FIRST], { timeoutMs: 300 })), [FIRST]);
  assert.deepEqual(urls(await lines.find([FIRST], { timeoutMs: 302 })), [FIRST, FAR]);
});

test("one that takes connections and never answers holds nobody up for ever", async () => {
  assert.deepEqual(await findNodes([await stand({ isDumb: true })], { timeoutMs: 20 }), []);
});

test("however many a server tells of, no more than 64 are asked", async () => {
  const many = Array.from({ length: 500 }, (_, i) => item(`http://127.0.0.1:1/${i}`.replace(":1/", `:${20_000 + i}#`)));
  const first = await stand({ tells: () => many });
  assert.deepEqual(urls(await findNodes([first], { timeoutMs: HANGING_MS })), [first]);
});

test("where nobody answers there is nobody", async () => {
  assert.deepEqual(await findNodes(["http://127.0.0.1:1", "nowhere"]), []);
});

test("a server that tells of a height that nobody has keeps no other away", async () => {
  const found = await new Lines({
    "http://a": { waitMs: 5, tells: () => [item("http://b"), item("http://liar")] },
    "http://b": { waitMs: 7 },
    "http://liar": { waitMs: 9, height: 1_000_000_000 },
  }).find(["http://a"]);
  assert.deepEqual(urls(found).slice(0, 2), ["http://a", "http://b"]);
});

test("however many strangers invent a height, the chosen server stays", async () => {
  const liars = Array.from({ length: 9 }, (_, i) => `http://liar${i}`);
  const found = await new Lines({
    "http://a": { waitMs: 5, tells: () => liars.map((url) => item(url)) },
    ...Object.fromEntries(liars.map((url) => [url, { waitMs: 9, height: 1_000_000 }])),
  }).find(["http://a"]);
  assert.equal(found[0]?.url, "http://a");
});
