// Calls to other services: one connection pool per process, one client per callee.

import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { Breaker, RetryBudget } from './breaker.js';
import { HEADER as DEADLINE_HEADER } from './deadlines.js';
import { dependencyUnavailable } from './errors.js';
import { ServiceTokenIssuer } from './service_tokens.js';
import * as tracing from './tracing.js';

const CALL_MS = 2000;
const SERVER_ERROR = 500;
// A callee's own 5xx problem (say, payment-unavailable) is an answer; these are not.
const FAILURES = new Set(['dependency-unavailable', 'internal-error', undefined]);

/**
 * Reads the directory, lines of `name address:port`, whenever a connection is opened. Callers are
 * thus told of new and of leaving replicas at once, and spread over them; what the file does not
 * name is left to DNS.
 */
class DirectoryAgent extends Agent {
  constructor(directory, options) {
    super(options);
    this.directory = directory;
  }

  createConnection(options, callback) {
    return super.createConnection({ ...options, ...this.#placeOf(options.host) }, callback);
  }

  #placeOf(name) {
    const lines = readFileSync(this.directory, 'utf8').split('\n');
    const found = lines.filter((line) => line.startsWith(`${name} `));
    if (found.length === 0) return {};
    const line = found[Math.floor(Math.random() * found.length)];
    const [host, port] = line.slice(name.length + 1).split(/:(?=[0-9]+$)/);
    return { host, port: Number(port) };
  }
}

export function newPool(directory) {
  const options = { keepAlive: true, maxSockets: 100, timeout: 20_000 };
  return directory ? new DirectoryAgent(directory, options) : new Agent(options);
}

/** One exchange: `{status, headers, body}`, the body parsed; rejects when there is no answer. */
export function exchange(agent, url, { method = 'GET', headers = {}, content, milliseconds }) {
  const length = content === undefined ? {} : { 'content-length': content.length };
  return new Promise((resolve, reject) => {
    const call = request(url, { agent, method, headers: { ...headers, ...length } });
    const timer = setTimeout(() => call.destroy(new Error('too late')), milliseconds);
    const fail = (error) => {
      clearTimeout(timer);
      reject(error);
    };
    call.once('error', fail);
    call.once('response', (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('error', fail);
      response.once('end', () => {
        clearTimeout(timer);
        const raw = Buffer.concat(chunks).toString('utf8');
        try {
          const body = raw === '' ? undefined : JSON.parse(raw);
          resolve({ status: response.statusCode, headers: response.headers, body });
        } catch (error) {
          reject(error);
        }
      });
    });
    call.end(content);
  });
}

const isFailure = ({ status, body }) => status >= SERVER_ERROR && FAILURES.has(body?.type);

/**
 * Calls one service's /internal API. Every call has a deadline, which covers its retry. Answers
 * below 500 and the callee's own 5xx problems come back; all else is dependency-unavailable.
 */
export class ServiceClient {
  #breaker = new Breaker();
  #budget = new RetryBudget();

  constructor(agent, { baseUrl, caller, callee, secret }) {
    this.agent = agent;
    this.baseUrl = baseUrl;
    this.tokens = new ServiceTokenIssuer(secret, caller, callee);
  }

  /** `idempotent` says that the callee may see the call twice: only then is it retried. */
  async post(path, body, { idempotent = false, milliseconds = CALL_MS } = {}) {
    const content = Buffer.from(JSON.stringify(body));
    const deadline = Date.now() + milliseconds;
    this.#budget.earn();
    this.#breaker.admit();
    let reply = await this.#attempt(path, content, deadline);
    if (reply === undefined && idempotent && this.#budget.spend()) {
      await pause(5 + 45 * Math.random());
      this.#breaker.admit();
      reply = await this.#attempt(path, content, deadline);
    }
    if (reply === undefined) throw dependencyUnavailable();
    return reply;
  }

  async #attempt(path, content, deadline) {
    const milliseconds = deadline - Date.now();
    if (milliseconds <= 0) return undefined;
    const headers = {
      authorization: this.tokens.authorization(),
      [DEADLINE_HEADER]: `${Math.floor(deadline)}`,
      'content-type': 'application/json',
    };
    const options = { method: 'POST', headers, content, milliseconds };
    const call = tracing.begin();
    const [outcome] = await Promise.allSettled([
      exchange(this.agent, this.baseUrl + path, options),
    ]);
    tracing.end(call, outcome.value?.headers['server-timing']);
    if (outcome.status === 'rejected' || isFailure(outcome.value)) {
      this.#breaker.failed();
      return undefined;
    }
    this.#breaker.succeeded();
    return outcome.value;
  }
}
