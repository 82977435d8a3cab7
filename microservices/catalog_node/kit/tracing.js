// What an answer took, and what calls to other services took of it, told in its own header.
//
// As the Python kit tells it (its tracing.py explains the entries), but for `cpu`: V8 cannot be
// asked what one request's own steps took, so it is that of the thread while the answer was made.

import { AsyncLocalStorage } from 'node:async_hooks';

const NAME = 'server-timing';
// Clients read no line of a head above 8190 bytes.
const LONGEST = 6000;

const traces = new AsyncLocalStorage();

const cpuMs = () => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** One answer in the making. */
class Trace {
  began = performance.now();
  cpu = cpuMs();
  calls = [];
  passedOn = [];
  lost = 0;

  told(what) {
    const took = (performance.now() - this.began).toFixed(4);
    const entries = [`app;desc="${what}";dur=${took};cpu=${(cpuMs() - this.cpu).toFixed(4)}`];
    if (this.calls.length > 0) entries.push(`calls;dur=${this.#covered().toFixed(4)}`);
    if (this.lost > 0) entries.push(`lost;desc=${this.lost}`);
    let length = entries.join('').length;
    let left = 0;
    const own = this.calls.map(
      ({ began, ended, told }) => `call;dur=${(ended - began).toFixed(4)};${told}`,
    );
    for (const entry of [...own, ...this.passedOn]) {
      length += entry.length + 2;
      if (length <= LONGEST) entries.push(entry);
      else left += 1;
    }
    if (left > 0) entries.push(`left;desc=${left}`);
    return entries.join(', ');
  }

  #covered() {
    let covered = 0;
    let until = this.began;
    for (const { began, ended } of this.calls.toSorted((a, b) => a.began - b.began)) {
      covered += Math.max(0, ended - Math.max(began, until));
      until = Math.max(until, ended);
    }
    return covered;
  }
}

/** Before the app starts. */
export function install(app, component) {
  app.decorateRequest('trace', null);
  app.addHook('onRequest', (request, _reply, done) => {
    request.trace = new Trace();
    done();
  });
  // Not before: what the body's arrival calls runs outside.
  app.addHook('preHandler', (request, _reply, done) => traces.run(request.trace, done));
  app.addHook('onSend', (request, reply, payload, done) => {
    const route = request.routeOptions.url?.replace(/:(\w+)/g, '{$1}') ?? 'unmatched';
    reply.header(NAME, request.trace.told(`${component} ${request.method} ${route}`));
    done(null, payload);
  });
}

/** Notes that a call begins; nothing where nobody traces. */
export function begin() {
  const trace = traces.getStore();
  return trace === undefined ? undefined : { trace, began: performance.now() };
}

/** `header`: what the callee told. Who answers without telling is no service of ours. */
export function end(call, header) {
  if (call === undefined) return;
  const { trace, began } = call;
  if (header === undefined) {
    trace.lost += 1;
    return;
  }
  const [app, ...rest] = header.split(', ');
  if (!app.startsWith('app;')) return;
  const told = app.slice('app;'.length).replace(';dur=', ';own=');
  trace.calls.push({ began, ended: performance.now(), told });
  trace.passedOn.push(...rest.filter((entry) => entry.startsWith('call;')));
}
