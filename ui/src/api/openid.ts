// A program that sends people here to log in (OpenID Connect).
import { call, http } from "./client";

export interface Question {
  client_id: string;
  redirect_uri: string;
  response_type: string;
  scope: string;
  state: string;
  nonce: string;
  code_challenge: string;
  code_challenge_method: string;
}
// Where the browser goes on.
export const authorize = (body: Question) =>
  call(() => http.POST("/api/openid/authorize", { body }));
