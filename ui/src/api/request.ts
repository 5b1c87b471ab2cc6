/** One way to ask the server: JSON in, JSON out, every failure a Problem with a sentence a person can read. */

import { apiUrl, type Query } from "./base";

export interface FieldError { field: string; message: string }

/** What went wrong, as RFC 9457 problem+json says it; `code` is stable, `message` is for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint: string | null = null,
    readonly fields: FieldError[] = [],
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }
  /** True if no server answered at all. */
  get unreachable(): boolean { return this.status === 0 }
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
interface Options { query?: Query; body?: unknown; raw?: Blob; signal?: AbortSignal; keepalive?: boolean }

let onSignedOut: () => void = () => {};

/** Called when the server no longer knows this session. */
export function whenSignedOut(callback: () => void): void { onSignedOut = callback }

/** Asks the server. Returns its JSON, or undefined for an empty answer. Throws Problem, or an AbortError when cancelled. */
export async function request<T>(method: Method, path: string, { query, body, raw, signal, keepalive }: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (raw) headers["Content-Type"] = raw.type || "application/octet-stream";
  let response: Response;
  try {
    response = await fetch(apiUrl(path, query), {
      method, headers, credentials: "same-origin",
      body: raw ?? (body === undefined ? null : JSON.stringify(body)),
      signal: signal ?? null, keepalive: keepalive ?? false,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "");
  }
  if (response.ok) {
    const text = await response.text();
    return (text ? JSON.parse(text) : undefined) as T;
  }
  const problem = await readProblem(response);
  if (response.status === 401 && !path.startsWith("auth/login")) onSignedOut();
  throw problem;
}

async function readProblem(response: Response): Promise<Problem> {
  const retry = Number(response.headers.get("Retry-After"));
  let said: { code?: string; detail?: unknown; title?: string; hint?: string | null; errors?: { field?: string; loc?: unknown[]; message?: string; msg?: string }[] } = {};
  try { said = await response.json() } catch { said = {} }
  const fields = (said.errors ?? []).map((error) => ({ field: String(error.field ?? error.loc?.at(-1) ?? ""), message: error.message ?? error.msg ?? "" }));
  const sentence = typeof said.detail === "string" && said.detail ? said.detail : (said.title ?? `HTTP ${response.status}`);
  return new Problem(response.status, said.code ?? `http_${response.status}`, sentence, said.hint ?? null, fields, Number.isFinite(retry) && retry > 0 ? retry : null);
}

/** Sends a file as it is. */
export async function upload<T>(path: string, file: Blob, method: "POST" | "PUT" = "POST"): Promise<T> {
  return request<T>(method, path, { raw: file });
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => request<T>("GET", path, { ...(query && { query }), ...(signal && { signal }) });
export const post = <T>(path: string, body?: unknown): Promise<T> => request<T>("POST", path, { body: body ?? {} });
export const put = <T>(path: string, body?: unknown): Promise<T> => request<T>("PUT", path, { body: body ?? {} });
export const patch = <T>(path: string, body: unknown): Promise<T> => request<T>("PATCH", path, { body });
export const remove = <T>(path: string): Promise<T> => request<T>("DELETE", path);
