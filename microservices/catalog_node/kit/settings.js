// Settings from the environment; the service refuses to start on a bad value.

import { readFileSync } from 'node:fs';

const required = Symbol('required');

const text = (value) => value;
const address = (protocol) => (value) => {
  if (!protocol.test(value)) throw new Error(`must match ${protocol.source}`);
  return value.replace(/\/$/, '');
};
const count = (value) => {
  if (!/^[1-9][0-9]{0,2}$/.test(value)) throw new Error('must be a number from 1 to 999');
  return Number(value);
};
const choice =
  (...choices) =>
  (value) => {
    if (!choices.includes(value)) throw new Error(`must be one of: ${choices.join(', ')}`);
    return value;
  };
/** The content of a secret file without its final newline. */
const secret = (path) => readFileSync(path, 'utf8').replace(/\n+$/, '');

const READERS = {
  DATABASE_URL: [address(/^postgres(ql)?:\/\/./), required],
  DATABASE_PASSWORD_FILE: [secret],
  DATABASE_POOL_SIZE: [count, 8],
  REDIS_URL: [address(/^rediss?:\/\/./), required],
  REDIS_PASSWORD_FILE: [secret],
  JWKS_URL: [address(/^https?:\/\/./), required],
  INVENTORY_URL: [address(/^https?:\/\/./), required],
  SERVICE_TOKEN_SECRET_FILE: [secret, required],
  SERVICE_DIRECTORY: [text],
  EVENT_NAMESPACE: [text, 'events'],
  REVISION: [text, 'unknown'],
  TRACE: [choice('off', 'server-timing'), 'off'],
  // The switchboard is the Python kit's; a run that needs one is told so at once.
  FAULTS: [choice('off'), 'off'],
  // The topology's words for where to listen and how many processes, whatever the server.
  GRANIAN_HOST: [text, '127.0.0.1'],
  GRANIAN_PORT: [Number, 8000],
  GRANIAN_WORKERS: [count, 1],
  GRANIAN_BACKLOG: [Number, 1024],
};

/** The settings by name; throws one line that names all that is wrong. */
export function readSettings(environment) {
  const settings = {};
  const wrong = [];
  for (const [name, [read, otherwise]] of Object.entries(READERS)) {
    const given = environment[name];
    if (given === undefined || given === '') {
      if (otherwise === required) wrong.push(`${name}: is required`);
      settings[name] = otherwise;
      continue;
    }
    try {
      settings[name] = read(given);
    } catch (error) {
      wrong.push(`${name}: ${error.message}`);
    }
  }
  if (wrong.length > 0) throw new Error(`catalog: bad settings: ${wrong.join('; ')}`);
  return Object.freeze(settings);
}
