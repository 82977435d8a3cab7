// Events arrive through a table that makes their second delivery harmless.

import { eventOf } from './bus.js';
import { Loop } from './loops.js';

const BATCH = 100;
const BLOCK_MS = 1000;
const STUCK_MS = 2000;
const CLAIM_EVERY_MS = 1000;
const PRUNE_EVERY_MS = 3_600_000;

const isReply = (error, word) => error.message.startsWith(word);

/**
 * Reads the streams a service subscribes to, as one consumer group named after it. An entry is
 * acknowledged after its effect is committed. One that was read and not acknowledged is claimed
 * again after two seconds, by any replica: they share the group's one consumer name with replicas
 * in whatever language, and the inbox settles races.
 */
export class Consumer {
  #claimedAt = Number.NEGATIVE_INFINITY;
  #prunedAt = Number.NEGATIVE_INFINITY;

  /** `subscriptions`: service -> event type -> handler(sql, event), in the noting transaction. */
  constructor(sql, bus, group, subscriptions) {
    Object.assign(this, { sql, bus, group });
    this.handlers = new Map(
      Object.entries(subscriptions).map(([service, handlers]) => [bus.stream(service), handlers]),
    );
  }

  loop() {
    // XREADGROUP itself waits for the next event.
    return new Loop(`inbox of ${this.group}`, () => this.step(), 0);
  }

  async step() {
    const streams = [...this.handlers.keys()];
    const how = ['GROUP', this.group, this.group, 'COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS'];
    let read;
    try {
      await this.#claimStuck(streams);
      read = await this.bus.waiting.xreadgroup(...how, ...streams, ...streams.map(() => '>'));
    } catch (error) {
      if (!isReply(error, 'NOGROUP')) throw error;
      await this.#createGroups(streams);
      return;
    }
    for (const [stream, entries] of read ?? []) await this.#take(stream, entries);
    await this.#prune();
  }

  async #claimStuck(streams) {
    if (performance.now() - this.#claimedAt < CLAIM_EVERY_MS) return;
    for (const stream of streams) {
      const how = [stream, this.group, this.group, STUCK_MS, '0-0', 'COUNT', BATCH];
      const [, entries] = await this.bus.valkey.xautoclaim(...how);
      await this.#take(stream, entries);
    }
    this.#claimedAt = performance.now();
  }

  async #createGroups(streams) {
    for (const stream of streams) {
      try {
        await this.bus.valkey.xgroup('CREATE', stream, this.group, '0', 'MKSTREAM');
      } catch (error) {
        if (!isReply(error, 'BUSYGROUP')) throw error;
      }
    }
  }

  /** Applies each entry by itself, so that a bad one holds up no other. */
  async #take(stream, entries) {
    const errors = [];
    for (const [id, fields] of entries) {
      try {
        await this.#apply(stream, eventOf(fields));
        await this.bus.valkey.xack(stream, this.group, id);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} events failed`);
  }

  async #apply(stream, event) {
    const handler = this.handlers.get(stream)[event.type];
    if (handler === undefined) return;
    await this.sql.begin(async (sql) => {
      const [fresh] = await sql`
        INSERT INTO inbox (event_id) VALUES (${event.id})
        ON CONFLICT DO NOTHING RETURNING event_id`;
      if (fresh) await handler(sql, event);
    });
  }

  async #prune() {
    if (performance.now() - this.#prunedAt < PRUNE_EVERY_MS) return;
    await this.sql`DELETE FROM inbox WHERE received_at < now() - interval '7 days'`;
    this.#prunedAt = performance.now();
  }
}
