// SPDX-License-Identifier: Apache-2.0
// The captures of this tab: each sent once, by the server's account or by the person's own wallet, then
// followed until it is final or has failed. News of
// a job come by the live stream; where that is silent they are asked for.
import { signal } from "@preact/signals";
import { ApiError } from "../../../web/lib/api";
import { onNews } from "../../../web/shell/news";
import { type Sent, transact } from "../../../web/wallet/send";
import { type CaptureJob, client } from "./api";
import { eventsOf, summaryOf } from "./epcis";
import { makeCapture } from "./own-capture";
import { headingOf } from "./words";

export interface Capture {
  number: number;
  name: string;
  headings: string[]; // of its events, in order
  sentAt: number;
  doneAt: number | null;
  job: CaptureJob | null;
  error: unknown; // while following it; tried again
  isOwn: boolean; // signed by the wallet of this browser
  isSponsored: boolean;
}

export const captures = signal<Capture[]>([]); // newest first
const ASK_AGAIN_MS = 2000;
const EVENTS_PER_PAGE = 1000; // the most that the server gives at once

function update(number: number, change: Partial<Capture>): void {
  captures.value = captures.value.map((one) => (one.number === number ? { ...one, ...change } : one));
}

// Until news of the job come, or it is time to ask.
function newsOf(captureID: string): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      end();
      resolve();
    };
    const timer = setTimeout(done, ASK_AGAIN_MS);
    const end = onNews("capture", (data) => {
      if ((data as { captureID?: string } | null)?.captureID === captureID) done();
    });
  });
}

async function follow(number: number, location: string): Promise<void> {
  const captureID = decodeURIComponent(location.replace(/^.*\//, ""));
  for (;;) {
    const news = newsOf(captureID);
    try {
      const job = await client.get<CaptureJob>(`/capture/${encodeURIComponent(captureID)}`);
      update(number, { job, error: null, ...(job.running ? {} : { doneAt: Date.now() }) });
      if (!job.running) return;
    } catch (error) {
      const isOver = error instanceof ApiError && !error.retryable;
      update(number, { error, ...(isOver ? { doneAt: Date.now() } : {}) });
      if (isOver) return;
    }
    await news;
  }
}

// The events of a large capture come in pages; throws an ApiError when one does not.
export async function loadMoreEvents({ number, job }: Capture): Promise<void> {
  if (!job?.next) return;
  const query = new URLSearchParams({ perPage: String(EVENTS_PER_PAGE), nextPageToken: job.next });
  const page = await client.get<CaptureJob>(`/capture/${encodeURIComponent(job.captureID)}?${query.toString()}`);
  update(number, { job: { ...page, events: [...(job.events ?? []), ...(page.events ?? [])] } });
}

function headingsOf(text: string): string[] {
  try {
    return eventsOf(JSON.parse(text)).map((event) => headingOf(summaryOf(event)));
  } catch {
    return [];
  }
}

function add(name: string, text: string, sentAt: number, own: Sent | null): number {
  const number = captures.value.length + 1;
  const fate = { doneAt: null, job: null, error: null, isOwn: own !== null, isSponsored: own?.isSponsored ?? false };
  captures.value = [{ number, name, headings: headingsOf(text), sentAt, ...fate }, ...captures.value];
  return number;
}

// Throws an ApiError when the server does not take the document.
export async function send(name: string, text: string): Promise<void> {
  const sentAt = Date.now();
  const { location } = await client.post("/capture", text, "application/json");
  void follow(add(name, text, sentAt, null), location ?? "");
}

// The same by the wallet of this browser. The server judges the document and tells its events' hashes,
// as it would for a capture of its own; it sees nothing signed before that.
export async function sendOwn(name: string, text: string): Promise<void> {
  const sentAt = Date.now();
  const { body } = await client.post<{ hashes: string[] }>("/v1/event-hash", text, "application/json");
  if (body.hashes.length === 0) throw new ApiError(400, { code: "no_events" });
  const job = crypto.getRandomValues(new Uint8Array(32));
  const { contract, gasLimit, eventIds, arguments: given } = makeCapture(text, body.hashes, job);
  const { sent, end } = await transact({
    actions: [{ kind: "call", contract, method: "capture", arguments: given, value: 0n }],
    gasLimit,
    what: { kind: "capture", name },
  });
  const number = add(name, text, sentAt, sent);
  const { state, code, message, id } = await end;
  const failure = state === "failed" ? [{ code, detail: message }] : [];
  const events = eventIds.map((eventID, i) => ({ id: eventID, eventID, hash: body.hashes[i]! }));
  const base = { captureID: id, createdAt: new Date(sentAt).toISOString(), running: false, tx: [id] };
  const found = failure.length === 0 ? { event_count: events.length, events } : {};
  update(number, { doneAt: Date.now(), job: { ...base, success: failure.length === 0, errors: failure, ...found } });
}
