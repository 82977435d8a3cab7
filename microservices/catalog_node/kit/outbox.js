// Events leave through a table that is written in the transaction they tell of.

import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { entryOf } from './bus.js';
import { Loop } from './loops.js';

const BATCH = 200;
const STREAM_LENGTH = 100_000;
const PRUNE_EVERY_MS = 3_600_000;
const CHECK_EVERY_MS = 1000;
// Commits come in bursts: so long a wait sends them as one batch.
const GATHER_MS = 10;

/** Says that something happened, if and only if this transaction commits. */
export async function publish(sql, type, data) {
  await sql`
    INSERT INTO outbox (id, type, occurred_at, data)
    VALUES (${randomUUID()}, ${type}, ${new Date().toISOString()}, ${sql.json(data)})`;
}

/**
 * Moves the outbox to the service's stream, at least once, in order. A key beside the stream holds
 * the run id of the Valkey server that was written to: where it is missing, Valkey was wiped and
 * everything of the last day is sent again; where it differs, Valkey was restarted and the last
 * seconds are. The inboxes drop what they had already.
 */
export class Relay {
  #checkedAt = Number.NEGATIVE_INFINITY;
  #prunedAt = Number.NEGATIVE_INFINITY;

  constructor(sql, bus, service) {
    Object.assign(this, { sql, valkey: bus.valkey, stream: bus.stream(service) });
    this.marker = `${this.stream}:server`;
  }

  loop() {
    return new Loop(`relay ${this.stream}`, () => this.step(), CHECK_EVERY_MS);
  }

  async step() {
    const now = performance.now();
    if (now - this.#checkedAt >= CHECK_EVERY_MS) {
      await this.#checkServer();
      this.#checkedAt = now;
    }
    await pause(GATHER_MS);
    while ((await this.#sendBatch()) === BATCH);
    if (now - this.#prunedAt >= PRUNE_EVERY_MS) {
      await this.sql`DELETE FROM outbox WHERE sent_at < now() - interval '1 day'`;
      this.#prunedAt = now;
    }
  }

  async #checkServer() {
    const [, runId] = /^run_id:(\S+)/m.exec(await this.valkey.info('server'));
    const marker = await this.valkey.get(this.marker);
    if (marker === runId) return;
    if (marker === null) {
      await this.sql`UPDATE outbox SET sent_at = NULL WHERE sent_at > now() - interval '1 day'`;
    } else {
      await this.sql`
        UPDATE outbox SET sent_at = NULL
        WHERE sent_at > (SELECT max(sent_at) FROM outbox) - interval '10 seconds'`;
    }
    await this.valkey.set(this.marker, runId);
  }

  #sendBatch() {
    return this.sql.begin(async (sql) => {
      const rows = await sql`
        SELECT seq, id, type, occurred_at, data FROM outbox WHERE sent_at IS NULL
        ORDER BY seq LIMIT ${BATCH} FOR UPDATE SKIP LOCKED`;
      if (rows.length === 0) return 0;
      const pipeline = this.valkey.pipeline();
      for (const { seq: _seq, ...event } of rows) {
        pipeline.xadd(this.stream, 'MAXLEN', '~', STREAM_LENGTH, '*', ...entryOf(event));
      }
      for (const [error] of await pipeline.exec()) {
        if (error) throw error;
      }
      const seqs = rows.map(({ seq }) => seq);
      await sql`UPDATE outbox SET sent_at = clock_timestamp() WHERE seq = ANY(${seqs})`;
      return rows.length;
    });
  }
}
