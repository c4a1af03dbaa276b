// Logins: from a password to a session, and the sessions that a person has.
import { call, http, keep_csrf_token } from "./client";
import { get_credential } from "./webauthn";

export type Session = Awaited<ReturnType<typeof read_session>>;

export async function read_session() {
  const session = await call(() => http.GET("/api/session"));
  keep_csrf_token(session.login.csrf_token ?? "");
  return session;
}

// Whether this browser has a session. Anybody may ask, so nobody is told "not logged in".
export async function has_session() {
  const { csrf_token, logged_in } = await call(() => http.GET("/api/csrf"));
  keep_csrf_token(csrf_token);
  return logged_in;
}

export async function log_in(email: string, password: string) {
  const step = await call(() =>
    http.POST("/api/login", { body: { email, password, session: "cookie" } }),
  );
  keep_csrf_token(step.csrf_token ?? "");
  return step;
}
export type LoginStep = Awaited<ReturnType<typeof log_in>>;

export type FactorProof =
  | { factor: "totp" | "recovery_code"; code: string }
  | { factor: "passkey"; passkey: object };

export async function finish_login(ticket: string, proof: FactorProof) {
  const done = await call(() => http.POST("/api/login/factor", { body: { ticket, ...proof } }));
  keep_csrf_token(done.csrf_token ?? "");
  return done;
}

export async function log_in_with_passkey() {
  const options = await call(() => http.GET("/api/login/passkey"));
  const credential = await get_credential(options);
  const done = await call(() =>
    http.POST("/api/login/passkey", { body: { credential, session: "cookie" } }),
  );
  keep_csrf_token(done.csrf_token ?? "");
  return done;
}

export async function log_out() {
  await call(() => http.POST("/api/logout"));
  keep_csrf_token("");
}

export async function prove_by_password(password: string) {
  const done = await call(() => http.POST("/api/session/prove", { body: { password } }));
  keep_csrf_token(done.csrf_token ?? "");
}

export async function prove_by_factor(proof: FactorProof) {
  const done = await call(() => http.POST("/api/session/prove", { body: proof }));
  keep_csrf_token(done.csrf_token ?? "");
}

export async function prove_by_passkey() {
  const options = await call(() => http.GET("/api/passkeys/question"));
  await prove_by_factor({ factor: "passkey", passkey: await get_credential(options) });
}

export const list_sessions = () => call(() => http.GET("/api/sessions"));
export const end_session = (id: number) =>
  call(() => http.DELETE("/api/sessions/{id}", { params: { path: { id: String(id) } } }));
export const end_other_sessions = () => call(() => http.DELETE("/api/sessions"));
