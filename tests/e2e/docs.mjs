// SPDX-License-Identifier: Apache-2.0
// The API's page against a real server, in Chromium: come to by /docs, filtered, an operation opened
// and asked, by hand and by keyboard. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { PHONE, checkPage, finish, lowTargets, test, testPages, url } from "./browser.mjs";

const document = await (await fetch(`${url}/openapi.json`)).json();
const count = Object.values(document.paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0);
const row = (page, id) => page.locator(`#operation-${id}`);
const hashPath = (page) => page.evaluate(() => location.hash);
const rowsOf = (page) => page.locator(".docs-operation").count();

await test("/docs leads to the page, which is filtered, and asks what it tells of", async (page) => {
  await page.goto(`${url}/docs`);
  await page.getByRole("heading", { name: "What this server answers" }).waitFor();
  assert.equal(await hashPath(page), "#/docs");
  assert.equal(await page.title(), "API – LMM Supply chain");
  await page.locator(".docs-operation").first().waitFor();
  assert.equal(await rowsOf(page), count);
  await page.getByLabel("Filter by").fill("chain prices");
  await page.getByText("1 operation", { exact: true }).waitFor();
  const chain = row(page, "get_v1_chain");
  await chain.locator("summary").click();
  await chain.locator(".docs-member", { hasText: "genesis_head" }).waitFor();
  assert.equal(await hashPath(page), "#/docs/get_v1_chain");
  await chain.getByRole("button", { name: "Ask" }).click();
  const told = JSON.parse(await chain.locator(".docs-answer").textContent());
  const { chain_id } = await (await fetch(`${url}/v1/chain`)).json();
  assert.equal(told.chain_id, chain_id);
  await checkPage(page, "API, asked");
  await page.getByLabel("Filter by").fill("nothing has this name");
  await page.getByRole("button", { name: "Show all" }).click();
  assert.equal(await rowsOf(page), count);
});

await test("a link opens its operation, and what is filled in is asked and copied", async (page) => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${url}/#/docs/get_v1_blocks_height`);
  const block = row(page, "get_v1_blocks_height");
  await block.getByText("not_a_height").first().waitFor();
  await page.waitForFunction(() => document.activeElement.closest("details")?.id === "operation-get_v1_blocks_height");
  assert.ok((await block.locator("summary").boundingBox()).y > (await page.locator(".top").boundingBox()).height);
  await block.getByLabel("height").fill("none");
  await block.getByRole("button", { name: "Ask" }).click();
  await block.locator(".docs-told .is-failed", { hasText: "400" }).waitFor();
  await block.getByRole("button", { name: "Copy as curl" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `curl -s '${url}/v1/blocks/none'`);
  await page.goto(`${url}/#/docs/no_such_operation`);
  await page.getByText("There is no operation no_such_operation").waitFor();
});

await test("an operation is found, opened and asked with the keyboard alone", async (page) => {
  await page.goto(`${url}/#/docs`);
  await page.locator(".docs-operation").first().waitFor();
  await page.getByLabel("Filter by").focus();
  await page.keyboard.type("get_v1_parameters");
  await page.waitForFunction(() => document.querySelectorAll(".docs-operation").length === 1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".docs-ask").waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator(".docs-answer", { hasText: "block_gas_limit" }).waitFor();
});

await test("what the server cannot be asked for is said, and asked for again", async (page) => {
  await page.route("**/openapi.json", (route) => route.abort());
  await page.goto(`${url}/#/docs`);
  await page.getByRole("alert").waitFor();
  await page.unroute("**/openapi.json");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.locator(".docs-operation").first().waitFor();
});

// An operation with all that one can have, among few: the whole list is checked once, below.
const open = async (page) => {
  await page.goto(`${url}/#/docs/post_v1_keys`);
  await row(page, "post_v1_keys").locator(".docs-tree").first().waitFor();
  await page.getByLabel("Filter by").fill("/v1/keys");
};
await testPages({ "API's": open });

await test("what is pressed by touch is at least 44 px high, and the first operations are in sight", async (page) => {
  await page.goto(`${url}/#/docs`);
  await page.locator(".docs-operation").first().waitFor();
  assert.ok((await page.locator(".docs-operation").first().boundingBox()).y < 640 - 56 - 44);
  await page.getByRole("link", { name: "API", exact: true }).waitFor();
  assert.deepEqual(await lowTargets(page), []);
  await checkPage(page, "API, whole");
}, PHONE);

await finish();
