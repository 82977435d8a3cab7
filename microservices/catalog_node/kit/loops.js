// Work that runs beside the requests, for as long as the app lives.

const LONGEST_PAUSE_MS = 5000;

/**
 * `step` again and again, `interval` milliseconds apart, or at once after `wake`. A step that
 * throws is told of and tried again after a growing pause, so that a loop outlives what it uses.
 */
export class Loop {
  #stopped = false;
  #woken = false;
  #rouse = () => {};
  #running;

  constructor(name, step, interval) {
    Object.assign(this, { name, step, interval });
  }

  start() {
    this.#running = this.#run();
  }

  wake() {
    this.#woken = true;
    this.#rouse();
  }

  /** Resolves when the step under way has ended. */
  async stop() {
    this.#stopped = true;
    this.#rouse();
    await this.#running;
  }

  async #run() {
    let failures = 0;
    while (!this.#stopped) {
      try {
        await this.step();
        failures = 0;
        if (!this.#woken) await this.#rest(this.interval);
      } catch (error) {
        if (this.#stopped) return;
        failures += 1;
        const pause = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** failures);
        console.warn(`WARNING ${this.name} failed, again in ${pause} ms: ${error.stack}`);
        await this.#rest(pause);
      }
      this.#woken = false;
    }
  }

  async #rest(milliseconds) {
    if (milliseconds === 0 || this.#stopped) return;
    const { promise, resolve } = Promise.withResolvers();
    this.#rouse = resolve;
    const timer = setTimeout(resolve, milliseconds);
    await promise;
    clearTimeout(timer);
  }
}
