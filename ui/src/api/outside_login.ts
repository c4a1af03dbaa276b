// Logins by an outside provider: the browser goes there and comes back with a code.
import { call, http, keep_csrf_token } from "./client";

export interface OutsideAnswer {
  state: string;
  code: string;
  iss?: string;
}

export const read_outside_login = () => call(() => http.GET("/api/login/outside"));
// Where the browser goes.
export const begin_outside_login = () => call(() => http.POST("/api/login/outside/begin"));

export async function finish_outside_login({ state, code, iss }: OutsideAnswer) {
  const body = iss ? { state, code, iss } : { state, code };
  const step = await call(() => http.POST("/api/login/outside", { body }));
  keep_csrf_token(step.csrf_token ?? "");
  return step;
}
