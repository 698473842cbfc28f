// SPDX-License-Identifier: Apache-2.0
// The firm's page against a real server, in Chromium: a newcomer who is no member, signed in by one tap
// once somebody made them an owner, who adds others and makes keys with limits. Last lines: COUNTED,
// then a JSON object.
import assert from "node:assert/strict";
import { PHONE, finish, lowTargets, test, testPages, url } from "./browser.mjs";

const { api_key: apiKey, accounts } = await (await fetch(`${url}/v1/devnet`)).json();
const [alice, bob] = ["alice", "bob"].map((role) => accounts.find((one) => one.role === role).address);
const button = (page, name) => page.getByRole("button", { name, exact: true });
const asOperator = async (method, path, body) => {
  const headers = { Authorization: `Bearer ${apiKey}`, "Content-Type": "application/json" };
  const answer = await fetch(`${url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer;
};

// A wallet of its own; its address.
async function createWallet(page) {
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await page.locator(".balance .amount").waitFor();
  return page.locator(".aside .ident .mono").getAttribute("title");
}
async function signIn(page) {
  await page.goto(`${url}/#/firm`);
  await button(page, "Sign in with the wallet").click();
}
// A member with a wallet, signed in.
async function enter(page, role, name) {
  const address = await createWallet(page);
  await asOperator("POST", "/v1/members", { address, name, role });
  await signIn(page);
  await page.getByRole("heading", { name: `Signed in as ${name}` }).waitFor();
  return address;
}
const row = (page, text) => page.locator(".firm-row", { hasText: text }).first();

await test("who is no member is told how to become one, and signs in by one tap then", async (page) => {
  await page.goto(`${url}/#/firm`);
  await page.getByRole("heading", { name: "A wallet first" }).waitFor();
  const address = await createWallet(page);
  await signIn(page);
  await page.getByRole("heading", { name: "Not a member yet" }).waitFor();
  assert.equal(await page.locator(".firm-key .mono").textContent(), address);
  await page.getByRole("img", { name: "Your address as a QR code" }).waitFor();
  await asOperator("POST", "/v1/members", { address, name: "Ann", role: "auditor" });
  await button(page, "Sign in with the wallet").click();
  await page.getByRole("heading", { name: "Signed in as Ann" }).waitFor();
  await row(page, "Ann").waitFor();
  assert.equal(await page.getByText("Add a member").count(), 0); // an auditor changes nothing
  await page.reload();
  await page.getByRole("heading", { name: "Signed in as Ann" }).waitFor();
  await asOperator("DELETE", `/v1/members/${address}`);
  await page.reload();
  await button(page, "Sign in with the wallet").waitFor(); // the server knows the session no more
});

await test("an owner adds a member with a limit, changes the role, and takes it away", async (page) => {
  await enter(page, "owner", "The boss");
  await page.getByText("Add a member").click();
  await page.getByLabel("Address", { exact: true }).fill("lmm1nobody");
  await button(page, "Add").click();
  await page.getByRole("alert").filter({ hasText: "This is no address." }).waitFor();
  await page.getByLabel("Address", { exact: true }).fill(alice);
  await page.getByLabel("Name", { exact: true }).first().fill("Alice");
  await page.getByLabel("LMM a day").first().fill("2.5");
  await button(page, "Add").click();
  await row(page, "Alice").waitFor();
  await row(page, "0 of 2.5 LMM today").waitFor();
  await page.getByLabel("Role of Alice").selectOption("auditor");
  await page.locator(".firm-row", { hasText: "Changed Alice" }).waitFor();
  const { role } = await (await asOperator("GET", `/v1/members/${alice}`)).json();
  assert.equal(role, "auditor");
  await button(page, "Remove Alice").click();
  await button(page, "Really remove Alice").click();
  await page.getByLabel("Role of Alice").waitFor({ state: "detached" });
  const gone = await fetch(`${url}/v1/members/${alice}`, { headers: { Authorization: `Bearer ${apiKey}` } });
  assert.equal(gone.status, 404);
});

await test("a key is made with what it may, shown once, opens, and is revoked", async (page) => {
  await enter(page, "owner", "Key keeper");
  await page.getByText("Make a key").click();
  await page.getByLabel("audit", { exact: true }).waitFor();
  const { paths } = await (await fetch(`${url}/openapi.json`)).json();
  const asked = Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ security = [] }) => security.flatMap((one) => one.key)));
  assert.ok(asked.includes("custody"));
  assert.deepEqual(await page.locator(".firm-scopes .mono").allTextContents(), [...new Set(asked)].sort());
  await button(page, "Make the key").click();
  await page.getByRole("alert").filter({ hasText: "may do nothing" }).waitFor();
  await page.locator("#key-name").fill("the till");
  await page.getByLabel("audit", { exact: true }).check();
  await page.locator("#key-day").fill("20");
  await button(page, "Make the key").click();
  await page.getByRole("heading", { name: "shown this once" }).waitFor();
  const key = await page.locator(".firm-secret .mono").textContent();
  const asks = async () => (await fetch(`${url}/v1/members`, { headers: { Authorization: `Bearer ${key}` } })).status;
  assert.equal(await asks(), 200);
  await button(page, "I have it").click();
  assert.ok(!(await page.content()).includes(key));
  await row(page, "0 of 20 LMM today").waitFor();
  const { items } = await (await asOperator("GET", "/v1/keys?perPage=1000")).json();
  const { id } = items.find((one) => one.name === "the till");
  await row(page, `Id …${id.slice(-6)}, made`).locator("time").first().waitFor();
  await button(page, "Revoke the till").click();
  await button(page, "Really revoke the till").click();
  await page.locator(".firm-row", { hasText: "Revoked" }).first().waitFor();
  assert.equal(await asks(), 401);
});

await test("a key is bound to the account that it is to act as", async (page) => {
  await enter(page, "owner", "Key binder");
  await page.getByText("Make a key").click();
  await page.locator("#key-name").fill("the boat");
  await page.getByLabel("capture", { exact: true }).check();
  assert.equal(await page.locator("#key-signer").inputValue(), "server");
  await page.locator("#key-signer").selectOption("fishery");
  await button(page, "Make the key").click();
  await page.getByRole("heading", { name: "shown this once" }).waitFor();
  await row(page, "Signs as fishery").waitFor();
  const { items } = await (await asOperator("GET", "/v1/keys?perPage=1000")).json();
  const made = items.find((one) => one.name === "the boat");
  assert.equal(made.signer, "fishery");
  assert.equal(await page.locator("#key-signer").inputValue(), "server"); // for the next one
  await asOperator("DELETE", `/v1/keys/${made.id}`);
});

await test("what the server refuses is said in words, and the choice shows what is so", async (page) => {
  const address = await enter(page, "admin", "An admin");
  await page.getByLabel("Role of An admin").selectOption("owner");
  await page.getByRole("alert").filter({ hasText: "Only an owner changes who is an owner." }).waitFor();
  assert.equal(await page.getByLabel("Role of An admin").inputValue(), "admin");
  await asOperator("DELETE", `/v1/members/${address}`);
});

await test("signed out, the tab and the server forget the session", async (page) => {
  await enter(page, "operator", "Op");
  const token = await page.evaluate(() => JSON.parse(sessionStorage.getItem("lmm-session")).token);
  const asks = async () => (await fetch(`${url}/v1/login`, { headers: { Authorization: `Bearer ${token}` } })).status;
  assert.equal(await asks(), 200);
  assert.equal(await page.getByRole("heading", { name: "Members" }).count(), 0); // an operator sees none
  const entry = page.locator(".nav").getByRole("link", { name: "Firm" });
  await page.goto(`${url}/#/`);
  await page.getByRole("searchbox").waitFor();
  await entry.click();
  await button(page, "Sign out").click();
  await button(page, "Sign in with the wallet").waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.getItem("lmm-session")), null);
  await page.goto(`${url}/#/`);
  await page.getByRole("searchbox").waitFor();
  assert.equal(await entry.count(), 0);
  assert.equal(await asks(), 401);
});

await test("nothing is signed that names another site", async (page) => {
  await createWallet(page);
  await page.route("**/v1/login/challenge", async (route) => {
    const answer = await route.fetch();
    const { text } = await answer.json();
    await route.fulfill({ json: { text: text.replace(/^[^ ]+/, "evil.example") } });
  });
  let wasAsked = false;
  await page.route("**/v1/login", (route) => ((wasAsked = true), route.continue()));
  await signIn(page);
  await page.getByRole("alert").filter({ hasText: "Nothing was signed." }).waitFor();
  assert.equal(wasAsked, false);
});

await test("the firm's page is walked with the keyboard alone", async (page) => {
  const address = await createWallet(page);
  await asOperator("POST", "/v1/members", { address, name: "Keys only", role: "owner" });
  await page.goto(`${url}/#/firm`);
  await button(page, "Sign in with the wallet").waitFor();
  const tabTo = async (wanted) => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent.trim());
      if (at.startsWith(wanted)) return page.keyboard.press("Enter");
    }
    return assert.fail(`no way to ${wanted}`);
  };
  await tabTo("Sign in with the wallet");
  await page.getByRole("heading", { name: "Signed in as Keys only" }).waitFor();
  await row(page, "Keys only").waitFor();
  await tabTo("Add a member");
  await page.keyboard.press("Tab");
  await page.keyboard.type(bob);
  await page.keyboard.press("Tab");
  await page.keyboard.type("Bob");
  await page.keyboard.press("Enter");
  await page.getByLabel("Role of Bob").waitFor();
  await asOperator("DELETE", `/v1/members/${bob}`);
});

let visitor = 0;
const PAGES = {
  "signing-in": async (page) => {
    await createWallet(page);
    await signIn(page);
    await page.locator(".firm-qr").waitFor();
  },
  "firm's": async (page) => {
    const address = await page.locator(".firm-key .mono").textContent();
    await asOperator("POST", "/v1/members", { address, name: `Visitor ${++visitor}`, role: "owner" });
    await button(page, "Sign in with the wallet").click();
    await row(page, "Visitor").waitFor();
    for (const summary of await page.locator(".firm-part summary").all()) await summary.click();
  },
};
await testPages(PAGES);

await test("what is pressed on the firm's page by touch is at least 44 px high", async (page) => {
  for (const [name, open] of Object.entries(PAGES)) {
    await open(page);
    assert.deepEqual(await lowTargets(page), [], name);
  }
}, PHONE);

await finish();
