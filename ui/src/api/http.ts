import { readJson } from '~/util/exact-json';
import type { ErrorBody } from './schema';

/** A refused or failed request, with the server's stable code where it sent one. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly requestId: string | null;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.code;
    this.hint = body.hint;
    this.requestId = body.request_id;
  }
}

export type QueryValue = string | number | boolean | string[] | undefined;

export interface CallOptions {
  query?: Record<string, QueryValue>;
  body?: unknown;
  signal?: AbortSignal;
}

/** Joins path segments below `/api/v1`, each percent-encoded. */
export function apiPath(...segments: string[]): string {
  return `/api/v1/${segments.map(encodeURIComponent).join('/')}`;
}

export function withQuery(path: string, query: Record<string, QueryValue> = {}): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) value.forEach(item => params.append(name, item));
    else params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

async function send(method: string, path: string, options: CallOptions): Promise<Response> {
  const headers: Record<string, string> = {};
  if (options.body !== undefined) headers['Content-Type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(withQuery(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      credentials: 'same-origin',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new ApiError(0, {
      code: 'unreachable',
      message: 'the server does not answer',
      hint: 'check that it runs and that this machine can reach it',
      request_id: null,
    });
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  const fallback: ErrorBody = {
    code: `http_${response.status}`,
    message: `the server answered ${response.status} ${response.statusText}`.trim(),
    hint: null,
    request_id: response.headers.get('x-request-id'),
  };
  try {
    const body = (await response.json()) as Partial<ErrorBody>;
    return new ApiError(response.status, { ...fallback, ...body });
  } catch {
    return new ApiError(response.status, fallback);
  }
}

export async function callJson<T>(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<T> {
  const response = await send(method, path, options);
  return response.status === 204 ? (undefined as T) : (readJson(await response.text()) as T);
}

export async function callBytes(
  method: string,
  path: string,
  options: CallOptions = {},
): Promise<ArrayBuffer> {
  return (await send(method, path, options)).arrayBuffer();
}

export async function callText(path: string, signal?: AbortSignal): Promise<string> {
  return (await send('GET', path, { signal })).text();
}
