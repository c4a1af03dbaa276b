// What administrators read and change.
import { call, http } from "./client";

export interface PageQuery {
  limit: number;
  cursor?: string | undefined;
  search?: string | undefined;
}
const by_id = (id: string) => ({ params: { path: { id } } });

export const list_users = (query: PageQuery & { domain?: string | undefined }) =>
  call(() => http.GET("/api/users", { params: { query } }));
export const read_user = (id: string) => call(() => http.GET("/api/users/{id}", by_id(id)));
export const create_user = (body: {
  email: string;
  password: string;
  role: string;
  quota: number;
}) => call(() => http.POST("/api/users", { body }));
export const update_user = (id: string, body: { enabled?: boolean; quota?: number }) =>
  call(() => http.PUT("/api/users/{id}", { ...by_id(id), body }));
export const delete_user = (id: string) => call(() => http.DELETE("/api/users/{id}", by_id(id)));
export const why_locked = (id: string) => call(() => http.GET("/api/users/{id}/lock", by_id(id)));
export const unlock_user = (id: string) =>
  call(() => http.POST("/api/users/{id}/unlock", by_id(id)));
export const read_user_factors = (id: string) =>
  call(() => http.GET("/api/users/{id}/factors", by_id(id)));
export const reset_user_factors = (id: string) =>
  call(() => http.DELETE("/api/users/{id}/factors", by_id(id)));

export const list_domains = (query: PageQuery) =>
  call(() => http.GET("/api/domains", { params: { query } }));
export const create_domain = (name: string) =>
  call(() => http.POST("/api/domains", { body: { name } }));
export const read_domain = (name: string) =>
  call(() => http.GET("/api/domains/{name}", { params: { path: { name } } }));
export const read_domain_registration = (name: string) =>
  call(() => http.GET("/api/domains/{name}/registration", { params: { path: { name } } }));
export const set_domain_registration = (
  name: string,
  body: { mode: string; allowed_domains: string[] },
) => call(() => http.PUT("/api/domains/{name}/registration", { params: { path: { name } }, body }));

export const list_registrations = (query: { limit: number; cursor?: string | undefined }) =>
  call(() => http.GET("/api/registrations", { params: { query } }));
export const approve_registration = (id: string) =>
  call(() => http.POST("/api/registrations/{id}/approve", by_id(id)));
export const refuse_registration = (id: string) =>
  call(() => http.POST("/api/registrations/{id}/refuse", by_id(id)));

export const list_audit = (query: PageQuery) =>
  call(() => http.GET("/api/audit", { params: { query } }));
export const list_revisions = (query: { limit: number; cursor?: string | undefined }) =>
  call(() => http.GET("/api/revisions", { params: { query } }));
// Waits up to so many seconds for the outcome at the services; no answer some seconds later is none.
export const read_revision = (number: number, wait: number) =>
  call(() =>
    http.GET("/api/revisions/{number}", {
      params: { path: { number: String(number) }, query: { wait } },
      signal: AbortSignal.timeout((wait + 5) * 1000),
    }),
  );
export const read_status = () => call(() => http.GET("/api/system/status"));
