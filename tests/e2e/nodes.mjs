// SPDX-License-Identifier: Apache-2.0
// Three real servers of one chain, each behind a line of its own length: a client that knows one of
// them finds all, and goes to the nearest or to the cheapest. Run by run_nodes.sh, which tells their
// addresses and those that they tell of themselves.
import assert from "node:assert/strict";
import { createServer, request as ask } from "node:http";
import { test } from "node:test";
import { findNodes } from "./nodes-lib.mjs";

const { NODES, PORTS } = process.env;
const [backs, ports] = [NODES.split(" "), PORTS.split(" ").map(Number)];
const WAITS_MS = [300, 0, 600]; // the second is the nearest
const lines = backs.map((back, i) => {
  const server = createServer((request, response) => {
    setTimeout(() => {
      const { hostname, port } = new URL(back);
      const onward = ask({ hostname, port, path: request.url, method: request.method }, (answer) => {
        response.writeHead(answer.statusCode, { "Content-Type": answer.headers["content-type"] ?? "" });
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      onward.end();
    }, WAITS_MS[i]);
  });
  server.listen(ports[i], "127.0.0.1");
  return server;
});
const url = (i) => `http://127.0.0.1:${ports[i]}`;

// Until the three have heard of one another.
async function awaitAll() {
  for (;;) {
    const { items } = await (await fetch(`${backs[0]}/v1/nodes`)).json();
    if (items.length === 3) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test("a client that knows one server goes to the nearest", { timeout: 120_000 }, async () => {
  await awaitAll();
  const found = await findNodes([url(0)]);
  assert.deepEqual(found.map((one) => one.url), [url(1), url(0), url(2)]);
});

test("or to the cheapest", { timeout: 120_000 }, async () => {
  await awaitAll();
  const found = await findNodes([url(0)], { by: "cheapest" });
  assert.deepEqual(found.map((one) => [one.url, one.pricePerMib]), [
    [url(2), 1_000_000n],
    [url(0), 5_000_000n],
    [url(1), 25_000_000n],
  ]);
  lines.forEach((line) => (line.closeAllConnections(), line.close()));
});
