// SPDX-License-Identifier: Apache-2.0
// The API client: JSON in and out, one error class. Problems come as RFC 9457 problem+json with a
// stable `code`; what never reached the server has the code "unreachable".

export interface Violation {
  pointer: string; // RFC 6901; "" is the whole document
  rule: string;
  detail?: string;
}

interface Problem {
  title?: string;
  code?: string;
  detail?: string;
  contract_message?: string; // what a contract says of its own refusal
  request_id?: string;
  violations?: Violation[];
}

export class ApiError extends Error {
  readonly code: string;
  readonly status: number; // 0: never answered
  readonly retryable: boolean;
  readonly requestId: string | null;
  readonly violations: Violation[];
  readonly told: string | null; // what came with the code, in the server's words

  constructor(status: number, problem: Problem) {
    const told = problem.contract_message ?? problem.detail ?? null;
    super(told ?? problem.title ?? problem.code ?? String(status));
    this.told = told;
    this.name = "ApiError";
    this.code = problem.code ?? (status === 0 ? "unreachable" : `http_${status}`);
    this.status = status;
    this.retryable = status === 0 || status === 429 || status >= 500;
    this.requestId = problem.request_id ?? null;
    this.violations = problem.violations ?? [];
  }
}

export interface Client {
  answer<T>(path: string, signal?: AbortSignal): Promise<{ body: T; headers: Headers }>;
  get<T>(path: string, signal?: AbortSignal): Promise<T>;
  text(path: string, signal?: AbortSignal): Promise<string>;
  // A page of a list, and the path of the next one.
  page<T>(path: string, signal?: AbortSignal): Promise<{ items: T[]; next: string | null }>;
  // Anything else, with a body as JSON; null when the answer has none.
  send<T>(method: string, path: string, body?: object): Promise<T>;
  // The answer's body, and where the new thing stands.
  post<T>(path: string, body: string | Uint8Array, type: string): Promise<{ body: T; location: string | null }>;
}

async function problemOf(response: Response): Promise<Problem> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  const requestId = problem.request_id ?? response.headers.get("X-Request-Id");
  return requestId ? { ...problem, request_id: requestId } : problem;
}

interface Options {
  url?: string;
  apiKey?: () => string | null; // for POSTs alone: what is read is everybody's
  bearer?: () => string | null; // for all
}

export function createClient(options: Options = {}): Client {
  const base = options.url ?? "";
  async function call(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (!headers.has("Accept")) headers.set("Accept", "application/json");
    const key = options.bearer?.() ?? (init.method === "POST" ? options.apiKey?.() : null);
    if (key) headers.set("Authorization", `Bearer ${key}`);
    let response: Response;
    try {
      response = await fetch(base + path, { ...init, headers });
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ApiError(0, {});
    }
    if (!response.ok) throw new ApiError(response.status, await problemOf(response));
    return response;
  }
  async function json<T>(response: Response): Promise<T> {
    try {
      return (await response.json()) as T;
    } catch {
      throw new ApiError(response.status, { code: "not_json", detail: "The server answered without JSON." });
    }
  }
  async function answer<T>(path: string, signal?: AbortSignal): Promise<{ body: T; headers: Headers }> {
    const response = await call(path, signal ? { signal } : {});
    return { body: await json<T>(response), headers: response.headers };
  }
  return {
    answer,
    get: async <T>(path: string, signal?: AbortSignal) => (await answer<T>(path, signal)).body,
    text: async (path, signal) => {
      const headers = { Accept: "*/*" }; // whatever it calls itself
      return (await call(path, signal ? { headers, signal } : { headers })).text();
    },
    page: async <T>(path: string, signal?: AbortSignal) => {
      const { body, headers } = await answer<{ items: T[] }>(path, signal);
      const next = /<([^>]*)>; rel="next"/.exec(headers.get("Link") ?? "")?.[1] ?? null;
      return { items: body.items, next };
    },
    send: async (method, path, body) => {
      const sent = body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {};
      const response = await call(path, { method, ...sent });
      const hasBody = response.headers.get("Content-Type")?.includes("json") ?? false;
      return hasBody ? json(response) : (null as never);
    },
    post: async (path, body, type) => {
      const response = await call(path, { method: "POST", body: body as BodyInit, headers: { "Content-Type": type } });
      const hasBody = response.headers.get("Content-Type")?.includes("json") ?? false;
      return {
        body: hasBody ? await json(response) : (null as never),
        location: response.headers.get("Location"),
      };
    },
  };
}
