// SPDX-License-Identifier: Apache-2.0
// News from the server, as one SSE stream shared among this browser's tabs: a SharedWorker holds
// it (live-worker.ts) where there are such, else the page does. LiveSource is the stream itself; it
// reconnects by itself, also where EventSource gives up (an answer that is not 200), and also when
// the line is silent for longer than a chain at rest would be.

const KIT_TYPES = ["block", "reset"]; // that every market's server tells

export type LiveMessage =
  | { kind: "line"; isOpen: boolean; since: number } // since when it is open or shut, ms
  | { kind: "news"; type: string; data: unknown };

const PATH = "/v1/live";
const RETRY_MS = 2000;
const RETRY_MAX_MS = 30_000;
const SILENCE_MS = 150_000; // a devnet at rest makes a block a minute

export class LiveSource {
  private source: EventSource | null = null;
  private line: LiveMessage = { kind: "line", isOpen: false, since: Date.now() };
  private retryMs = RETRY_MS;
  private lastHeard = Date.now();
  private lastId = ""; // of what was heard: a source made anew goes on behind it

  // `types`: the market's own news.
  constructor(
    private readonly tell: (message: LiveMessage) => void,
    private readonly types: string[],
  ) {}

  get state(): LiveMessage {
    return this.line;
  }

  start(): void {
    this.connect();
    setInterval(() => {
      if (Date.now() - this.lastHeard > SILENCE_MS) this.connect();
    }, RETRY_MAX_MS);
  }

  private setOpen(isOpen: boolean): void {
    if (this.line.kind === "line" && this.line.isOpen === isOpen) return;
    this.line = { kind: "line", isOpen, since: Date.now() };
    this.tell(this.line);
  }

  private connect(): void {
    this.source?.close();
    const source = new EventSource(this.lastId ? `${PATH}?last_event_id=${this.lastId}` : PATH);
    this.source = source;
    this.lastHeard = Date.now();
    source.onopen = () => {
      this.retryMs = RETRY_MS;
      this.lastHeard = Date.now();
      this.setOpen(true);
    };
    source.onerror = () => {
      this.setOpen(false);
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      setTimeout(() => this.source === source && this.connect(), this.retryMs);
      this.retryMs = Math.min(2 * this.retryMs, RETRY_MAX_MS);
    };
    for (const type of [...KIT_TYPES, ...this.types])
      source.addEventListener(type, (event) => {
        const { data, lastEventId } = event as MessageEvent<string>;
        this.lastHeard = Date.now();
        if (lastEventId) this.lastId = lastEventId;
        this.tell({ kind: "news", type, data: parsed(data) });
      });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}
