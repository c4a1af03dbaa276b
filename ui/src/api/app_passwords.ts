// Passwords for one device or program each, and all that a device needs to be set up with one.
import { call, http } from "./client";

export const list_app_passwords = () => call(() => http.GET("/api/app-passwords"));
export const make_app_password = (name: string, protocols: string[]) =>
  call(() => http.POST("/api/app-passwords", { body: { name, protocols } }));
export const remove_app_password = (id: number) =>
  call(() => http.DELETE("/api/app-passwords/{id}", { params: { path: { id: String(id) } } }));
export const set_up_device = (name: string) =>
  call(() => http.POST("/api/account/devices", { body: { name } }));
export const read_mail_settings = (host: string) =>
  call(() => http.GET("/api/mail/settings", { params: { query: { host } } }));
