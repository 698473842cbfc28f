// SPDX-License-Identifier: Apache-2.0
// What a wallet keeps in this browser: IndexedDB, since it alone takes keys that nobody can read out.
const NAME = "lmm-wallet";
const TABLE = "kept";

function done<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

let opened: Promise<IDBDatabase> | null = null;
function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => ((opened = null), reject(request.error));
  });
  return opened;
}

export async function kept<Value>(key: string): Promise<Value | null> {
  const table = (await open()).transaction(TABLE).objectStore(TABLE);
  return ((await done(table.get(key))) as Value | undefined) ?? null;
}

// Resolves once it is on disk, as far as the browser tells.
async function write(change: (table: IDBObjectStore) => void): Promise<void> {
  const transaction = (await open()).transaction(TABLE, "readwrite", { durability: "strict" });
  change(transaction.objectStore(TABLE));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}
// False when there is one of that name already.
export async function keepFirst(key: string, value: unknown): Promise<boolean> {
  try {
    await write((table) => table.add(value, key));
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "ConstraintError") return false;
    throw error;
  }
}
export const keep = (key: string, value: unknown): Promise<void> => write((table) => table.put(value, key));
export const forget = (...keys: string[]): Promise<void> => write((table) => keys.forEach((key) => table.delete(key)));
