// SPDX-License-Identifier: Apache-2.0
// The supply chain's pages against a real server, in Chromium: capture a sample and see pending turn
// final, search for it, open the event and see its proof checked; any flipped bit refused; no
// accessibility violation; no sideways scrolling at 320 px. Last lines: COUNTED, then a JSON object.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { PHONE, finish, lowTargets, test, testPage, url } from "./browser.mjs";

let eventPath = null; // of the event that the first case captures
let epc = null;

const verdict = (page) => page.locator(".verdict .state");
async function openEvent(page) {
  assert.ok(eventPath, "no event was captured");
  await page.goto(`${url}/${eventPath}`);
  await page.locator(".steps").waitFor();
}

await test("a sample is captured and turns from pending to final", async (page) => {
  await page.goto(`${url}/#/capture`);
  await page.getByRole("button", { name: /Packed and shipped/ }).click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("eventList"));
  epc = JSON.parse(await page.locator("textarea").inputValue()).epcisBody.eventList[0].childEPCs[0];
  // Every state that is shown from now on.
  await page.evaluate(() => {
    const seen = (window.seenStates = []);
    new MutationObserver(() => {
      const word = document.querySelector(".job .state")?.textContent;
      if (word && seen.at(-1) !== word) seen.push(word);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await page.getByRole("button", { name: "Capture", exact: true }).click();
  await page.locator(".job .state.is-final").waitFor();
  assert.deepEqual(await page.evaluate(() => window.seenStates), ["Pending", "Final"]);
  const links = page.locator(".job-events a");
  assert.deepEqual(await links.allTextContents(), ["Packed", "Shipped"]);
  eventPath = await links.first().getAttribute("href");
});

await test("a search finds what was captured, and the event's proof holds", async (page) => {
  await page.goto(`${url}/`);
  await page.getByRole("searchbox").fill(epc);
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator(".results h2", { hasText: "Matching events" }).waitFor();
  const rows = page.locator(".rows a.row");
  await rows.first().waitFor();
  assert.equal(await rows.count(), 1);
  await page.locator("a.row", { hasText: "Packed" }).click();
  await page.locator(".steps").waitFor();
  assert.equal(await page.locator("h1").textContent(), "Packed");
  assert.equal((await verdict(page).textContent()).trim(), "Proven");
  assert.equal(await page.locator(".steps .is-final").count(), 8);
  assert.equal(await page.locator(".group .thing").count(), 7);
});

await test("a proof's details lead to its block and its transaction in the explorer", async (page) => {
  for (const [name, way] of [["Block", /^#\/explorer\/blocks\/\d+$/], ["Transaction", /^#\/explorer\/transactions\/[0-9a-f]{64}$/]]) {
    await openEvent(page);
    await page.locator(".proof summary").click();
    const entry = page.locator(".proof dl > div").filter({ has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) });
    const whole = await entry.locator(".mono").getAttribute("title");
    assert.match(await entry.getByRole("link").getAttribute("href"), way);
    await entry.getByRole("link").click();
    await page.locator(".entries .mono", { hasText: whole }).first().waitFor();
  }
});

await test("a page that is not there says so, and leads to the first one", async (page) => {
  await page.goto(`${url}/#/nothing`);
  await page.getByRole("heading", { name: "There is no such page" }).waitFor();
  assert.equal(await page.locator(".nav [aria-current]").count(), 0);
  await page.getByRole("link", { name: "Go to the first page" }).click();
  await page.getByRole("searchbox").waitFor();
});

await test("the filters' switch holds its word on a narrow phone", async (page) => {
  for (const language of ["en", "zh"]) {
    await page.goto(`${url}/`);
    await page.evaluate((kept) => localStorage.setItem("lmm-locale", kept), language);
    await page.reload();
    await page.locator(`html[lang^=${language}] [aria-controls=filters]`).waitFor();
    const [inner, outer] = await page.evaluate(() =>
      ["[aria-controls=filters] .live", "[aria-controls=filters]"].map((one) => {
        const { left, right } = document.querySelector(one).getBoundingClientRect();
        return { left, right };
      }),
    );
    assert.ok(inner.left >= outer.left && inner.right <= outer.right && outer.right <= 360, JSON.stringify({ inner, outer }));
  }
}, PHONE);

await test("what a list shows of an identifier can be searched for", async (page) => {
  const finds = async (text, rows) => {
    await page.goto(`${url}/`);
    await page.getByRole("searchbox").fill(text);
    await page.getByRole("button", { name: "Search" }).click();
    // What stood there before may stand a while yet.
    await page.waitForFunction(
      (count) =>
        document.querySelector(".results h2")?.textContent === "Matching events" &&
        document.querySelectorAll(".rows a.row").length === count,
      rows,
    );
  };
  await finds(epc.replace(/^.*:/, ""), 1);
  await finds("coffee", 0);
  await page.locator(".notice h2").waitFor();
  assert.equal(await page.locator(".notice h2").textContent(), "Nothing is known by that name");
  assert.equal(await page.locator(".is-failed").count(), 0);
});

await test("a lot is found by its number alone", async (page) => {
  await page.goto(`${url}/#/capture`);
  await page.getByRole("button", { name: /Coffee roasted/ }).click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("ROAST-"));
  const [lot] = /ROAST-[^"]+/.exec(await page.locator("textarea").inputValue());
  await page.getByRole("button", { name: "Capture", exact: true }).click();
  await page.locator(".job .state.is-final").waitFor();
  await page.goto(`${url}/`);
  await page.getByRole("searchbox").fill(lot);
  await page.getByRole("button", { name: "Search" }).click();
  await page.locator(".results h2", { hasText: "Matching events" }).waitFor();
  await page.locator(".rows a.row", { hasText: "Commissioned" }).waitFor();
  assert.equal(await page.locator(".rows a.row").count(), 1);
});

await test("the downloaded proof is the file that was checked", async (page) => {
  await openEvent(page);
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download proof" }).click(),
  ]);
  const text = readFileSync(await download.path(), "utf8");
  assert.match(text, /^\{"format":"lmm-proof-2","chain_id":"[0-9a-f]{64}","proof":"[0-9a-f]+"\}\n$/);
});

await test("the page shows at which step a broken proof was refused", async (page) => {
  await page.route("**/proof", async (route) => {
    const body = Buffer.from(await (await route.fetch()).body());
    body[Math.floor(body.length / 2)] ^= 1;
    await route.fulfill({ status: 200, contentType: "application/json", body });
  });
  await openEvent(page);
  assert.equal((await verdict(page).textContent()).trim(), "Refused");
  assert.equal(await page.locator(".steps .is-failed").count(), 1);
});

// In the browser, by the script that the page loads: bits of the file as text, and of the proof that
// its digits tell.
await test("a proof with any bit flipped is refused", async (page) => {
  const id = eventPath.split("/").at(-1);
  await page.goto(`${url}/`);
  const { accepted, bits, isWhole } = await page.evaluate(async (id) => {
    const ask = async (path) => (await fetch(path)).json();
    const { checkShown } = await import("/proof.js");
    const [{ chain_id }, { event, hash }] = [await ask("/v1/chain"), await ask(`/v1/events/${id}`)];
    const file = await (await fetch(`/v1/events/${id}/proof`)).text();
    const isProven = (text) => checkShown(text, chain_id, { event, hash }).isProven;
    const [, before, digits, after] = /^(.*"proof":")([0-9a-f]+)(".*)$/s.exec(file);
    const accepted = [];
    let bits = 0;
    const flipAll = (bytes, write, name) => {
      for (let bit = 0; bit < 8 * bytes.length; bit++, bits++) {
        bytes[bit >> 3] ^= 1 << (bit & 7);
        if (isProven(write(bytes))) accepted.push(`${name} ${bit}`);
        bytes[bit >> 3] ^= 1 << (bit & 7);
      }
    };
    const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const utf8 = new TextDecoder();
    flipAll(Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16)), (bytes) => before + hex(bytes) + after, "proof");
    flipAll(new TextEncoder().encode(file), (bytes) => utf8.decode(bytes), "file");
    return { accepted, bits, isWhole: isProven(file) };
  }, id);
  assert.ok(isWhole, "the proof itself is refused");
  assert.ok(bits > 10_000, `${bits} bits`);
  assert.deepEqual(accepted, []);
  console.log(`${bits} bits of a proof flipped, one at a time`);
});

await test("a good proof does not vouch for another event's content", async (page) => {
  await page.route(/\/v1\/events\/[^/]+$/, async (route) => {
    const item = await (await route.fetch()).json();
    item.event.bizStep = "destroying";
    await route.fulfill({ status: 200, contentType: "application/json", body: JSON.stringify(item) });
  });
  await openEvent(page);
  assert.equal(await page.locator("h1").textContent(), "Destroyed");
  assert.equal((await verdict(page).textContent()).trim(), "Refused");
});

// What a capture changes: at once what its account has sent, then the lists of jobs and of events.
async function written(page) {
  const get = async (path) => (await page.request.get(`${url}${path}`)).json();
  const { accounts } = await get("/v1/devnet");
  const { address } = accounts.find(({ role }) => role === "server");
  const { next_seq } = await get(`/v1/accounts/${address}`);
  const [jobs, events] = [await get("/capture?perPage=1000"), await get("/v1/events?perPage=1000")];
  return { next_seq, jobs: jobs.map((job) => job.captureID), events: events.items.map((item) => item.id) };
}

await test("a wrong document is refused by line and rule, and nothing is written", async (page) => {
  const before = await written(page);
  assert.ok(before.next_seq > 0 && before.jobs.length > 0 && before.events.length > 0);
  await page.goto(`${url}/#/capture`);
  await page.getByRole("button", { name: /Cold transport/ }).click();
  await page.waitForFunction(() => document.querySelector("textarea")?.value.includes("eventList"));
  const text = await page.locator("textarea").inputValue();
  await page.locator("textarea").fill(text.replace('"action": "OBSERVE"', '"action": "LOOK"'));
  await page.getByRole("button", { name: "Capture", exact: true }).click();
  await page.getByRole("heading", { name: "Refused, nothing was written" }).waitFor();
  const fault = page.locator(".violations li", { hasText: "/epcisBody/eventList/0/action" }).first();
  await fault.getByRole("button", { name: /^Line \d+$/ }).click();
  const selected = await page.evaluate(() => {
    const area = document.querySelector("textarea");
    return area.value.slice(area.selectionStart, area.selectionEnd);
  });
  assert.equal(selected, '"LOOK"');
  assert.equal(await page.locator(".job").count(), 0);
  assert.deepEqual(await written(page), before);
});

await test("an event that is not there is said to be missing", async (page) => {
  await page.goto(`${url}/#/event/999999999-0-0`);
  await page.getByRole("heading", { name: "There is no such event" }).waitFor();
});

for (const width of [320, 360, 1280])
  await test(`at ${width} px every row shows the end of its identifiers`, async (page) => {
    await page.goto(`${url}/`);
    await page.locator(".rows a.row").first().waitFor();
    const ends = await page.evaluate(() =>
      [...document.querySelectorAll("a.row .cut")].map((one) => {
        const end = one.lastElementChild;
        const isWhole = end.scrollWidth <= end.clientWidth && one.scrollWidth <= one.clientWidth;
        return [end.textContent, isWhole];
      }),
    );
    assert.ok(ends.some(([text]) => /^\d{8}( with 6 things)?$/.test(text)), JSON.stringify(ends));
    assert.deepEqual(ends.filter(([, isWhole]) => !isWhole), []);
  }, { viewport: { width, height: 640 } });

const PAGES = [
  ["search", () => "#/", ".rows a.row"],
  ["capture", () => "#/capture", ".sample"],
  ["event", () => eventPath, ".steps"],
];
for (const [name, path, settled] of PAGES)
  await testPage(name, async (page) => {
    await page.goto(`${url}/${path()}`);
    await page.locator(settled).first().waitFor();
    if (name === "event") await page.locator("details").evaluateAll((all) => all.forEach((one) => (one.open = true)));
  });

await test("what is pressed by touch is at least 44 px high or wide enough apart", async (page) => {
  for (const [, path, settled] of PAGES) {
    await page.goto(`${url}/${path()}`);
    await page.locator(settled).first().waitFor();
    assert.deepEqual(await lowTargets(page), [], path());
  }
}, PHONE);

await test("everything is reached by keyboard", async (page) => {
  await page.goto(`${url}/`);
  await page.locator(".rows a.row").first().waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter"); // skip to content
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.id), "epc");
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() => document.activeElement.classList.contains("row"))) break;
  }
  await page.keyboard.press("Enter");
  await page.locator(".steps").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
});

await test("theme and language are chosen and kept", async (page) => {
  await page.goto(`${url}/`);
  await page.getByRole("button", { name: "Switch between light and dark" }).click();
  await page.getByRole("button", { name: "换成中文" }).click();
  await page.getByRole("heading", { name: "它到过哪里？" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "它到过哪里？" }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
});

await test("two tabs hear of a new event at once", async (page) => {
  const other = await page.context().newPage();
  await page.goto(`${url}/`);
  await page.locator(".live.is-live").waitFor();
  await other.goto(`${url}/#/capture`);
  await other.getByRole("button", { name: /Coffee roasted/ }).click();
  await other.waitForFunction(() => document.querySelector("textarea")?.value.includes("eventList"));
  await other.getByRole("button", { name: "Capture", exact: true }).click();
  await page.getByRole("button", { name: "Show new events" }).click();
  await page.locator(".rows a.row", { hasText: "Commissioned" }).first().waitFor();
});

await test("all events of a large capture are within reach", async (page) => {
  const count = 1200; // more than a page of the server's
  const eventList = Array.from({ length: count }, (_, i) => ({
    type: "ObjectEvent",
    eventTime: "2026-03-02T06:40:00Z",
    eventTimeZoneOffset: "+01:00",
    action: "OBSERVE",
    bizStep: "storing",
    epcList: [`urn:epc:id:sgtin:4012345.011111.7${i}`],
  }));
  const document = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: "2026-03-02T08:15:00Z",
    epcisBody: { eventList },
  };
  await page.goto(`${url}/#/capture`);
  const file = { name: "large.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(document)) };
  await page.locator("input[type=file]").setInputFiles(file);
  await page.locator(".large-document").waitFor();
  await page.getByRole("button", { name: "Capture", exact: true }).click();
  await page.locator(".job .state.is-final").waitFor();
  const links = page.locator(".job-events a");
  const more = page.locator(".job").getByRole("button", { name: "Show more" });
  for (const shown of [100, 1000, count]) {
    await page.waitForFunction((n) => document.querySelectorAll(".job-events a").length === n, shown);
    if (shown < count) await more.click();
  }
  assert.equal(await more.count(), 0);
  const last = await links.last().getAttribute("href");
  await page.goto(`${url}/${last}`);
  await page.getByText(`4012345.011111.7${count - 1}`, { exact: true }).first().waitFor();
});

await finish();
