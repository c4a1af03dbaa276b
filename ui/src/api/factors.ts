// Second factors: one-time codes, passkeys, recovery codes.
import { call, http } from "./client";
import { create_credential } from "./webauthn";

export const read_factors = () => call(() => http.GET("/api/factors"));
export const begin_totp = () => call(() => http.POST("/api/totp", { body: {} }));
export const confirm_totp = (code: string) =>
  call(() => http.POST("/api/totp/confirm", { body: { code } }));
export const remove_totp = () => call(() => http.DELETE("/api/totp"));
export const make_recovery_codes = () => call(() => http.POST("/api/recovery-codes", { body: {} }));
export const list_passkeys = () => call(() => http.GET("/api/passkeys"));
export async function add_passkey(name: string) {
  const options = await call(() => http.POST("/api/passkeys/options", { body: {} }));
  const credential = await create_credential(options);
  return call(() => http.POST("/api/passkeys", { body: { name, credential } }));
}
export const rename_passkey = (id: number, name: string) =>
  call(() =>
    http.PUT("/api/passkeys/{id}", { params: { path: { id: String(id) } }, body: { name } }),
  );
export const remove_passkey = (id: number) =>
  call(() => http.DELETE("/api/passkeys/{id}", { params: { path: { id: String(id) } } }));
