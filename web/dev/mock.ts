// SPDX-License-Identifier: Apache-2.0
// A stand-in for a market's server (the market that the folder PAGES is named after), for looking at
// pages in states that a real one is rarely in. Tests and `make shots` only.
//   node run.mjs mock PAGES STATE [PORT]
import { readFileSync } from "node:fs";
import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import { answerCustody } from "./custody";
import { documentOf } from "./docs";
import { answerEnergy } from "./energy";
import { accountMore, answerExplorer } from "./explorer";
import { answerFirm } from "./firm";
import { answerSample } from "./sample";
import { answerSharing } from "./sharing";
import { CHAIN, TERMS, VIOLATIONS, indexOf, indexOfEvent, itemOf, proofOf } from "./fixtures";

export const STATES = ["empty", "one", "thousand", "loading", "stale", "refused", "failed"] as const;
export type State = (typeof STATES)[number] | "keyless";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const POLICY =
  "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";

interface Asked {
  method: string;
  path: string[]; // behind /v1
  query: URLSearchParams;
}
// Null: it is not of this market; "never": no answer comes.
type Answerer = (
  asked: Asked,
  state: State,
) => { status: number; body: object | string; location?: string; next?: string | null } | "never" | null;

class Mock {
  private readonly jobs = new Map<string, { at: number; count: number }>();
  private readonly streams = new Set<ServerResponse>();

  constructor(
    private readonly pages: string,
    private readonly state: State,
  ) {}

  private json(response: ServerResponse, status: number, body: object, headers: object = {}): void {
    const type = status >= 400 ? "application/problem+json" : "application/json";
    response.writeHead(status, { "Content-Type": type, ...headers }).end(JSON.stringify(body));
  }
  private problem(response: ServerResponse, status: number, code: string, detail: string, more: object = {}): void {
    this.json(response, status, { title: code, status, code, detail, request_id: "7f3c9a21", ...more });
  }

  private events(response: ServerResponse, query: URLSearchParams): void {
    const total = { empty: 0, one: 1 }[this.state as string] ?? 1000;
    const from = Number(query.get("nextPageToken") ?? 0);
    const to = Math.min(total, from + Number(query.get("perPage") ?? 20));
    const found = query.get("identifier") ? [] : Array.from({ length: to - from }, (_, i) => itemOf(from + i));
    this.json(response, 200, { items: found, next: to < total && found.length > 0 ? String(to) : null });
  }

  private event(response: ServerResponse, id: string, isProof: boolean): void {
    const index = id.startsWith("urn:") ? indexOfEvent(id) : indexOf(id);
    if (this.state === "empty" || Number.isNaN(index))
      return this.problem(response, 404, "not_found", "There is nothing here under that name.");
    const item = itemOf(index);
    if (!isProof) return this.json(response, 200, { ...item, context: [] });
    const file = proofOf(item);
    const body = this.state === "refused" ? file.replace(/.(?=.{8}"\}\n$)/, (digit) => (digit === "0" ? "1" : "0")) : file;
    response.writeHead(200, { "Content-Type": "application/json" }).end(body);
  }

  private capture(response: ServerResponse, body: string): void {
    if (this.state === "refused")
      return this.problem(response, 400, "invalid_document", "The document breaks a rule.", { violations: VIOLATIONS });
    if (this.state === "keyless") return this.problem(response, 401, "unauthorized", "A key is needed.");
    const id = `job-${this.jobs.size + 1}`;
    const count = body.split('"eventTimeZoneOffset"').length - 1;
    this.jobs.set(id, { at: Date.now(), count });
    const news = `event: capture\ndata: ${JSON.stringify({ captureID: id, running: false, success: true })}\n\n`;
    if (this.state !== "loading") setTimeout(() => this.streams.forEach((one) => one.write(news)), 700);
    response.writeHead(202, { Location: `/capture/${id}` }).end();
  }

  private job(response: ServerResponse, captureID: string): void {
    const job = this.jobs.get(captureID);
    if (!job) return this.problem(response, 404, "not_found", "There is nothing here under that name.");
    const running = this.state === "loading" || Date.now() - job.at < 600;
    const events = Array.from({ length: job.count }, (_, i) => itemOf(i));
    const done = running ? {} : { finishedAt: new Date().toISOString(), event_count: events.length, events };
    const createdAt = new Date(job.at).toISOString();
    this.json(response, 200, { captureID, createdAt, running, success: true, errors: [], tx: [], ...done });
  }

  private account(response: ServerResponse, address: string): void {
    if (this.state === "loading") return;
    if (this.state === "failed")
      return this.problem(response, 503, "unavailable", "A part of the server is out of reach. Try again later.");
    const units = this.state === "thousand" ? "999998024391830" : this.state === "refused" ? "150000000" : "0";
    this.json(response, 200, { address, units, next_seq: this.state === "one" ? 1 : 0, ...accountMore(this.state) });
  }

  // False: it is not of the explorer.
  private explorer(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
    const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
    const method = request.method ?? "GET";
    const answered = answerExplorer({ method, path, query: url.searchParams }, this.state);
    if (answered === null) return false;
    if (answered === "never") return true;
    const { status, body, next } = answered;
    if (next != null) url.searchParams.set("nextPageToken", String(next));
    const headers = next != null ? { Link: `<${url.pathname}${url.search}>; rel="next"` } : {};
    if (typeof body === "string") response.writeHead(status, { "Content-Type": "application/octet-stream" }).end(body);
    else this.json(response, status, body, headers);
    return true;
  }

  // False: it is not of the firm.
  private firm(request: IncomingMessage, response: ServerResponse, url: URL, body: string): boolean {
    const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
    const answered = answerFirm({ method: request.method ?? "GET", path, host: request.headers.host ?? "", body }, this.state);
    if (answered === null) return false;
    if (answered !== "never") this.json(response, answered.status, answered.body);
    return true;
  }

  // False: it is of no market's own pages.
  private market(request: IncomingMessage, response: ServerResponse, url: URL): boolean {
    const path = url.pathname.split("/").slice(2).map(decodeURIComponent);
    const asked = { method: request.method ?? "GET", path, query: url.searchParams };
    const market = { sharing: answerSharing, energy: answerEnergy, sample: answerSample }[basename(this.pages)] ?? answerCustody;
    const answered: ReturnType<Answerer> = (market as Answerer)(asked, this.state);
    if (answered === null) return false;
    if (answered === "never") return true;
    const { status, body, location, next } = answered;
    if (next != null) url.searchParams.set("nextPageToken", next);
    const link = next != null ? { Link: `<${url.pathname}${url.search}>; rel="next"` } : {};
    if (typeof body === "string") response.writeHead(status, { "Content-Type": "application/json" }).end(body);
    else this.json(response, status, body, { ...link, ...(location ? { Location: location } : {}) });
    return true;
  }

  private live(response: ServerResponse): void {
    if (this.state === "stale") return this.problem(response, 503, "full", "There is no room left.");
    response.writeHead(200, { "Content-Type": "text/event-stream" }).write("retry: 2000\n\n");
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }

  private openapi(response: ServerResponse): void {
    if (this.state === "loading") return;
    if (this.state === "failed")
      return this.problem(response, 503, "unavailable", "A part of the server is out of reach. Try again later.");
    this.json(response, 200, documentOf(this.state));
  }

  private page(response: ServerResponse, path: string): void {
    const name = path === "/" ? "index.html" : path.slice(1);
    try {
      if (!/^[\w.-]+$/.test(name)) throw new Error(name);
      const content = readFileSync(join(this.pages, name));
      const headers = { "Content-Type": TYPES[extname(name)] ?? "text/plain", "Content-Security-Policy": POLICY };
      response.writeHead(200, headers).end(content);
    } catch {
      response.writeHead(404).end();
    }
  }

  answer(request: IncomingMessage, response: ServerResponse, body: string): void {
    const url = new URL(request.url ?? "/", "http://mock");
    const [, first, second, id, last] = url.pathname.split("/").map(decodeURIComponent);
    if (first === "openapi.json") return this.openapi(response);
    if (first === "v1" && second === "live") return this.live(response);
    if (first === "v1" && second === "chain") return this.json(response, 200, { ...CHAIN, time: new Date(Date.now() - 1200).toISOString() });
    if (first === "v1" && second === "devnet")
      return this.state === "keyless"
        ? this.problem(response, 404, "not_found", "There is nothing here under that name.")
        : this.json(response, 200, { api_key: "demo", accounts: [{ role: "server", address: TERMS.payer }] });
    if (first === "v1" && this.firm(request, response, url, body)) return;
    if (first === "v1" && this.market(request, response, url)) return;
    if (first === "v1" && this.explorer(request, response, url)) return;
    if (first === "v1" && second === "accounts") return this.account(response, id ?? "");
    if (first === "v1" && second === "sponsor" && request.method === "GET") return this.json(response, 200, TERMS);
    if (first === "v1" && second === "transactions" && request.method === "GET") return; // pending for ever
    if (first === "capture" && request.method === "GET") return this.job(response, second ?? "");
    if (first !== "v1" && first !== "capture") return this.page(response, url.pathname);
    const isList = second === "events" && id === undefined;
    if (this.state === "failed")
      return this.problem(response, 503, "unavailable", "A part of the server is out of reach. Try again later.");
    if (first === "capture") return this.capture(response, body);
    if (this.state === "loading" && last !== "proof" && second === "events") return;
    if (isList && this.state === "refused")
      return this.problem(response, 400, "invalid_query", "“x” is no identifier in a GS1 form.");
    if (isList) return this.events(response, url.searchParams);
    if (second === "events") return this.event(response, id ?? "", last === "proof");
    this.problem(response, 404, "not_found", "There is nothing here under that name.");
  }
}

export async function startMock(pages: string, state: State, port = 0): Promise<{ url: string; server: Server }> {
  const mock = new Mock(pages, state);
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => mock.answer(request, response, body));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

export async function main([pages = ".", state = "thousand", port = "0"]: string[]): Promise<void> {
  const { url } = await startMock(pages, state as State, Number(port));
  console.log(url);
}
