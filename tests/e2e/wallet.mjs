// SPDX-License-Identifier: Apache-2.0
// The wallet against a real devnet, in Chromium: made in one tap, paid for, money there and back, and
// each kind of back-up restored in a second profile. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PHONE, STRETCHING_MS, checkWorked, finish, lowTargets, openProfile, test, testPage, url, watchWork } from "./browser.mjs";

const devnet = await (await fetch(`${url}/v1/devnet`)).json();
const addressOf = (role) => devnet.accounts.find((account) => account.role === role).address;
const named = url.replace("127.0.0.1", "localhost"); // passkeys are of sites with names

const button = (page, name) => page.getByRole("button", { name, exact: true });
const ownAddress = (page) => page.locator(".aside .ident .mono").getAttribute("title");

async function create(page, base = url) {
  await page.goto(`${base}/#/wallet`);
  await button(page, "Create a wallet").click();
  await page.locator("h2:focus").waitFor(); // the keyboard goes on from what was made
  await page.locator(".balance .amount").waitFor();
}

async function restoreWords(page, words, base = url) {
  await page.goto(`${base}/#/wallet/restore`);
  await page.getByLabel("Twelve words").fill(words);
  await button(page, "Restore").click();
  await page.locator(".balance .amount").waitFor();
}

async function sendFrom(page, to, amount) {
  await page.goto(`${url}/#/wallet/send`);
  await page.getByLabel("To", { exact: true }).fill(to);
  await page.getByLabel("Amount in LMM").fill(amount);
  await button(page, "Send").click();
  const sure = button(page, "Send now");
  await sure.or(page.getByRole("alert").first()).waitFor();
  if (await sure.isVisible()) await sure.click();
}

// The row of a payment, known by its sum.
const paid = (page, amount, state) =>
  page.locator(".sent", { has: page.getByText(`${amount} LMM`, { exact: true }) }).locator(`.state.is-${state}`).waitFor();

await test("a wallet is made in one tap, holds nothing, and is told to be backed up", async (page) => {
  await create(page);
  assert.equal((await page.locator(".balance .amount").textContent()).trim(), "0 LMM");
  assert.match(await ownAddress(page), /^lmm1[02-9ac-hj-np-z]{58}$/);
  await page.getByRole("heading", { name: "Not backed up yet" }).waitFor();
  await page.getByText("This server pays for your first 10 actions here.").waitFor();
  const address = await ownAddress(page);
  await page.reload();
  await page.locator(".balance .amount").waitFor();
  assert.equal(await ownAddress(page), address);
});

await test("on a devnet a newcomer gets play money, once they have none", async (page) => {
  await create(page);
  await button(page, "Get 100 play LMM").click();
  await page.waitForFunction(() => document.querySelector(".balance .amount")?.textContent.trim() === "100 LMM");
  assert.equal(await button(page, "Get 100 play LMM").count(), 0);
  await page.locator("h2:focus", { hasText: "Balance" }).waitFor();
});

await test("two tabs that make a wallet at once have one", async (page) => {
  const other = await page.context().newPage();
  for (const tab of [page, other]) await tab.goto(`${url}/#/wallet`);
  for (const tab of [page, other]) await button(tab, "Create a wallet").waitFor();
  await Promise.all([page, other].map((tab) => tab.evaluate(() => document.querySelector("button.main-action")?.click())));
  for (const tab of [page, other]) await tab.locator(".balance .amount").waitFor();
  await page.waitForFunction(() => document.querySelector(".aside .ident .mono"));
  assert.equal(await ownAddress(page), await ownAddress(other));
});

await test("no script reads the keys out, and the secret goes with the back-up", async (page) => {
  await create(page);
  const look = () =>
    page.evaluate(async () => {
      const open = indexedDB.open("lmm-wallet");
      await new Promise((resolve) => (open.onsuccess = resolve));
      const get = open.result.transaction("kept").objectStore("kept").get("wallet");
      await new Promise((resolve) => (get.onsuccess = resolve));
      const { signing, reading, sealer, secret } = get.result;
      const out = [];
      for (const key of [signing, reading, sealer]) {
        const name = `${key.constructor.name} ${key.algorithm.name} ${key.extractable}`;
        const formats = key.type === "secret" ? ["raw", "jwk"] : ["pkcs8", "jwk"];
        for (const format of formats)
          out.push([name, await crypto.subtle.exportKey(format, key).then(() => "read out", () => "refused")].join(": "));
      }
      return { keys: out, hasSecret: secret !== null };
    });
  const both = (name) => [`CryptoKey ${name} false: refused`, `CryptoKey ${name} false: refused`];
  assert.deepEqual(await look(), { keys: ["Ed25519", "X25519", "AES-GCM"].flatMap(both), hasSecret: true });
  await backUpWords(page);
  await button(page, "Finish").click();
  await page.locator(".balance .amount").waitFor();
  assert.equal((await look()).hasSecret, false);
  await page.goto(`${url}/#/wallet/backup`);
  await page.getByRole("heading", { name: "Backed up" }).waitFor();
  assert.equal(await button(page, "Show the words").count(), 0);
});

await test("the devnet's words are alice, as the command line knows her", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  assert.equal(await ownAddress(page), addressOf("alice"));
  assert.equal(await page.getByRole("heading", { name: "Not backed up yet" }).count(), 0);
});

await test("money goes from pending to final, and comes in by itself", async (page) => {
  await create(page);
  const to = await ownAddress(page);
  const alice = await openProfile();
  await restoreWords(alice.page, devnet.mnemonic);
  await alice.page.evaluate(() => {
    const seen = (window.seenStates = []);
    new MutationObserver(() => {
      const word = document.querySelector(".sent .state")?.textContent;
      if (word && seen.at(-1) !== word) seen.push(word);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await sendFrom(alice.page, to, "12.5");
  await paid(alice.page, "12.5", "final");
  assert.deepEqual(await alice.page.evaluate(() => window.seenStates), ["Pending", "Final"]);
  await page.locator(".balance .amount", { hasText: "12.5" }).waitFor(); // of itself
  // By the name that a devnet has for her.
  const received = page.locator(".sent", { has: page.getByTitle(addressOf("alice")), hasText: "From alice" });
  await received.locator(".amount", { hasText: "12.5" }).waitFor();
  await received.locator(".state.is-final").waitFor();
  await sendFrom(page, addressOf("bob"), "2");
  await paid(page, "2", "final");
  await page.waitForFunction(() => /^10\.4\d+ LMM$/.test(document.querySelector(".balance .amount")?.textContent ?? ""));
  assert.deepEqual(alice.faults, []);
  await alice.context.close();
});

await test("money goes only once sum, receiver and fee were asked, and a key held down says no yes", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  let posts = 0;
  page.on("request", (request) => (posts += request.method() === "POST" && request.url().endsWith("/v1/transactions")));
  await page.goto(`${url}/#/wallet/send`);
  const bob = addressOf("bob");
  await page.getByLabel("To", { exact: true }).fill(bob);
  await page.getByLabel("Amount in LMM").fill("3");
  await button(page, "Send").focus();
  await page.keyboard.down("Enter");
  const question = page.locator("form p", { hasText: `Send 3 LMM to ${bob.slice(0, 8)}…${bob.slice(-6)}, fee at most` });
  await question.waitFor();
  assert.match(await question.textContent(), /, fee at most 0\.\d*[1-9]\d* LMM\?/);
  for (let i = 0; i < 20; i++) await page.keyboard.down("Enter"); // a key that repeats
  await page.keyboard.up("Enter");
  await page.getByLabel("Amount in LMM").press("Enter");
  await button(page, "Change").click();
  assert.equal(posts, 0);
  await page.getByLabel("Amount in LMM").fill("4");
  await button(page, "Send").click();
  await page.locator("form p", { hasText: "Send 4 LMM to" }).waitFor();
  await button(page, "Send now").click();
  await paid(page, "4", "final");
  assert.equal(posts, 1);
});

// What the explorer has of it, by the wallet's own link.
async function openInExplorer(page, state) {
  await page.getByRole("link", { name: "All else of this account, in the explorer" }).click();
  await page.locator(`.tx:has(.state.is-${state}) a.tx-title`).first().click();
  await page.locator(".title .state").waitFor();
  return page.locator("main h2").allTextContents();
}

await test("of a plain transfer the explorer says what it did, and nothing of contracts", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  await sendFrom(page, addressOf("bob"), "1.01");
  await paid(page, "1.01", "final");
  assert.deepEqual(await openInExplorer(page, "final"), ["What it did"]);
});

await test("what cannot be sent is said in words, before anything is signed", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  const fault = (text) => page.getByRole("alert").filter({ hasText: text }).waitFor();
  const bob = addressOf("bob");
  await sendFrom(page, `${bob.slice(0, -1)}${bob.endsWith("q") ? "p" : "q"}`, "1");
  await fault("This is no address.");
  await sendFrom(page, addressOf("alice"), "1");
  await fault("This is your own address.");
  await sendFrom(page, bob, "0");
  await fault("An amount is a number above 0");
  await sendFrom(page, bob, "99999999999");
  await fault("You have");
  await sendFrom(page, bob, (await page.locator("#amount-hint").textContent()).replace(/[^\d.]|\.$/g, ""));
  await fault("There is not enough in the account for this.");
});

async function backUpWords(page) {
  await page.goto(`${page.url().split("#")[0]}#/wallet/backup`);
  await button(page, "Show the words").click();
  const words = await page.locator(".words li").allTextContents();
  await button(page, "I wrote them down").click();
  for (const field of await page.locator(".triple input").all()) {
    const at = Number((await field.getAttribute("name")).replace("word", ""));
    await field.fill(words[at]);
  }
  await button(page, "Check").click();
  await page.locator(".way .state.is-final").waitFor();
  return words.join(" ");
}

await test("twelve words bring the wallet back in a second profile", async (page) => {
  await create(page);
  const address = await ownAddress(page);
  const words = await backUpWords(page);
  assert.equal(words.split(" ").length, 12);
  const second = await openProfile();
  await restoreWords(second.page, `  ${words.toUpperCase()}\n`);
  assert.equal(await ownAddress(second.page), address);
  assert.deepEqual(second.faults, []);
  await second.context.close();
});

await test("wrong words are told apart: none, mistyped, or in another order", async (page) => {
  await page.goto(`${url}/#/wallet/restore`);
  for (const [words, text] of [
    ["zoo ".repeat(12), "These are not the words of a wallet"],
    ["zoo ".repeat(11) + "zooo", "No such word: zooo"],
    ["zoo", "These are not the words of a wallet"],
  ]) {
    await page.getByLabel("Twelve words").fill(words);
    await button(page, "Restore").click();
    await page.getByRole("alert").filter({ hasText: text }).waitFor();
  }
  assert.equal(await page.locator(".balance").count(), 0);
});

async function downloaded(page, press) {
  const [download] = await Promise.all([page.waitForEvent("download", { timeout: STRETCHING_MS }), press()]);
  return { name: download.suggestedFilename(), buffer: readFileSync(await download.path()) };
}

// The first account that the command line finds in the file.
async function accountOf(keystore, passphrase) {
  const folder = mkdtempSync(join(tmpdir(), "lmm-e2e-"));
  try {
    const file = join(folder, "keys");
    writeFileSync(file, keystore, { mode: 0o600 });
    const env = { ...process.env, LMM_PASSPHRASE: passphrase };
    const run = promisify(execFile);
    const { stdout } = await run("./lmm", ["keys", "list", "--keystore", file], { env, timeout: STRETCHING_MS });
    return /^0 +(lmm1\S+)/m.exec(stdout)?.[1];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await test("a file with a passphrase opens by the command line, and in a second profile", async (page) => {
  await create(page);
  const address = await ownAddress(page);
  await page.goto(`${url}/#/wallet/backup`);
  const fill = async (one, other) => {
    await page.getByLabel("Passphrase", { exact: true }).fill(one);
    await page.getByLabel("The same again").fill(other);
  };
  await fill("short", "short");
  await button(page, "Save the file").click();
  await page.getByRole("alert").filter({ hasText: "too short" }).waitFor();
  await fill("a passphrase to keep", "a passphrase to lose");
  await button(page, "Save the file").click();
  await page.getByRole("alert").filter({ hasText: "not the same" }).waitFor();
  await fill("a passphrase to keep", "a passphrase to keep");
  await watchWork(page, "Sealing");
  const { name, buffer } = await downloaded(page, () => button(page, "Save the file").click());
  await checkWorked(page);
  assert.match(name, /^lmm-.{8}\.keys$/);
  assert.equal(await accountOf(buffer, "a passphrase to keep"), address);
  const second = await openProfile();
  await second.page.goto(`${url}/#/wallet/restore`);
  await second.page.locator("input[type=file]").setInputFiles({ name, mimeType: "application/octet-stream", buffer });
  await second.page.getByLabel("Passphrase").fill("a passphrase to lose");
  const restore = second.page.locator(".way:has(input[type=file])").getByRole("button", { name: "Restore" });
  await watchWork(second.page, "Opening");
  await restore.click();
  await second.page.getByRole("alert").filter({ hasText: "The passphrase is another one" }).waitFor({ timeout: STRETCHING_MS });
  await checkWorked(second.page);
  await second.page.getByLabel("Passphrase").fill("a passphrase to keep");
  await restore.click();
  await second.page.locator(".balance .amount").waitFor({ timeout: STRETCHING_MS });
  assert.equal(await ownAddress(second.page), address);
  assert.deepEqual(second.faults, []);
  await second.context.close();
});

// A device with a fingerprint reader; `credentials` are those that it shares with another.
async function addAuthenticator(page, options = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      ctap2Version: "ctap2_1",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      hasPrf: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return { session, authenticatorId };
}

await test("a passkey brings the wallet back, and its file is nothing without it", async (page) => {
  await addAuthenticator(page);
  await create(page, named);
  const address = await ownAddress(page);
  await page.goto(`${named}/#/wallet/backup`);
  const file = await downloaded(page, () => button(page, "Use a passkey").click());
  assert.match(file.name, /\.passkey\.json$/);
  const input = { name: file.name, mimeType: "application/json", buffer: file.buffer };
  const stranger = await openProfile();
  await addAuthenticator(stranger.page);
  await stranger.page.goto(`${named}/#/wallet/restore`);
  await stranger.page.locator("input[type=file]").setInputFiles(input);
  await button(stranger.page, "Use the passkey").click();
  await stranger.page.getByRole("alert").filter({ hasText: "This passkey does not open the file." }).waitFor({ timeout: 90_000 });
  await stranger.context.close();
  // The device's passkeys, in a browser that has forgotten all.
  await page.evaluate(() => indexedDB.databases().then((all) => all.forEach(({ name }) => indexedDB.deleteDatabase(name))));
  await page.goto("about:blank");
  await page.goto(`${named}/#/wallet`);
  await button(page, "Create a wallet").waitFor();
  await page.goto(`${named}/#/wallet/restore`);
  await page.locator("input[type=file]").setInputFiles(input);
  await button(page, "Use the passkey").click();
  await page.locator(".balance .amount").waitFor();
  assert.equal(await ownAddress(page), address);
});

await test("a passkey that cannot seal says so", async (page) => {
  await addAuthenticator(page, { hasPrf: false });
  await create(page, named);
  await page.goto(`${named}/#/wallet/backup`);
  await button(page, "Use a passkey").click();
  await page.getByRole("alert").filter({ hasText: "cannot seal a back-up" }).waitFor();
});

await test("where the browser lacks the curves the wallet signs all the same", async (page) => {
  await page.addInitScript(() => {
    const real = SubtleCrypto.prototype.importKey;
    SubtleCrypto.prototype.importKey = function (format, data, algorithm, ...rest) {
      const name = algorithm.name ?? algorithm;
      if (/25519/.test(name)) return Promise.reject(new DOMException(name, "NotSupportedError"));
      return real.call(this, format, data, algorithm, ...rest);
    };
  });
  await restoreWords(page, devnet.mnemonic);
  await page.locator("summary").click();
  await page.getByText("Sealed, since this browser lacks the curves").waitFor();
  await sendFrom(page, addressOf("bob"), "1.02");
  await paid(page, "1.02", "final");
});

await test("what is on its way when the tab closes is final when it opens again", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  await page.route("**/v1/transactions/*", (route) => route.abort());
  await sendFrom(page, addressOf("bob"), "1.03");
  await paid(page, "1.03", "pending");
  await page.unroute("**/v1/transactions/*");
  await page.reload();
  await paid(page, "1.03", "final");
});

await test("many that are on their way are looked for one after another", async (page) => {
  await create(page);
  await page.evaluate(async () => {
    const open = indexedDB.open("lmm-wallet");
    await new Promise((resolve) => (open.onsuccess = resolve));
    const what = { kind: "capture", name: "x" };
    const sent = Array.from({ length: 9 }, (_, i) => ({ id: String(i).repeat(64), what, state: "pending", at: Date.now() }));
    const put = open.result.transaction("kept", "readwrite").objectStore("kept").put(sent, "sent");
    await new Promise((resolve) => (put.onsuccess = resolve));
  });
  let [open, most] = [0, 0]; // a browser has six connections for all that a page asks
  await page.route("**/v1/transactions/*", async (route) => {
    most = Math.max(most, ++open);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    open--;
    await route.continue();
  });
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll(".sent .state.is-failed").length === 9);
  assert.equal(most, 1);
});

await test("an answer that is lost does not send the money twice", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  let posts = 0;
  await page.route("**/v1/transactions", async (route) => {
    posts++;
    await route.fetch();
    await route.abort();
  });
  await sendFrom(page, addressOf("bob"), "1.04");
  await paid(page, "1.04", "final");
  assert.equal(posts, 1);
});

await test("without a secure connection there is no wallet, and the page says why", async (page) => {
  await page.goto(`${url.replace("127.0.0.1", "shop.test")}/#/wallet`);
  await page.getByRole("heading", { name: "A wallet needs a secure connection" }).waitFor();
  assert.equal(await button(page, "Create a wallet").count(), 0);
});

await test("amounts show in a currency only at a rate of one's own, which is named", async (page) => {
  await restoreWords(page, devnet.mnemonic);
  assert.equal(await page.locator(".balance", { hasText: "about" }).count(), 0);
  await page.locator("summary").click();
  await page.getByLabel("1 LMM is").fill("0.25");
  await page.getByLabel("Currency").fill("eur");
  await button(page, "Show").click();
  await page.locator(".balance", { hasText: /about €2,\d{3},\d{3}.*, at your own rate of €0\.25/ }).waitFor();
});

await test("a wallet is made, and backed up by words, with the keyboard alone", async (page) => {
  await page.goto(`${url}/#/wallet`);
  const tabTo = async (name) => {
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => document.activeElement.textContent.trim());
      if (at === name) return page.keyboard.press("Enter");
    }
    assert.fail(`no way to ${name}`);
  };
  await button(page, "Create a wallet").waitFor();
  await tabTo("Create a wallet");
  await page.locator(".balance .amount").waitFor();
  await tabTo("Back up");
  await button(page, "Show the words").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
  await tabTo("Show the words");
  await page.locator(".words li").last().waitFor();
  const words = await page.locator(".words li").allTextContents();
  await tabTo("I wrote them down");
  await page.locator(".triple input").first().waitFor();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => document.activeElement.getAttribute("name"));
    if (name?.startsWith("word")) await page.keyboard.type(words[Number(name.replace("word", ""))]);
    if (await page.evaluate(() => document.activeElement.textContent === "Check")) break;
  }
  await page.keyboard.press("Enter");
  await page.locator(".way .state.is-final").waitFor();
});

async function takeSample(page, sample, settled) {
  await page.goto(`${url}/#/capture`);
  await page.getByRole("button", { name: sample }).click();
  await page.waitForFunction((text) => document.querySelector("textarea")?.value.includes(text), settled);
}

for (const sample of [/Cold transport/, /Packed and shipped/, /Coffee roasted/, /A correction/])
  await test(`a newcomer captures ${sample} by their own wallet, and the server pays`, async (page) => {
    await create(page);
    const address = await ownAddress(page);
    await takeSample(page, sample, "eventList");
    await page.getByLabel("your wallet").check();
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(new URL(request.url()).pathname));
    await button(page, "Capture").click();
    await page.locator(".job .state.is-final").waitFor();
    await page.locator(".job-head", { hasText: "paid for by the server" }).waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    assert.deepEqual(posts, ["/v1/event-hash", "/v1/sponsor"]);
    // What was registered is what the document holds: the event is there, and its proof holds.
    const { next_seq } = await (await fetch(`${url}/v1/accounts/${address}`)).json();
    assert.equal(next_seq, 1);
    for (const link of await page.locator(".job-events a").all()) {
      const id = decodeURIComponent((await link.getAttribute("href")).replace(/^.*\//, ""));
      let item = null;
      for (let i = 0; i < 50 && !item; i++) {
        const response = await page.request.get(`${url}/v1/events/${encodeURIComponent(id)}`);
        if (response.ok()) item = await response.json();
      }
      assert.ok(item?.final, id);
    }
    await page.locator(".job-events a").first().click();
    await page.locator(".steps").waitFor();
    assert.equal((await page.locator(".verdict .state").textContent()).trim(), "Proven");
    await page.goto(`${url}/#/wallet`);
    await page.locator(".sent .state.is-final").waitFor();
    await page.getByText("This server pays for your first 9 actions here.").waitFor();
  }, { viewport: { width: 320, height: 640 } });

await test("what the contract refuses is said in its own words", async (page) => {
  await create(page);
  await takeSample(page, /Cold transport/, "eventList");
  const text = await page.locator("textarea").inputValue();
  const withId = (epc) => {
    const document = JSON.parse(text);
    const [event] = document.epcisBody.eventList;
    event.eventID = "urn:uuid:3f0f6a4e-6b57-4a3c-8b8f-1b2e5d6a7c01";
    event.epcList = [epc];
    return JSON.stringify({ ...document, epcisBody: { eventList: [event] } });
  };
  for (const [epc, state] of [["urn:epc:id:sscc:9521321.0123456789", "final"], ["urn:epc:id:sscc:9521321.0123456790", "failed"]]) {
    await page.locator("textarea").fill(withId(epc));
    await page.getByLabel("your wallet").check();
    await button(page, "Capture").click();
    await page.locator(`.job >> nth=0`).locator(`.state.is-${state}`).waitFor();
  }
  await page.getByText("you captured other content under this eventID").waitFor();
  await page.goto(`${url}/#/wallet`);
  await page.locator(".sent .is-failed", { hasText: "you captured other content under this eventID" }).waitFor();
  const said = await openInExplorer(page, "failed");
  assert.ok(said.includes("What it was to do") && !said.includes("What it did"), said.join());
});

await test("a document that is too large for one signature is left to the server's key", async (page) => {
  await create(page);
  await takeSample(page, /Cold transport/, "eventList");
  const document = JSON.parse(await page.locator("textarea").inputValue());
  document.epcisBody.eventList = Array(200).fill(document.epcisBody.eventList[0]);
  await page.locator("textarea").fill(JSON.stringify(document));
  await page.getByLabel("your wallet").check();
  await page.getByRole("alert").filter({ hasText: "Too large for one signature" }).waitFor();
  assert.ok(await button(page, "Capture").isDisabled());
  await page.getByLabel("this server, for its key").check();
  assert.ok(await button(page, "Capture").isEnabled());
});

await test("a wrong document is refused before anything is signed", async (page) => {
  await create(page);
  await takeSample(page, /Cold transport/, "eventList");
  const text = await page.locator("textarea").inputValue();
  await page.locator("textarea").fill(text.replace('"action": "OBSERVE"', '"action": "LOOK"'));
  await page.getByLabel("your wallet").check();
  await button(page, "Capture").click();
  await page.getByRole("heading", { name: "Refused, nothing was written" }).waitFor();
  await page.goto(`${url}/#/wallet`);
  await page.getByRole("heading", { name: "Nothing yet" }).waitFor();
});

const PAGES = {
  "capture's, with a wallet,": async (page) => {
    await create(page);
    await page.goto(`${url}/#/capture`);
    await page.getByLabel("your wallet").check();
  },
  "wallet's first": async (page) => {
    await page.goto(`${url}/#/wallet`);
    await button(page, "Create a wallet").waitFor();
  },
  wallet: async (page) => {
    await create(page);
    await button(page, "Receive").click();
    await page.locator("summary").click();
  },
  "rich wallet's": async (page) => {
    await restoreWords(page, devnet.mnemonic);
    await page.locator(".balance .rest").waitFor();
  },
  "wallet's send": async (page) => {
    await create(page);
    await page.goto(`${url}/#/wallet/send`);
    await button(page, "Send").click();
    await page.getByRole("alert").first().waitFor();
  },
  "wallet's backup": async (page) => {
    await create(page);
    await page.goto(`${url}/#/wallet/backup`);
    await button(page, "Show the words").click();
    await page.locator(".words").waitFor();
  },
  "wallet's restore": async (page) => {
    await page.goto(`${url}/#/wallet/restore`);
    await button(page, "Restore").click();
    const buffer = Buffer.from("lmm-keys");
    await page.locator("input[type=file]").setInputFiles({ name: "a.keys", mimeType: "application/octet-stream", buffer });
    await page.getByLabel("Passphrase").waitFor();
  },
};
for (const [name, open] of Object.entries(PAGES)) await testPage(name, open);

await test("what is pressed in the wallet by touch is at least 44 px high", async (page) => {
  for (const [name, open] of Object.entries(PAGES)) {
    await open(page);
    assert.deepEqual(await lowTargets(page), [], name);
    await page.evaluate(() => indexedDB.databases().then((all) => all.forEach(({ name }) => indexedDB.deleteDatabase(name))));
    await page.goto("about:blank");
  }
}, PHONE);

await finish();
