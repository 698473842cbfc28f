// SPDX-License-Identifier: Apache-2.0
// The pages against a real devnet, in Chromium: a newcomer makes a wallet, signs, sees it final and
// proven, amends and withdraws. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { PHONE, finish, lowTargets, test, testPages, url } from "../../../tests/e2e/browser.mjs";

const button = (page, name) => page.getByRole("button", { name, exact: true });
const link = (page, name) => page.getByRole("link", { name, exact: true });

// Answers of the path wait until the function that it returns is called.
async function holdBack(page, path) {
  let release;
  const isFree = new Promise((resolve) => (release = resolve));
  await page.route(path, (route) => isFree.then(() => route.continue()));
  return release;
}

async function write(page, text, title) {
  await page.getByRole("heading", { name: title, exact: true }).waitFor();
  await page.getByLabel("Your text").fill(text);
  await button(page, "Sign").click();
  await page.getByText("It is in the book.").waitFor();
}

await test("an empty book says so, and who has no wallet is led to one", async (page) => {
  await page.goto(`${url}/`);
  await page.getByRole("heading", { name: "Nobody has signed yet" }).waitFor();
  await link(page, "Sign the book").click();
  await link(page, "To the wallet").click();
  await button(page, "Create a wallet").waitFor();
});

await test("an entry is signed, proven, amended and withdrawn by its author's wallet", async (page) => {
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await button(page, "Get 100 play LMM").click();
  await page.locator(".balance .amount").filter({ hasNotText: /^\s*0 LMM/ }).waitFor();
  await page.goto(`${url}/#/sign`);
  await write(page, "First!", "Sign the book");
  await link(page, "To the book").click();
  await page.getByRole("link", { name: /First!/ }).click();
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
  const reader = await page.context().newPage();
  await reader.goto(`${url}/#/entry/1`);
  await reader.getByText("First!", { exact: true }).waitFor();
  // What is to be amended comes late, and takes the place of nothing that was typed.
  const answer = await holdBack(page, "**/v1/entries/1");
  await link(page, "Amend").click();
  await page.getByLabel("Your text").waitFor();
  assert.ok(await page.getByLabel("Your text").isDisabled());
  answer();
  await page.locator("#text:enabled").waitFor();
  assert.equal(await page.getByLabel("Your text").inputValue(), "First!");
  await write(page, "First, and amended", "Amend your entry");
  await reader.getByText("First, and amended").waitFor(); // without asking for it
  await reader.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
  // With its next news a server that lies has another text for what was proven.
  const proven = await (await fetch(`${url}/v1/entries/1`)).json();
  await reader.route("**/v1/entries/1", (route) => route.fulfill({ json: { ...proven, text: "Nobody signed this" } }));
  await page.goto(`${url}/#/entry/1`);
  await page.getByText("First, and amended").waitFor();
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
  await button(page, "Withdraw").click();
  await page.getByRole("heading", { name: "Who was here?" }).waitFor();
  await reader.getByText("Nobody signed this").waitFor();
  await reader.locator("#proof .state.is-failed").waitFor();
  await page.goto(`${url}/#/entry/1`);
  await page.getByRole("heading", { name: "This entry is not in the book" }).waitFor();
  await page.goto(`${url}/#/sign`); // one that stays, for the cases below
  await write(page, "Second, with a word as long as some are: Donaudampfschifffahrtsgesellschaft", "Sign the book");
});

await test("a text that the contract would refuse is not sent", async (page) => {
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await page.locator(".balance .amount").waitFor();
  await page.goto(`${url}/#/sign`);
  await button(page, "Sign").click();
  await page.getByText("A text has 1 to 280 bytes; this one has 0.").waitFor();
  await page.getByLabel("Your text").fill("é".repeat(141));
  await page.getByText("this one has 282").waitFor();
  assert.equal(await page.getByText("Sent:").count(), 0);
});

await testPages({
  book: (page) => page.goto(`${url}/`).then(() => page.getByRole("heading", { name: "Who was here?" }).waitFor()),
  sign: (page) => page.goto(`${url}/#/sign`).then(() => page.getByRole("heading", { name: "You need a wallet first" }).waitFor()),
  entry: (page) => page.goto(`${url}/#/entry/2`).then(() => page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor()),
});

await test("what is pressed by touch is at least 44 px high", async (page) => {
  for (const path of ["", "sign", "entry/2"]) {
    await page.goto(`${url}/#/${path}`);
    await page.locator("main h1").waitFor();
    assert.deepEqual(await lowTargets(page), [], path);
  }
}, PHONE);

await finish();
