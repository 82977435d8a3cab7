// The one place that wires the service.

import { readFileSync } from 'node:fs';
import { createApp } from '../kit/app.js';
import { JwksKeys } from '../kit/auth.js';
import { Bus } from '../kit/bus.js';
import { openDatabase } from '../kit/db.js';
import { exchange, newPool, ServiceClient } from '../kit/http.js';
import { Consumer } from '../kit/inbox.js';
import { Relay } from '../kit/outbox.js';
import { ServiceTokenVerifier } from '../kit/service_tokens.js';
import { publicRoutes } from './api.js';
import { HttpStock } from './clients.js';
import { SUBSCRIPTIONS } from './events.js';
import { internalRoutes } from './internal_api.js';

const COMPONENT = 'catalog';
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/**
 * The service, not yet started: `app`, what it works with, and `begin` and `end`.
 * `stock` and `keys` stand in for other services; without them those are called.
 */
export function buildService(settings, { stock, keys } = {}) {
  const sql = openDatabase({
    url: settings.DATABASE_URL,
    password: settings.DATABASE_PASSWORD_FILE,
    poolSize: settings.DATABASE_POOL_SIZE,
  });
  const bus = new Bus({
    url: settings.REDIS_URL,
    password: settings.REDIS_PASSWORD_FILE,
    namespace: settings.EVENT_NAMESPACE,
  });
  const agent = newPool(settings.SERVICE_DIRECTORY);
  const relay = new Relay(sql, bus, COMPONENT).loop();
  const loops = [relay, new Consumer(sql, bus, COMPONENT, SUBSCRIPTIONS).loop()];
  const app = createApp({
    identity: { component: COMPONENT, version, revision: settings.REVISION },
    sql,
    trace: settings.TRACE === 'server-timing',
  });
  publicRoutes(app, {
    sql,
    stock: stock ?? overHttp(agent, settings),
    keys: keys ?? new JwksKeys(() => exchange(agent, settings.JWKS_URL, { milliseconds: 2000 })),
    published: () => relay.wake(),
  });
  internalRoutes(app, {
    sql,
    serviceTokens: new ServiceTokenVerifier(settings.SERVICE_TOKEN_SECRET_FILE, COMPONENT),
  });
  const begin = () => {
    for (const loop of loops) loop.start();
  };
  const end = async () => {
    // A connection whose answer was under way would be kept for the next request.
    const sweeping = setInterval(() => app.server.closeIdleConnections(), 50);
    await app.close();
    clearInterval(sweeping);
    bus.waiting.disconnect();
    await Promise.all(loops.map((loop) => loop.stop()));
    bus.close();
    agent.destroy();
    await sql.end({ timeout: 1 });
  };
  return { app, sql, bus, begin, end };
}

function overHttp(agent, settings) {
  return new HttpStock(
    new ServiceClient(agent, {
      baseUrl: settings.INVENTORY_URL,
      caller: COMPONENT,
      callee: 'inventory',
      secret: settings.SERVICE_TOKEN_SECRET_FILE,
    }),
  );
}
