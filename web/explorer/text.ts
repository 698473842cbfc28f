// SPDX-License-Identifier: Apache-2.0
// Texts made of what is shown: short forms, commands, and bytes that are a text themselves.

const SHORT = 10; // characters of a hash that tell it from others
export const shortHash = (hash: string): string => `${hash.slice(0, SHORT)}…`;

// For a shell.
export const quoted = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

// The question behind what is shown, for a terminal.
export function curlOf(origin: string, path: string, body?: string): string {
  const given = body === undefined ? "" : ` -H 'Content-Type: application/json' -d ${quoted(body)}`;
  return `curl -s${given} ${quoted(origin + path)}`;
}

// Null where they are none, or where they hold what no text shows.
export function textIn(hex: string): string | null {
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text !== "" && !/[^\P{Cc}\n\r\t]/u.test(text) ? text : null;
  } catch {
    return null;
  }
}
