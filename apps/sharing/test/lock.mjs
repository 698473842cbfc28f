// SPDX-License-Identifier: Apache-2.0
// A camera is rented and its lock opened with the server stopped, returned in the same way, billed to
// the minute, and the deposit comes back: pages in Chromium, a real server that is killed and started
// again, and lockd. Run in the build root. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { checkPage, finish, openProfile, test } from "../../../tests/e2e/browser.mjs";

const START_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), "lmm-lock-"));
const port = await new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port: found } = probe.address();
    probe.close(() => resolve(found));
  });
});
const url = `http://127.0.0.1:${port}`;

// ---- the two processes

let server = null;
let lock = null;
const ended = (child) => new Promise((resolve) => (child.exitCode === null && child.signalCode === null ? child.once("exit", resolve) : resolve()));
process.on("exit", () => {
  for (const child of [server, lock]) child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

async function startServer() {
  const ready = join(folder, "data/ready.json");
  rmSync(ready, { force: true });
  const options = ["--data", join(folder, "data"), "--listen", `127.0.0.1:${port}`, "--web", "web/sharing", "--devnet"];
  server = spawn("./lmm-sharing", options, { stdio: ["ignore", "ignore", "ignore"] });
  const deadline = Date.now() + START_MS;
  while (!existsSync(ready)) {
    assert.ok(server.exitCode === null && Date.now() < deadline, "the server did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
// Not gracefully: as when there is no network.
async function killServer() {
  server.kill("SIGKILL");
  await ended(server);
}

const moved = []; // what the bolt did
async function startLock(flash, at = 0) {
  lock = spawn("./lockd", ["--flash", flash, "--listen", `127.0.0.1:${at}`, "--origin", url, "--rtc"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: lock.stdout });
  return new Promise((resolve, reject) => {
    lock.once("exit", () => reject(new Error("lockd ended")));
    lines.on("line", (line) => {
      const address = /^lock .* at (ws:\S+)$/.exec(line)?.[1];
      // Where it says what it is; its radio is found by that.
      if (address) resolve(address.replace(/^ws:/, "http:").replace(/lock$/, ""));
      else moved.push(line);
    });
  });
}

const read = async (path) => (await fetch(`${url}${path}`)).json();
const post = async (path, body) => {
  const answer = await fetch(`${url}${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer;
};
// Moves the chain's time on, and has a block carry it.
async function warp(seconds) {
  await post("/v1/devnet/warp", { seconds });
  const { owner: address } = await read("/v1/assets/1");
  const paid = await post("/v1/faucet", { address, amount: "1" });
  await read(`${new URL(paid.headers.get("Location"), url).pathname}?wait=final`);
}

// ---- the pages

const button = (page, name) => page.getByRole("button", { name, exact: true });
const yes = (page) => button(page, "Yes, do it").click();
const said = (page, text) => page.locator(".lock-said").getByText(text).waitFor();

await startServer();
const owner = await openProfile();
const renter = await openProfile({ viewport: { width: 360, height: 640 } });
const flash = join(folder, "flash");
let address = "";

await test("an owner sets up a lock for the wallet's key, lists a camera, and binds the lock to it", async () => {
  const { page } = owner;
  await page.goto(`${url}/#/wallet`);
  await button(page, "Create a wallet").click();
  await button(page, "Get 100 play LMM").click();
  await page.locator(".aside .details summary").click();
  const key = await page.locator(".proof-facts dd").first().textContent();
  execFileSync("./lockd", ["--flash", flash, "--set-up", "--genesis", join(folder, "data/chain/genesis"), "--owner", key.trim()]);
  address = await startLock(flash);
  await page.goto(`${url}/#/list`);
  const fields = { Title: "Camera", "Where it is": "Kramgasse 12, Bern", "Price, LMM": "2.4", "Deposit, LMM": "50", "More about it": `Two lenses. The locker answers at ${address}` };
  for (const [label, value] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByLabel("Kind").selectOption("Cameras");
  await button(page, "List it").click();
  await yes(page);
  await page.locator("a.offer").click();
  await page.locator("summary", { hasText: "Lock" }).click();
  await page.getByLabel("Address").fill(address);
  await button(page, "Ask the lock").click();
  await button(page, "Bind it").click();
  await yes(page);
  await page.getByText("A lock is bound to it.").waitFor({ state: "attached" });
  assert.match((await read("/v1/assets/1")).lock, /^[0-9a-f]{64}$/);
});

let taps = 0;
const tap = async (where) => {
  await where.click();
  taps++;
};

await test("a newcomer rents it and opens its lock with the server stopped, in at most eight taps", async () => {
  const { page } = renter;
  await page.goto(`${url}/`);
  await tap(page.locator("a.offer"));
  await page.getByText("even when neither of you has a network").waitFor();
  await tap(button(page, "Create a wallet"));
  await tap(button(page, "Get 100 play LMM"));
  await tap(button(page, "Book"));
  await tap(button(page, "Yes, do it"));
  await button(page, "Open and start the rent").waitFor();
  await checkPage(page, "a booking, before");
  await killServer();
  await tap(button(page, "Open and start the rent"));
  await said(page, "Open. The rent runs since");
  assert.ok(taps <= 8, `${taps} taps`);
  assert.equal(moved.at(-1), "open");
  await page.getByText("It goes out when the server can be reached.").waitFor();
  await page.getByText("Works without a network.").waitFor();
  await page.getByText("The lock's battery:").waitFor();
  await checkPage(page, "a booking, open");
});

await test("it opens again as often as wanted, and a lock that does not answer is told of", async () => {
  const { page } = renter;
  await button(page, "Open").click();
  await said(page, /^Open, /);
  lock.kill("SIGKILL");
  await ended(lock);
  await button(page, "Open").click();
  await said(page, "The lock does not answer.");
  await startLock(flash, Number(new URL(address).port));
  await button(page, "Open").click();
  await said(page, /^Open, /);
});

await test("once the server is back, the start is on the chain without anybody's doing", async () => {
  const { page } = renter;
  assert.equal(await page.getByText("It goes out when the server can be reached.").count(), 1);
  await startServer();
  await page.getByText("In use", { exact: true }).waitFor({ timeout: 30_000 });
  await page.getByText("It goes out when the server can be reached.").waitFor({ state: "detached" });
  const { state, started, from } = await read("/v1/bookings/1");
  assert.equal(state, "running");
  assert.ok(new Date(started) >= new Date(from));
});

await test("nine minutes later it is returned, offline again, and billed to the minute", async () => {
  const { page } = renter;
  await warp(540);
  await page.reload();
  await button(page, "Return it and lock").waitFor();
  const { time } = await read("/v1/chain");
  const { started } = await read("/v1/bookings/1");
  await page.waitForFunction(
    (wanted) =>
      new Promise((resolve) => {
        const request = indexedDB.open("lmm-wallet");
        request.onsuccess = () => {
          const got = request.result.transaction("kept").objectStore("kept").get("sharing-booking-1");
          got.onsuccess = () => resolve(got.result?.grant && new Date(got.result.grant.time) >= new Date(wanted));
        };
      }),
    time,
  );
  await killServer();
  await button(page, "Return it and lock").click();
  await said(page, "Locked and returned");
  assert.equal(moved.at(-1), "shut");
  await checkPage(page, "a booking, returned offline");
  await startServer();
  await warp(660); // it is behind the lock by what it was moved on before
  await page.locator(".timeline").getByText("came back to the renter").waitFor({ timeout: 120_000 });
  const booking = await read("/v1/bookings/1");
  const minutes = Math.ceil((new Date(booking.ended) - new Date(started)) / 60_000);
  assert.ok(minutes >= 9 && minutes <= 11, `${minutes} minutes`);
  const lmm = (units) => (units / 100).toFixed(2).replace(/\.?0+$/, "");
  assert.deepEqual(
    [booking.state, booking.outcome, booking.minutes, booking.bill, booking.refund],
    ["settled", "returned", minutes, lmm(4 * minutes), lmm(5240 - 4 * minutes)],
  );
  await page.locator("#proof .state").getByText("Proven", { exact: true }).waitFor();
});

await test("the owner sees what was earned", async () => {
  const { page } = owner;
  await page.goto(`${url}/#/mine/things`);
  await page.getByText(/Earned so far: 0\.(36|4|44) LMM/).waitFor();
});

assert.deepEqual([...owner.faults, ...renter.faults], []);
await finish();
