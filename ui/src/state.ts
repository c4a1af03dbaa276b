// What all pages know: whose session this is.
import { signal } from "@preact/signals";
import { Problem, on_session_end } from "./api/client";
import { has_session, log_out, read_session, type Session } from "./api/sessions";
import { go } from "./router";

// undefined: not known yet. null: nobody is logged in.
export const session = signal<Session | null | undefined>(undefined);
// The session ended while the person was at work; the login page says so.
export const was_ended = signal(false);

export async function find_session() {
  try {
    session.value = (await has_session()) ? await read_session() : null;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      session.value = null;
      return;
    }
    throw error;
  }
}

on_session_end(() => {
  was_ended.value = session.value !== null && session.value !== undefined;
  session.value = null;
});

export async function leave() {
  await log_out();
  session.value = null;
  go("/login");
}

export const is_admin = () => session.value?.role === "admin";
export const administers = () => is_admin() || session.value?.role === "domain-admin";
