// SPDX-License-Identifier: Apache-2.0
// The SharedWorker that holds the one stream of news for all tabs.
import { type LiveMessage, LiveSource } from "./lib/live";

const ports = new Set<MessagePort>();
const types = new URL(location.href).searchParams.get("types") ?? "";
const tell = (message: LiveMessage): void => ports.forEach((port) => port.postMessage(message));
const source = new LiveSource(tell, types ? types.split(",") : []);
source.start();

// The DOM's types and a worker's exclude each other.
const scope = globalThis as unknown as { onconnect: (event: MessageEvent) => void };
scope.onconnect = (event) => {
  const port = event.ports[0]!;
  ports.add(port);
  port.postMessage(source.state);
  port.onmessage = () => ports.delete(port); // the page says that it goes
};
