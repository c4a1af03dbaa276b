// Tokens for programs that use the API.
import { call, http } from "./client";

export const list_tokens = () => call(() => http.GET("/api/tokens"));
export const make_token = (body: {
  name: string;
  scopes: string[];
  networks?: string[];
  lifetime: number;
}) => call(() => http.POST("/api/tokens", { body }));
export const remove_token = (id: number) =>
  call(() => http.DELETE("/api/tokens/{id}", { params: { path: { id: String(id) } } }));
