import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json } from '../src/api/schema';
import type { World } from './world.ts';

/** A request that the mock refuses, as the server would. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  constructor(status: number, code: string, message: string, hint: string | null = null) {
    super(message);
    this.status = status;
    this.code = code;
    this.hint = hint;
  }
}

export interface Call {
  world: World;
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  path: string[];
  query: URLSearchParams;
  username: string | null;
}

type Body = Record<string, Json>;

export async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text ? (JSON.parse(text) as Body) : {};
}
