// The pod of the tests: its API, its pages and its mail.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import http, { type IncomingHttpHeaders } from "node:http";
import https from "node:https";
import { Imap } from "./imap";

interface Facts {
  url: string;
  ports: Record<string, string>;
  certificate: string;
  admin: { email: string; password: string; token: string };
}
export const facts = JSON.parse(readFileSync(process.env.UI_POD ?? "", "utf8")) as Facts;

// A name that no other test has.
export const fresh = (name: string) => `${name}${randomBytes(3).toString("hex")}`;

export const kPassword = "four walls and a lamp";

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

// One request over a connection of its own.
function ask(make: typeof http, options: https.RequestOptions, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = make.request({ ...options, host: "127.0.0.1", agent: false, timeout: 90_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (data: string) => {
        text += data;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 90 s")));
    request.on("error", reject);
    request.end(body);
  });
}

export async function api(method: string, path: string, body?: object | string, token = facts.admin.token) {
  const kind = typeof body === "string" ? "application/x-ndjson" : "application/json";
  const headers = { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { "Content-Type": kind }) };
  const sent = typeof body === "object" ? JSON.stringify(body) : body;
  const answer = await ask(http, { method, path, port: facts.ports.API, headers }, sent);
  return { status: answer.status, body: answer.text ? JSON.parse(answer.text) : null };
}

// What the control host answers, without a browser. The name leads nowhere here, so it is not asked for.
export function fetch_page(address: string): Promise<Answer> {
  const url = new URL(address, facts.url);
  const options = { port: url.port, path: url.pathname + url.search, servername: url.hostname, headers: { Host: url.host } };
  return ask(https as unknown as typeof http, { ...options, ca: readFileSync(facts.certificate) });
}

// A person of example.test, and their mailbox elsewhere.
export async function make_person(name: string) {
  const person = { email: `${fresh(name)}@example.test`, elsewhere: `${fresh(name)}@elsewhere.test`, password: kPassword };
  for (const email of [person.email, person.elsewhere]) {
    const made = await api("POST", "/api/users?wait=15", { email, password: kPassword });
    if (made.status !== 201 || made.body.applied.state !== "applied") {
      throw new Error(`${email}: ${JSON.stringify(made.body)}`);
    }
  }
  return person;
}

export async function make_mailbox(email: string) {
  const made = await api("POST", "/api/users?wait=15", { email, password: kPassword });
  if (made.status !== 201) {
    throw new Error(`${email}: ${JSON.stringify(made.body)}`);
  }
  return email;
}

// Whether the mailbox lets somebody in.
export async function can_read(email: string, password: string): Promise<boolean> {
  const imap = await Imap.connect(Number(facts.ports.IMAPS));
  try {
    return await imap.login(email, password);
  } finally {
    imap.end();
  }
}

export async function wait_for<Value>(what: string, look: () => Promise<Value | undefined | false>, seconds = 20): Promise<Value> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what} did not come within ${seconds} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

// The texts of a message's parts, whose encoding is base64 (RFC 2045 section 6.8).
function texts_of(message: string): string {
  const parts = message.matchAll(/Content-Transfer-Encoding: base64\r?\n\r?\n([A-Za-z0-9+/=\r\n]+)/g);
  return [...parts].map(([, body]) => Buffer.from(body ?? "", "base64").toString("utf8")).join("\n");
}

// The link of the newest mail in the mailbox whose path is `path`, once each.
const used = new Set<string>();
export function link_for(email: string, path: string, password = kPassword): Promise<string> {
  return wait_for(`a mail with a link to ${path} in ${email}`, async () => {
    const imap = await Imap.connect(Number(facts.ports.IMAPS));
    try {
      if (!(await imap.login(email, password))) {
        return undefined;
      }
      for (const message of (await imap.messages()).reverse()) {
        const found = texts_of(message).match(new RegExp(`https://[^\\s"<>]*${path}#token=[\\w-]+`))?.[0];
        if (found && !used.has(found)) {
          used.add(found);
          return found;
        }
      }
      return undefined;
    } finally {
      imap.end();
    }
  });
}
