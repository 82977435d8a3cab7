// `node catalog/main.js`: one process, or as many workers behind one socket as the setting says.

import cluster from 'node:cluster';
import process from 'node:process';
import { readSettings } from '../kit/settings.js';
import { buildService } from './bootstrap.js';

async function serve(settings) {
  const { app, begin, end } = buildService(settings);
  process.once('SIGTERM', async () => {
    await end();
    process.exit(0);
  });
  begin();
  await app.listen({
    host: settings.GRANIAN_HOST,
    port: settings.GRANIAN_PORT,
    backlog: settings.GRANIAN_BACKLOG,
  });
}

/** A worker that ends unasked takes all with it: whoever runs the service starts it anew. */
function supervise(workers) {
  let asked = false;
  process.once('SIGTERM', () => {
    asked = true;
    for (const worker of Object.values(cluster.workers)) worker.process.kill('SIGTERM');
  });
  cluster.on('exit', () => {
    if (!asked) process.exit(1);
    if (Object.keys(cluster.workers).length === 0) process.exit(0);
  });
  for (let started = 0; started < workers; started += 1) cluster.fork();
}

try {
  const settings = readSettings(process.env);
  if (cluster.isPrimary && settings.GRANIAN_WORKERS > 1) supervise(settings.GRANIAN_WORKERS);
  else await serve(settings);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
