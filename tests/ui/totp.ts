// What an authenticator app shows (RFC 6238, with the defaults that all apps have).
import { createHmac } from "node:crypto";

function base32(text: string): Buffer {
  const bits = [...text.replace(/[\s=]/g, "").toUpperCase()]
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}

const kStep = 30_000;

function code_of(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", base32(secret)).update(counter).digest();
  const offset = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// No step is taken twice by the server, so each call waits for the next one that was not used. The
// server takes a step that is one ahead.
const last_steps = new Map<string, number>();
export async function next_code(secret: string): Promise<string> {
  const last = last_steps.get(secret) ?? 0;
  for (;;) {
    const now = Math.floor(Date.now() / kStep);
    const step = Math.max(last + 1, now);
    if (step <= now + 1) {
      last_steps.set(secret, step);
      return code_of(secret, step);
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
