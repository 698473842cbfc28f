// SPDX-License-Identifier: Apache-2.0
// The wallet of this browser: one account's keys, made from a secret of 16 bytes (twelve words). The
// keys are CryptoKeys that no script can read out, Ed25519 to sign and X25519 to read; where WebCrypto
// lacks a curve, its seed lies sealed under an AES key of that kind, and @noble/curves does the rest.
//
// A key that cannot be read out cannot be backed up later either. So the secret itself stays, sealed
// the same way, until the person has a back-up and says so; then it goes, and what is left can sign but
// not be carried away (docs/adr/017).
import { computed, signal } from "@preact/signals";
import { accountOfKey, addressOf } from "../lib/address";
import { type Bytes, bytesOfHex, concat } from "../lib/bytes";
import { loadBeside } from "../lib/i18n";
import { forget, keep, keepFirst, kept } from "./store";

export type Vault = typeof import("./vault");
export const loadVault = (): Promise<Vault> => loadBeside<Vault>("./vault.js");

interface Sealed {
  nonce: Bytes;
  box: Bytes;
}
type Key = CryptoKey | Sealed;
export const BACKUPS = ["words", "file", "passkey"] as const;
export type BackupKind = (typeof BACKUPS)[number];

export interface Wallet {
  account: Bytes; // the id
  publicKey: Bytes;
  readingKey: Bytes; // public
  signing: Key;
  reading: Key;
  sealer: CryptoKey;
  secret: Sealed | null; // until it is backed up
  backups: Partial<Record<BackupKind, number>>; // when, ms
}

// undefined: not looked yet; null: there is none.
export const wallet = signal<Wallet | null | undefined>(undefined);
export const address = computed(() => (wallet.value ? addressOf(wallet.value.account) : ""));
export const isBackedUp = computed(() => Object.keys(wallet.value?.backups ?? {}).length > 0);

// Only over HTTPS, or on this machine, have pages what keys need.
export const canHaveWallet = (): boolean =>
  globalThis.isSecureContext && "subtle" in crypto && "indexedDB" in globalThis;

const KEPT = "wallet";
const tabs = "BroadcastChannel" in globalThis ? new BroadcastChannel("lmm-wallet") : null;

export async function findWallet(): Promise<void> {
  wallet.value = canHaveWallet() ? await kept<Wallet>(KEPT) : null;
}
tabs?.addEventListener("message", () => void findWallet());

async function keepWallet(next: Wallet): Promise<void> {
  await keep(KEPT, next);
  wallet.value = next;
  tabs?.postMessage("changed");
}

async function seal(sealer: CryptoKey, secret: Bytes): Promise<Sealed> {
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, sealer, secret as BufferSource);
  return { nonce, box: new Uint8Array(box) };
}
async function unseal(sealer: CryptoKey, { nonce, box }: Sealed): Promise<Bytes> {
  const algorithm = { name: "AES-GCM", iv: nonce as BufferSource };
  return new Uint8Array(await crypto.subtle.decrypt(algorithm, sealer, box as BufferSource));
}

// PKCS #8 of RFC 8410, up to the 32 bytes of the secret.
const CURVES = {
  Ed25519: { head: bytesOfHex("302e020100300506032b657004220420"), use: ["sign"] },
  X25519: { head: bytesOfHex("302e020100300506032b656e04220420"), use: ["deriveBits"] },
} as const;

async function take(curve: keyof typeof CURVES, secret: Bytes, sealer: CryptoKey): Promise<Key> {
  const { head, use } = CURVES[curve];
  try {
    const whole = concat(head, secret) as BufferSource;
    return await crypto.subtle.importKey("pkcs8", whole, { name: curve }, false, [...use]);
  } catch {
    return seal(sealer, secret); // this browser lacks the curve
  }
}

async function walletOf(secret: Bytes, backups: Wallet["backups"]): Promise<Wallet> {
  const { plainCurves, secretsOf } = await loadVault();
  const secrets = await secretsOf(secret);
  const sealer = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const publicKey = plainCurves.signingKey(secrets.signing);
  const made: Wallet = {
    account: accountOfKey(publicKey),
    publicKey,
    readingKey: plainCurves.readingKey(secrets.reading),
    signing: await take("Ed25519", secrets.signing, sealer),
    reading: await take("X25519", secrets.reading, sealer),
    sealer,
    secret: Object.keys(backups).length > 0 ? null : await seal(sealer, secret),
    backups,
  };
  for (const bytes of [secret, secrets.signing, secrets.reading]) bytes.fill(0);
  return made;
}

// Never in place of another, made in another tab meanwhile.
async function makeWallet(secret: Bytes, backups: Wallet["backups"]): Promise<void> {
  const isFirst = await keepFirst(KEPT, await walletOf(secret, backups));
  await findWallet();
  if (!isFirst) return;
  tabs?.postMessage("changed");
  void navigator.storage?.persist?.(); // asks that the browser does not clear it for room
}

export async function createWallet(): Promise<void> {
  const { ENTROPY_BYTES } = await loadVault();
  await makeWallet(crypto.getRandomValues(new Uint8Array(ENTROPY_BYTES)), {});
}

// From a back-up of that kind, which there is then: the secret is not kept.
export const restoreWallet = (secret: Bytes, kind: BackupKind): Promise<void> =>
  makeWallet(secret, { [kind]: Date.now() });

// For making a back-up; the caller clears it. Null once it is gone.
export async function revealSecret(): Promise<Bytes | null> {
  const { value } = wallet;
  return value?.secret ? unseal(value.sealer, value.secret) : null;
}

export async function noteBackup(kind: BackupKind): Promise<void> {
  const { value } = wallet;
  if (value) await keepWallet({ ...value, backups: { ...value.backups, [kind]: Date.now() } });
}

export async function forgetSecret(): Promise<void> {
  const { value } = wallet;
  if (value && isBackedUp.value) await keepWallet({ ...value, secret: null });
}

export async function removeWallet(): Promise<void> {
  await forget(KEPT, "sent");
  wallet.value = null;
  tabs?.postMessage("changed");
}

// A key that signs, as a wallet's does, and no script can read out.
export interface SigningKey {
  publicKey: Bytes;
  signing: Key;
  sealer: CryptoKey;
}
// One of its own, derived from nothing: where it was made it stays.
export async function createSigningKey(): Promise<SigningKey> {
  const { plainCurves } = await loadVault();
  const sealer = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const seed = crypto.getRandomValues(new Uint8Array(32));
  const made = { publicKey: plainCurves.signingKey(seed), signing: await take("Ed25519", seed, sealer), sealer };
  seed.fill(0);
  return made;
}

export async function signWith({ signing, sealer }: SigningKey, message: Bytes): Promise<Bytes> {
  if (signing instanceof CryptoKey)
    return new Uint8Array(await crypto.subtle.sign("Ed25519", signing, message as BufferSource));
  const seed = await unseal(sealer, signing);
  try {
    return (await loadVault()).plainCurves.sign(message, seed);
  } finally {
    seed.fill(0);
  }
}

export async function sign(message: Bytes): Promise<Bytes> {
  const { value } = wallet;
  if (!value) throw new Error("no wallet");
  return signWith(value, message);
}
