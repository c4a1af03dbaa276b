// Every request of the pages goes through `call`. It proves with the CSRF token that the request
// comes from these pages, asks the person again who they are when the server wants that, and turns
// every failure into a Problem.
import createClient from "openapi-fetch";
import type { paths } from "../../generated/api";
import { ask_for_proof } from "./proof";

export const http = createClient<paths>({ baseUrl: "", credentials: "same-origin" });

export interface Fault {
  field: string;
  code: string;
  message: string;
  remedy: string;
}

// An answer that is no success (RFC 9457), or none at all: status 0.
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly remedy: string;
  readonly faults: readonly Fault[];
  // Seconds; 0: the server did not say.
  readonly retry_after: number;

  constructor(status: number, body: unknown, retry_after = 0) {
    const given = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    const text = (name: string) => (typeof given[name] === "string" ? (given[name] as string) : "");
    super(text("detail") || text("title") || `HTTP ${status}`);
    this.status = status;
    this.code = text("code") || (status === 0 ? "no_answer" : `http_${status}`);
    this.detail = this.message;
    this.remedy = text("remedy");
    this.faults = Array.isArray(given.errors) ? (given.errors as Fault[]) : [];
    this.retry_after = retry_after;
  }
}

// The token of the session, or of the login that has not begun; empty: not asked for yet.
let csrf_token = "";
export function keep_csrf_token(token: string) {
  csrf_token = token;
}

async function ask_for_csrf_token() {
  const { data } = await http.GET("/api/csrf");
  csrf_token = data?.csrf_token ?? "";
}

http.use({
  async onRequest({ request }) {
    if (request.method === "GET" || request.method === "HEAD") {
      return undefined;
    }
    if (csrf_token === "") {
      await ask_for_csrf_token();
    }
    request.headers.set("X-CSRF-Token", csrf_token);
    return request;
  },
});

// Called when a session has ended behind the pages' back.
let session_ended = () => {};
export function on_session_end(react: () => void) {
  session_ended = react;
}

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

async function attempt<Data>(request: () => Promise<Outcome<Data>>): Promise<Data> {
  let outcome: Outcome<Data>;
  try {
    outcome = await request();
  } catch {
    throw new Problem(0, {});
  }
  const { data, error, response } = outcome;
  if (response.ok) {
    return data as Data;
  }
  throw new Problem(response.status, error, Number(response.headers.get("Retry-After") ?? 0));
}

// What a write answers with. A dry run answers with something else; the pages ask for none.
type Done<Data> = Data extends { dry_run: boolean } ? never : Data;

// Sends a request, again where the server asked for something first. Throws a Problem.
export async function call<Data>(request: () => Promise<Outcome<Data>>): Promise<Done<Data>> {
  for (let repeated = false; ; repeated = true) {
    try {
      return (await attempt(request)) as Done<Data>;
    } catch (error) {
      if (!(error instanceof Problem)) {
        throw error;
      }
      if (error.code === "csrf" && !repeated) {
        await ask_for_csrf_token();
      } else if ((error.code === "proof_needed" || error.code === "factor_needed") && !repeated && (await ask_for_proof())) {
        // Proven: the same request once more.
      } else {
        if (error.code === "session_invalid" || error.code === "not_logged_in") {
          csrf_token = "";
          session_ended();
        }
        throw error;
      }
    }
  }
}

export type Result<Function extends (...values: never[]) => Promise<unknown>> = Awaited<
  ReturnType<Function>
>;
// One item of a page.
export type Item<Function extends (...values: never[]) => Promise<{ items: unknown[] }>> = Awaited<
  ReturnType<Function>
>["items"][number];
