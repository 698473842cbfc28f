// SPDX-License-Identifier: Apache-2.0
// The explorer against a real server, in Chromium: a capture's transaction found and read in the words
// of its contract, a view asked, a call previewed, signed by a newcomer's wallet that the server pays
// for, and followed to its end. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { PHONE, finish, lowTargets, test, testPages, url } from "./browser.mjs";

const answer = async (path, init) => {
  const response = await fetch(`${url}${path}`, init);
  assert.ok(response.ok, `${path}: ${response.status}`);
  return response.json();
};
const devnet = await answer("/v1/devnet");
const alice = devnet.accounts.find(({ role }) => role === "alice").address;
const hex = () => [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

// Captures an event by the server's key; its ids, and the transaction.
async function capture() {
  const epc = `urn:epc:id:sgtin:9521321.012345.${parseInt(hex().slice(0, 8), 16)}`;
  const eventID = `urn:uuid:${crypto.randomUUID()}`;
  const event = {
    eventID,
    type: "ObjectEvent",
    action: "OBSERVE",
    bizStep: "inspecting",
    eventTime: "2026-03-02T08:00:00Z",
    eventTimeZoneOffset: "+00:00",
    epcList: [epc],
  };
  const document = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T09:00:00Z",
    epcisBody: { eventList: [event] },
  };
  const headers = { Authorization: `Bearer ${devnet.api_key}`, "Content-Type": "application/json" };
  const taken = await fetch(`${url}/capture`, { method: "POST", headers, body: JSON.stringify(document) });
  assert.equal(taken.status, 202);
  const { tx } = await answer(new URL(taken.headers.get("Location"), url).pathname, { headers });
  await answer(`/v1/transactions/${tx[0]}?wait=final`);
  return { epc, eventID, tx: tx[0] };
}
await capture(); // so that there is a block before
const { epc, eventID, tx } = await capture();
const contract = (await answer("/v1/contracts")).items.find(({ name }) => name === "supplychain").address;
const { height } = await answer(`/v1/transactions/${tx}`);

async function find(page, text) {
  await page.goto(`${url}/#/explorer`);
  await page.getByLabel("Search the chain").fill(text);
  await page.getByRole("button", { name: "Search", exact: true }).click();
}
const heading = (page, text) => page.locator("h1", { hasText: text }).waitFor();
const hashPath = (page) => page.evaluate(() => location.hash);

await test("a capture's transaction is found by its id and read in its contract's words", async (page) => {
  await find(page, tx);
  await page.locator(".card").first().waitFor();
  assert.equal(await page.locator("h1").textContent(), "capture");
  assert.equal(await page.title(), "capture – LMM Supply chain");
  assert.equal((await page.locator(".title .state").textContent()).trim(), "Final");
  assert.equal(await hashPath(page), `#/explorer/transactions/${tx}`);
  const names = await page.locator(".card").first().locator(".decoded > .members > div > dt").allTextContents();
  assert.deepEqual(names, ["job", "document", "entries"]);
  await page.locator(".card", { hasText: "captured" }).getByText("supplychain").waitFor();
  // The document lies in the transaction, as bytes that are a text.
  await page.getByText("As text").first().click();
  await page.locator(".bytes pre", { hasText: eventID }).waitFor();
  await page.goBack();
  await page.getByLabel("Search the chain").waitFor(); // not the find, which would lead here again
});

await test("a height, a block's id, an account, a witness' key and a contract's name are found", async (page) => {
  const block = await answer(`/v1/blocks/${height}`);
  const witness = (await answer("/v1/witnesses")).items[0];
  for (const [text, path] of [
    [String(height), `#/explorer/blocks/${height}`],
    [block.id, `#/explorer/blocks/${height}`],
    [alice, `#/explorer/accounts/${alice}`],
    [witness.key, "#/explorer/witnesses"],
    ["supplychain", `#/explorer/contracts/${contract}`],
  ]) {
    await find(page, text);
    await page.waitForFunction((wanted) => location.hash === wanted, path);
    await page.locator(".entries, .witness").first().waitFor();
  }
  await find(page, "nothing has this name");
  await page.getByRole("heading", { name: "Nothing by that name" }).waitFor();
});

await test("an event's id and a thing's lead to the market's own pages", async (page) => {
  await find(page, eventID);
  await page.waitForFunction(() => location.hash.startsWith("#/event/"));
  await find(page, epc);
  await page.waitForFunction(() => location.hash.startsWith("#/?epc="));
  await page.locator("a.row").first().waitFor();
});

await test("a block tells its transactions, its roots and its neighbours", async (page) => {
  await page.goto(`${url}/#/explorer/blocks/${height}`);
  await heading(page, "Block");
  await page.locator(".tx", { hasText: "capture" }).first().waitFor();
  const block = await answer(`/v1/blocks/${height}`);
  for (const root of ["id", "tx_root", "receipts_root", "state_root", "history_root"])
    assert.equal(await page.locator(".entries .mono", { hasText: block[root] }).count(), 1, root);
  await page.getByRole("link", { name: "Previous" }).click();
  await page.waitForFunction((wanted) => location.hash === wanted, `#/explorer/blocks/${height - 1}`);
});

await test("new blocks and transactions come of themselves", async (page) => {
  await page.goto(`${url}/#/explorer`);
  await page.locator(".tx").first().waitFor();
  await page.evaluate(() => (window.stayed = true));
  const { tx: id } = await capture();
  await page.locator(`.is-fresh a[href$="${id}"]`).waitFor();
  assert.ok(await page.evaluate(() => window.stayed));
});

await test("an account tells what it holds and what it did, a page at a time", async (page) => {
  await page.goto(`${url}/#/explorer/accounts/${alice}`);
  const { units } = await answer(`/v1/accounts/${alice}`);
  assert.ok(BigInt(units) > 0n);
  await page.locator(".holding .amount").waitFor();
  await page.locator(".tx, .notice").first().waitFor();
});

async function openMethod(page, name) {
  await page.goto(`${url}/#/explorer/contracts/${contract}`);
  await heading(page, "supplychain");
  const item = page.locator(".methods > li").filter({ has: page.locator("summary .mono", { hasText: new RegExp(`^${name}$`) }) });
  await item.locator("summary").click();
  return item;
}

await test("a transfer's row says from whom to whom, how much, and a devnet's accounts have names", async (page) => {
  await page.goto(`${url}/#/wallet`);
  await page.getByRole("button", { name: "Create a wallet" }).click();
  const address = await page.locator(".aside .ident .mono").getAttribute("title");
  const { id } = await answer("/v1/faucet", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ address, amount: "3.25" }),
  });
  await page.goto(`${url}/#/explorer/accounts/${address}`);
  const row = page.locator(".tx", { has: page.locator(`a[href$="${id}"]`) });
  await row.locator(".amount", { hasText: /^3\.25 LMM$/ }).waitFor();
  await row.getByText(`faucet → ${address.slice(0, 8)}`).waitFor();
  await row.getByRole("link", { name: "faucet" }).click();
  await heading(page, "Account faucet");
});

await test("going back leads to the link that was followed, at the height it was at", async (page) => {
  await page.goto(`${url}/#/explorer`);
  const last = page.locator(".tx-title").last();
  await last.focus();
  await last.evaluate((one) => scrollTo(0, one.getBoundingClientRect().top + scrollY - 300));
  const href = await last.getAttribute("href");
  const top = () => page.evaluate(() => Math.round(document.activeElement.getBoundingClientRect().top));
  const before = await top();
  assert.ok((await page.evaluate(() => scrollY)) > 0);
  await page.keyboard.press("Enter");
  await page.locator(".cards").first().waitFor();
  assert.equal(await page.evaluate(() => scrollY), 0);
  await page.goBack();
  await page.waitForFunction((wanted) => document.activeElement?.getAttribute("href") === wanted, href);
  await page.waitForFunction(
    (wanted) => Math.abs(document.activeElement.getBoundingClientRect().top - wanted) <= 1,
    before,
  );
  await page.goForward();
  await page.locator(".cards").first().waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
}, { viewport: { width: 360, height: 640 } });

await test("a view is asked, and what does not fit is said at its field", async (page) => {
  const item = await openMethod(page, "job");
  await item.getByRole("button", { name: "Ask" }).click();
  await item.getByRole("alert").first().waitFor();
  await item.getByLabel("sender").fill(alice);
  await item.getByLabel("job").fill(hex());
  await item.getByRole("button", { name: "Ask" }).click();
  await item.locator(".result", { hasText: "none" }).waitFor();
  const { content } = await page.evaluate(() => ({ content: document.querySelector(".method .curl button").title }));
  assert.match(content, /^curl -s -H 'Content-Type: application\/json' -d '\{"arguments":\{.*\}\}' 'http/);
});

await test("what is copied as curl is the question behind the page", async (page) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${url}/#/explorer/transactions/${tx}`);
  await page.locator(".card").first().waitFor();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, `curl -s '${url}/v1/transactions/${tx}/decoded'`);
  assert.equal((await answer(new URL(/'(.*)'/.exec(copied)[1]).pathname)).id, tx);
});

async function fillCapture(item, bytes) {
  await item.getByLabel("job").fill(hex());
  await item.getByLabel("document").fill(bytes);
  await item.getByRole("button", { name: "Add an item" }).click();
  await item.getByLabel("flags").fill("0");
  for (const name of ["event_hash", "id_hash", "body_hash"]) await item.getByLabel(name).fill(hex());
}

await test("a newcomer calls a contract, the server pays, and the call goes from preview to final", async (page) => {
  const item = await openMethod(page, "capture");
  await item.getByRole("button", { name: "Create a wallet" }).click();
  await fillCapture(item, "7b7d");
  await item.getByRole("button", { name: "Preview" }).click();
  await item.getByText("This would work").waitFor();
  await item.getByText("paid for by the server").waitFor();
  await item.locator(".result .card", { hasText: "captured" }).waitFor();
  await item.getByRole("button", { name: "Sign and send" }).click();
  await item.locator(".result .state.is-final").waitFor();
  await item.getByRole("link", { name: "Open the transaction" }).click();
  await page.locator(".title .state.is-final").waitFor();
  const id = (await hashPath(page)).replace(/^.*\//, "");
  const done = await answer(`/v1/transactions/${id}/decoded`);
  assert.equal(done.code, "OK");
  assert.equal(done.actions[0].arguments.document, "7b7d");
  assert.notEqual(done.payer, done.sender);
  assert.ok(done.gas_used <= done.gas_limit && done.gas_limit < 12_000_000);
});

await test("who has money pays for the call, and no more than the preview said", async (page) => {
  await page.goto(`${url}/#/wallet`);
  await page.getByRole("button", { name: "Create a wallet" }).click();
  await page.getByRole("button", { name: "Get 100 play LMM" }).click();
  await page.locator(".balance .amount", { hasText: "100" }).waitFor();
  const item = await openMethod(page, "capture");
  await fillCapture(item, "5b5d");
  await item.getByRole("button", { name: "Preview" }).click();
  await item.getByText("This would work").waitFor();
  assert.equal(await item.getByText("paid for by the server").count(), 0);
  const fee = parseFloat(await item.locator(".result .amount").first().textContent());
  await item.getByRole("button", { name: "Sign and send" }).click();
  await item.locator(".result .state.is-final").waitFor();
  await item.getByRole("link", { name: "Open the transaction" }).click();
  await page.locator(".title .state.is-final").waitFor();
  const done = await answer(`/v1/transactions/${(await hashPath(page)).replace(/^.*\//, "")}/decoded`);
  assert.equal(done.payer, done.sender);
  assert.ok(Number(done.fee) > 0 && Number(done.fee) <= fee, `${done.fee} of ${fee}`);
});

await test("what a contract would refuse is said before it is signed", async (page) => {
  const item = await openMethod(page, "capture");
  await item.getByRole("button", { name: "Create a wallet" }).click();
  await fillCapture(item, "7b7d");
  await item.getByLabel("flags").fill("128");
  await item.getByRole("button", { name: "Preview" }).click();
  await item.getByText("an entry has a flag that only the contract may set").waitFor();
  assert.equal(await item.getByRole("button", { name: "Sign and send" }).count(), 0);
  // Another argument makes what was shown of the old ones go.
  await item.getByLabel("flags").fill("0");
  assert.equal(await item.locator(".result").count(), 0);
});

await test("the explorer is walked with the keyboard alone", async (page) => {
  await page.goto(`${url}/#/explorer/contracts/${contract}`);
  await heading(page, "supplychain");
  await page.locator("summary").first().waitFor();
  const tabTo = async (wanted) => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.textContent.trim());
      if (at.startsWith(wanted)) return page.keyboard.press("Enter");
    }
    return assert.fail(`no way to ${wanted}`);
  };
  await tabTo("place");
  await tabTo("Ask");
  await page.getByRole("alert").first().waitFor();
});

const PAGES = {
  "explorer's": async (page) => {
    await page.goto(`${url}/#/explorer`);
    await page.locator(".tx").first().waitFor();
    await page.locator(".block").first().waitFor();
  },
  "transaction's": async (page) => {
    await page.goto(`${url}/#/explorer/transactions/${tx}`);
    await page.locator(".card").first().waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
  },
  "block's": async (page) => {
    await page.goto(`${url}/#/explorer/blocks/${height}`);
    await page.locator(".tx").first().waitFor();
  },
  "account's": async (page) => {
    await page.goto(`${url}/#/explorer/accounts/${alice}`);
    await page.locator(".tx, .notice").first().waitFor();
  },
  "contract's": async (page) => {
    const item = await openMethod(page, "capture");
    await fillCapture(item, "xx");
    await page.locator(".tx").first().waitFor();
  },
  "witnesses'": async (page) => {
    await page.goto(`${url}/#/explorer/witnesses`);
    await page.locator(".witness").first().waitFor();
  },
};
await testPages(PAGES);

await test("what is pressed in the explorer by touch is at least 44 px high", async (page) => {
  for (const [name, open] of Object.entries(PAGES)) {
    await open(page);
    assert.deepEqual(await lowTargets(page), [], name);
    await page.goto("about:blank");
  }
}, PHONE);

await finish();
