// What a person does without a login: register, confirm, ask for a new password.
import { call, http } from "./client";

export const read_registration = () => call(() => http.GET("/api/registration"));
export const register = (body: {
  email: string;
  password: string;
  recovery_address: string;
  language: string;
}) => call(() => http.POST("/api/register", { body }));
// Changes nothing: mail scanners follow links, people press buttons.
export const look_at_link = (token: string) =>
  call(() => http.POST("/api/links/look", { body: { token } }));
export const confirm = (token: string) =>
  call(() => http.POST("/api/confirm", { body: { token } }));
export const ask_for_reset = (email: string, language: string) =>
  call(() => http.POST("/api/password-reset", { body: { email, language } }));
export const set_password = (token: string, password: string) =>
  call(() => http.POST("/api/password-reset/confirm", { body: { token, password } }));
