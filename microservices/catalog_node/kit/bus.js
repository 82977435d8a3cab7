// The event bus: one stream per publishing service.

import Valkey from 'iovalkey';

const FIELD = 'event';

export class Bus {
  constructor({ url, password, namespace }) {
    this.namespace = namespace;
    this.valkey = new Valkey(url, {
      password,
      connectTimeout: 2000,
      maxRetriesPerRequest: 1,
      retryStrategy: () => 200,
    });
    this.valkey.on('error', (error) => console.warn(`WARNING bus: ${error.message}`));
    // A read that waits holds its connection up.
    this.waiting = this.valkey.duplicate();
    this.waiting.on('error', () => {});
  }

  /** The stream a service publishes to. */
  stream(service) {
    return `${this.namespace}.${service}`;
  }

  close() {
    this.waiting.disconnect();
    this.valkey.disconnect();
  }
}

/** An event as the fields of a stream entry, and back. */
export const entryOf = (event) => [FIELD, JSON.stringify(event)];
export const eventOf = (fields) => JSON.parse(fields[fields.indexOf(FIELD) + 1]);
