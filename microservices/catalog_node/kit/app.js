// Builds the service's application: Fastify with the contract's answers in place of its own.

import fastify from 'fastify';
import { check, isUnreachable } from './db.js';
import {
  dependencyUnavailable,
  internalError,
  methodNotAllowed,
  notFound,
  Problem,
  unsupportedMediaType,
} from './errors.js';
import { answer } from './json.js';
import * as tracing from './tracing.js';

/** `identity`: what /version tells; `sql`: without which it cannot work. */
export function createApp({ identity, sql, trace }) {
  const app = fastify({
    logger: false,
    bodyLimit: 2 ** 30,
    // Longer than the gateway and other services keep one: it is theirs to close.
    keepAliveTimeout: 75_000,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    rewriteUrl: (request) => readable(request.url),
    routerOptions: { maxParamLength: 16_384, querystringParser: (text) => text },
  });
  // Bodies are read by the operations, after they have seen who asks.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const known = [];
  app.addHook('onRoute', ({ method, url }) => known.push({ method, path: pattern(url) }));
  const missed = ({ url }) => {
    const [path] = url.split('?');
    const allowed = known.filter((route) => route.path.test(path)).flatMap(({ method }) => method);
    return allowed.length > 0 ? methodNotAllowed(new Set(allowed)) : notFound();
  };
  app.setErrorHandler(async (error, request, reply) => {
    // Fastify looks at the media type even where there is nobody to read the body.
    send(reply, request.is404 ? missed(request) : await problemOf(error, request));
  });
  app.setNotFoundHandler((request, reply) => send(reply, missed(request)));
  if (trace) tracing.install(app, identity.component);
  app.get('/healthz', (_request, reply) => answer(reply, { status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    await check(sql);
    return answer(reply, { status: 'ready' });
  });
  app.get('/version', (_request, reply) => answer(reply, identity));
  return app;
}

function send(reply, problem) {
  reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', 'application/problem+json')
    .send(Buffer.from(JSON.stringify(problem.body)));
}

/** A media type that Fastify itself cannot read is refused only where its sender may come in. */
async function problemOf(error, request) {
  if (error instanceof Problem) return error;
  if (error.statusCode === 415) {
    const [outcome] = await Promise.allSettled([request.routeOptions.config.admit?.(request)]);
    return outcome.status === 'rejected'
      ? problemOf(outcome.reason, request)
      : unsupportedMediaType();
  }
  if (isUnreachable(error)) {
    console.warn(`WARNING ${request.method} ${request.url}: ${error.message}`);
    return dependencyUnavailable();
  }
  console.error(`ERROR ${request.method} ${request.url}: ${error.stack}`);
  return internalError();
}

/** Signs of percent that introduce nothing stand for themselves. */
function readable(url) {
  const [path, ...query] = url.split('?');
  try {
    decodeURIComponent(path);
    return url;
  } catch {
    return [path.replaceAll('%', '%25'), ...query].join('?');
  }
}

function pattern(url) {
  return new RegExp(`^${url.replace(/:\w+/g, '[^/]+').replaceAll('.', '\\.')}$`);
}
