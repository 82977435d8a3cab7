import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually, newWorld } from './world.js';

const MOST_IDLE_MB = 120;
const MAIN = new URL('../catalog/main.js', import.meta.url).pathname;
let world;

before(async () => {
  world = await newWorld();
});
after(() => world.end());

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function status(url) {
  try {
    return (await fetch(url)).status;
  } catch {
    return 0;
  }
}

/** Proportional set size of a process and its children, in MB. */
function megabytes(pid) {
  const [, pss] = /^Pss:\s+([0-9]+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
  const children = readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '');
  return children.reduce((sum, child) => sum + megabytes(child), Number(pss) / 1024);
}

for (const workers of ['1', '2']) {
  test(`it serves, stays small and ends when told to, with workers: ${workers}`, async () => {
    const port = await freePort();
    const environment = { GRANIAN_PORT: `${port}`, GRANIAN_WORKERS: workers };
    const child = spawn(process.execPath, [MAIN], {
      env: { ...world.environment, ...environment },
      stdio: 'inherit',
    });
    const ended = once(child, 'exit');
    await eventually(async () => (await status(`http://127.0.0.1:${port}/readyz`)) === 200);
    if (workers === '1') assert.ok(megabytes(child.pid) <= MOST_IDLE_MB, `${megabytes(child.pid)}`);
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
  });
}

test('it refuses to start on bad settings, in one line', () => {
  const { JWKS_URL: _left, ...environment } = world.environment;
  const bad = { ...environment, DATABASE_POOL_SIZE: 'many', FAULTS: 'switchboard' };
  const { status: exit, stderr } = spawnSync(process.execPath, [MAIN], {
    env: bad,
    encoding: 'utf8',
  });
  assert.equal(exit, 1);
  for (const name of ['JWKS_URL', 'DATABASE_POOL_SIZE', 'FAULTS']) assert.ok(stderr.includes(name));
  assert.equal(stderr.trim().split('\n').length, 1);
});
