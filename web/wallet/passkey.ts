// SPDX-License-Identifier: Apache-2.0
// A back-up that a passkey opens: the WebAuthn extension `prf` gives a secret that the passkey alone can
// make again, and the wallet's secret is sealed under it. The file is of no use without the passkey,
// which people's devices carry among themselves; so it may lie anywhere.
import { type Bytes, DecodeError, bytesOfHex, bytesOfText, hexOf } from "../lib/bytes";

const FORMAT = "lmm-passkey-1";
const INFO = bytesOfText("lmm wallet back-up");
const SECRET_MAX = 64;

interface PasskeyFile {
  format: typeof FORMAT;
  host: string; // a passkey is of one site
  credential: string; // hex, as all below
  salt: string;
  nonce: string;
  box: string;
}

export class NoPrf extends Error {}

// A site is a name: browsers make no passkeys for bare addresses.
export const canUsePasskeys = (): boolean =>
  "PublicKeyCredential" in globalThis && !/^(\d+\.){3}\d+$|^\[/.test(location.hostname);

const random = (length: number): Bytes => crypto.getRandomValues(new Uint8Array(length));
const prfOf = (salt: Bytes) => ({ prf: { eval: { first: salt as BufferSource } } });

async function makePasskey(account: Bytes, name: string): Promise<Bytes> {
  const made = (await navigator.credentials.create({
    publicKey: {
      challenge: random(32) as BufferSource,
      rp: { name: "LMM" },
      user: { id: account as BufferSource, name, displayName: name },
      pubKeyCredParams: [
        { type: "public-key", alg: -7 },
        { type: "public-key", alg: -257 },
      ],
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      extensions: { prf: {} },
    },
  })) as PublicKeyCredential;
  if (made.getClientExtensionResults().prf?.enabled !== true) throw new NoPrf();
  return new Uint8Array(made.rawId);
}

async function keyOf(credential: Bytes, salt: Bytes): Promise<CryptoKey> {
  const shown = (await navigator.credentials.get({
    publicKey: {
      challenge: random(32) as BufferSource,
      allowCredentials: [{ type: "public-key", id: credential as BufferSource }],
      userVerification: "required",
      extensions: prfOf(salt),
    },
  })) as PublicKeyCredential;
  const secret = shown.getClientExtensionResults().prf?.results?.first;
  if (!secret) throw new NoPrf();
  const base = await crypto.subtle.importKey("raw", secret as BufferSource, "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: salt as BufferSource, info: INFO as BufferSource },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

// Asks the person twice: for the passkey, and for its use. Throws NoPrf where it cannot do this.
export async function sealByPasskey(secret: Bytes, account: Bytes, name: string): Promise<string> {
  const [salt, nonce] = [random(32), random(12)];
  const credential = await makePasskey(account, name);
  const key = await keyOf(credential, salt);
  const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce as BufferSource }, key, secret as BufferSource);
  const file: PasskeyFile = {
    format: FORMAT,
    host: location.hostname,
    credential: hexOf(credential),
    salt: hexOf(salt),
    nonce: hexOf(nonce),
    box: hexOf(new Uint8Array(box)),
  };
  return `${JSON.stringify(file)}\n`;
}

// Null when it is no such file.
export function readPasskeyFile(text: string): PasskeyFile | null {
  try {
    const file = JSON.parse(text) as PasskeyFile;
    return file.format === FORMAT ? file : null;
  } catch {
    return null;
  }
}

// Throws a DecodeError for a file that is not whole, or another passkey's.
export async function openByPasskey(file: PasskeyFile): Promise<Bytes> {
  const [salt, nonce, box] = [bytesOfHex(file.salt), bytesOfHex(file.nonce), bytesOfHex(file.box)];
  if (nonce.length !== 12 || box.length > SECRET_MAX) throw new DecodeError("malformed");
  const key = await keyOf(bytesOfHex(file.credential), salt);
  try {
    const algorithm = { name: "AES-GCM", iv: nonce as BufferSource };
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, box as BufferSource));
  } catch {
    throw new DecodeError("malformed");
  }
}
