// The person's own account.
import { call, http } from "./client";

export const read_account = () => call(() => http.GET("/api/account"));
export const set_language = (language: string) =>
  call(() => http.PUT("/api/account", { body: { language } }));
export const change_password = (id: number, current_password: string, password: string) =>
  call(() =>
    http.PUT("/api/users/{id}", {
      params: { path: { id: String(id) } },
      body: { current_password, password },
    }),
  );
export const read_usage = (id: number) =>
  call(() => http.GET("/api/users/{id}/usage", { params: { path: { id: String(id) } } }));
export const set_recovery_address = (address: string, current_password: string) =>
  call(() => http.PUT("/api/account/recovery-address", { body: { address, current_password } }));
export const read_export = () => call(() => http.GET("/api/account/export"));
export const begin_export = () => call(() => http.POST("/api/account/export", { body: {} }));
export const delete_account = (current_password: string) =>
  call(() => http.POST("/api/account/deletion", { body: { current_password } }));
