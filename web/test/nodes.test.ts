// SPDX-License-Identifier: Apache-2.0
import assert from "node:assert/strict";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, test } from "node:test";
import { findNodes } from "../lib/nodes";

interface Stand {
  chain?: string;
  height?: number;
  price?: string;
  waitMs?: number; // before each answer
  tells?: (url: string) => object[]; // besides itself
  isDumb?: boolean; // takes connections and never answers
}

const servers: Server[] = [];
after(() => servers.forEach((server) => (server.closeAllConnections(), server.close())));

async function stand({ chain = "aa", height = 100, price = "0", waitMs = 0, tells = () => [], isDumb }: Stand): Promise<string> {
  let url = "";
  const server = createServer((request, response) => {
    if (isDumb) return;
    const own = { url, price_per_mib: price, height, is_self: true };
    const body = request.url === "/v1/nodes" ? { chain_id: chain, items: [own, ...tells(url)] } : { chain_id: chain, height };
    setTimeout(() => response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(body)), waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  servers.push(server);
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return url;
}

const item = (url: string, price = "0") => ({ url, price_per_mib: price, height: 100, is_self: false });
const urls = (found: { url: string }[]): string[] => found.map(({ url }) => url);

test("of the servers that one tells of the nearest comes first, or the cheapest", async () => {
  const far = await stand({ waitMs: 300, price: "0.1" });
  const near = await stand({ price: "3" });
  const first = await stand({ waitMs: 150, price: "2.5", tells: () => [item(far, "0.1"), item(near, "3")] });
  assert.deepEqual(urls(await findNodes([first])), [near, first, far]);
  const cheap = await findNodes([first], { by: "cheapest" });
  assert.deepEqual(urls(cheap), [far, first, near]);
  assert.deepEqual(cheap.map(({ pricePerMib }) => pricePerMib), [10_000_000n, 250_000_000n, 300_000_000n]);
});

test("equal prices are told apart by how near they are", async () => {
  const far = await stand({ waitMs: 200 });
  const near = await stand({ tells: () => [item(far)] });
  assert.deepEqual(urls(await findNodes([near, far], { by: "cheapest" })), [near, far]);
});

test("what a server says of its own price goes before what others say of it", async () => {
  const dear = await stand({ price: "9" });
  const liar = await stand({ price: "1", tells: () => [item(dear, "0")] });
  assert.deepEqual(urls(await findNodes([liar], { by: "cheapest" })), [liar, dear]);
});

test("another chain, one far behind, one that is silent and what is no server are passed over", async () => {
  const others = await Promise.all([stand({ chain: "bb" }), stand({ height: 50 }), stand({ isDumb: true })]);
  const tells = (): object[] => [...others.map((url) => item(url)), item("http://127.0.0.1:1"), item("javascript:alert(1)"), item("nowhere")];
  const first = await stand({ tells });
  assert.deepEqual(urls(await findNodes([first], { timeoutMs: 300 })), [first]);
  assert.deepEqual(urls(await findNodes([first], { timeoutMs: 300, chainId: "bb" })), []);
  assert.deepEqual(urls(await findNodes([first, others[0]!], { timeoutMs: 300, chainId: "bb" })), [others[0]]);
  assert.deepEqual(urls(await findNodes([first], { timeoutMs: 300, maxBehind: 60 })).sort(), [first, others[1]!].sort());
});

test("however many a server tells of, no more than 64 are asked", async () => {
  const many = Array.from({ length: 500 }, (_, i) => item(`http://127.0.0.1:1/${i}`.replace(":1/", `:${20_000 + i}#`)));
  const first = await stand({ tells: () => many });
  assert.deepEqual(urls(await findNodes([first], { timeoutMs: 300 })), [first]);
});

test("where nobody answers there is nobody", async () => {
  assert.deepEqual(await findNodes(["http://127.0.0.1:1", "nowhere"]), []);
});
