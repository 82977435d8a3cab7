import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import postgres from 'postgres';

const CATALOG = fileURLToPath(new URL('../../catalog', import.meta.url));
const SECRET = 'a secret that only the tests know, long enough';

/** A database of its own, with the schema that the Python project's migrations make. */
export async function newWorld() {
  const name = `test_catalog_node_${randomBytes(6).toString('hex')}`;
  const server = process.env.TEST_DATABASE_URL;
  const admin = postgres(server, { max: 1, onnotice: () => {} });
  await admin`CREATE DATABASE ${admin(name)}`;
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).toString();
  execFileSync(join(CATALOG, '.venv/bin/alembic'), ['upgrade', 'head'], {
    cwd: CATALOG,
    env: { DATABASE_URL: url, PYTHONPATH: '../kit', PATH: process.env.PATH },
    stdio: 'pipe',
  });
  const folder = mkdtempSync(join(tmpdir(), 'catalog-node-'));
  writeFileSync(join(folder, 'service-token'), `${SECRET}\n`);
  return {
    secret: SECRET,
    environment: {
      DATABASE_URL: url,
      REDIS_URL: process.env.TEST_REDIS_URL,
      EVENT_NAMESPACE: name,
      JWKS_URL: 'http://127.0.0.1:1/jwks',
      INVENTORY_URL: 'http://127.0.0.1:1',
      SERVICE_TOKEN_SECRET_FILE: join(folder, 'service-token'),
      REVISION: 'tested',
    },
    end: async () => {
      await admin`DROP DATABASE ${admin(name)} WITH (FORCE)`;
      await admin.end();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What `probe` gives once it is true; throws after ten seconds. */
export async function eventually(probe) {
  const end = Date.now() + 10_000;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > end) throw new Error(`not within ten seconds: ${probe}`);
    await pause(20);
  }
}
