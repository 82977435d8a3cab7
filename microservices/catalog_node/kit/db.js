// The service's own database: reads in autocommit, writes in a use case's transaction.

import postgres from 'postgres';
import { dependencyUnavailable } from './errors.js';
import { rfc3339 } from './json.js';

const CHECK_MS = 1000;
// Of the driver and the network; and of SQLSTATE those that a server gives which is no use now.
const UNREACHABLE =
  /^(CONNECT_TIMEOUT|CONNECTION_|ECONN|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|08|53|57P)/;

export function openDatabase({ url, password, poolSize }) {
  return postgres(url, {
    password,
    max: poolSize,
    idle_timeout: 0,
    max_lifetime: null,
    connect_timeout: 3,
    backoff: () => 0.2,
    connection: { application_name: 'catalog', TimeZone: 'UTC' },
    types: {
      // Ids and amounts are far below 2^53.
      bigint: { to: 20, from: [20], parse: Number, serialize: String },
      // A Date would lose the microseconds.
      moment: { to: 1184, from: [1184], parse: rfc3339, serialize: String },
    },
    onnotice: () => {},
  });
}

export const isUnreachable = (error) => UNREACHABLE.test(error?.code ?? '');

/** Throws dependency-unavailable unless the database answers within a second. */
export async function check(sql) {
  const late = Promise.withResolvers();
  const timer = setTimeout(() => late.reject(dependencyUnavailable()), CHECK_MS);
  try {
    await Promise.race([sql`SELECT 1`, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
