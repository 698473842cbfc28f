// SPDX-License-Identifier: Apache-2.0
// Where in a JSON text a JSON pointer (RFC 6901) points: for showing people the line that is wrong.
// Reads as far as it must and takes the text to be JSON; null where the pointer leads nowhere.

const STRING = /"(?:[^"\\]|\\.)*"/y;
const PRIMITIVE = /[^\s,\]}]+/y;

class Scanner {
  at = 0;
  constructor(private readonly text: string) {}

  space(): void {
    while (/\s/.test(this.text.charAt(this.at))) this.at++;
  }
  sees(char: string): boolean {
    this.space();
    return this.text.charAt(this.at) === char;
  }
  take(pattern: RegExp): string | null {
    this.space();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? null;
    this.at += found?.length ?? 0;
    return found;
  }
  // Behind the value that starts here; without recursion, since texts may be nested deep.
  skipValue(): boolean {
    let depth = 0;
    do {
      this.space();
      const char = this.text.charAt(this.at);
      if (char === "" || (depth === 0 && ",:]}".includes(char))) return false;
      if (char === "{" || char === "[") depth++;
      else if (char === "}" || char === "]") depth--;
      else if (char !== "," && char !== ":") {
        if (!this.take(char === '"' ? STRING : PRIMITIVE)) return false;
        continue;
      }
      this.at++;
    } while (depth > 0);
    return true;
  }
}

function keyOf(text: string | null): string | null {
  try {
    return text === null ? null : (JSON.parse(text) as string);
  } catch {
    return null;
  }
}

// Moves to the member `name` of the object or array that starts here.
function enter(scanner: Scanner, name: string): boolean {
  const isObject = scanner.sees("{");
  if (!isObject && !scanner.sees("[")) return false;
  scanner.at++;
  for (let index = 0; ; index++) {
    const key = isObject ? keyOf(scanner.take(STRING)) : String(index);
    if (key === null) return false;
    if (isObject) {
      if (!scanner.sees(":")) return false;
      scanner.at++;
    }
    scanner.space();
    if (key === name) return !scanner.sees("]") && !scanner.sees("}");
    if (!scanner.skipValue() || !scanner.sees(",")) return false;
    scanner.at++;
  }
}

export interface Place {
  line: number; // from 1
  from: number;
  to: number;
}

export function placeOf(text: string, pointer: string): Place | null {
  const scanner = new Scanner(text);
  const names = pointer === "" ? [] : pointer.split("/").slice(1);
  for (const name of names)
    if (!enter(scanner, name.replace(/~1/g, "/").replace(/~0/g, "~"))) return null;
  scanner.space();
  const from = scanner.at;
  scanner.skipValue();
  return { line: text.slice(0, from).split("\n").length, from, to: scanner.at };
}
