import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Connect, Plugin } from 'vite';
import { handle } from './routes.ts';
import { World } from './world.ts';

/** What the server sends with every page, so that the build is tried under it. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; frame-src 'self' blob:; font-src 'self'; object-src 'none'; base-uri 'none'";

/** Answers `/api/v1` from memory, in `vite` and in `vite preview`. */
export function mockApi(): Plugin {
  const world = new World();
  const middleware = (
    request: IncomingMessage,
    response: ServerResponse,
    next: Connect.NextFunction,
  ): void => {
    if (!request.url?.startsWith('/api/v1/')) {
      next();
      return;
    }
    handle(world, request, response).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(
        JSON.stringify({
          code: 'internal',
          message: String(error),
          hint: null,
          request_id: 'mock',
        }),
      );
    });
  };
  return {
    name: 'ballast-mock-api',
    configureServer: server => void server.middlewares.use(middleware),
    configurePreviewServer: server => {
      server.middlewares.use((_request, response, next) => {
        response.setHeader('Content-Security-Policy', POLICY);
        next();
      });
      server.middlewares.use(middleware);
    },
  };
}
