// What keeps a failing service from being called too often.

import { dependencyUnavailable } from './errors.js';

/** Opens after `threshold` failures in a row; lets one call try every `pause` milliseconds. */
export class Breaker {
  #failures = 0;
  #retryAt = 0;

  constructor({ threshold = 5, pause = 1000 } = {}) {
    Object.assign(this, { threshold, pause });
  }

  /** Throws while open. */
  admit() {
    if (this.#failures < this.threshold) return;
    const now = performance.now();
    if (now < this.#retryAt) throw dependencyUnavailable();
    this.#retryAt = now + this.pause;
  }

  succeeded() {
    this.#failures = 0;
  }

  failed() {
    this.#failures += 1;
    if (this.#failures >= this.threshold) this.#retryAt = performance.now() + this.pause;
  }
}

/** At most one retry for ten calls, beyond a small burst. */
export class RetryBudget {
  #left = 5;

  earn() {
    this.#left = Math.min(5, this.#left + 0.1);
  }

  /** Whether a retry may be made now. */
  spend() {
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
