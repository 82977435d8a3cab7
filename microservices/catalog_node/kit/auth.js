// Who is asking: access tokens verified locally with the accounts service's public keys.

import { createPublicKey } from 'node:crypto';
import { dependencyUnavailable, forbidden, unauthenticated } from './errors.js';
import { BadToken, read, verifiedEdDsa } from './tokens.js';

const EXPECTED = {
  audience: 'shop',
  issuer: 'accounts',
  names: ['exp', 'iat', 'aud', 'iss', 'sub', 'role'],
};
const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/**
 * Keys from a JWKS address, fetched when first needed and then kept: again for an unknown key id,
 * at most every five seconds, and after ten minutes, so that a withdrawn key dies out. When the
 * address does not answer, the keys known so far stay in use.
 */
export class JwksKeys {
  #keys = new Map();
  #fetchedAt = Number.NEGATIVE_INFINITY;
  #triedAt = Number.NEGATIVE_INFINITY;
  #fetching;

  /** `get`: asks the address, gives `{status, body}` or throws. */
  constructor(get, { pause = 5000, maxAge = 600_000 } = {}) {
    Object.assign(this, { get, pause, maxAge });
  }

  async key(kid) {
    if (this.#isStale(kid)) {
      if (this.#fetching === undefined && this.#mayTry()) {
        this.#fetching = this.#fetch().finally(() => {
          this.#fetching = undefined;
        });
      }
      await this.#fetching;
    }
    if (this.#keys.size === 0) throw dependencyUnavailable();
    return this.#keys.get(kid);
  }

  #isStale(kid) {
    return performance.now() - this.#fetchedAt > this.maxAge || !this.#keys.has(kid);
  }

  /** Without any key nobody can be told apart, so only a second is waited then. */
  #mayTry() {
    return performance.now() - this.#triedAt > (this.#keys.size > 0 ? this.pause : 1000);
  }

  async #fetch() {
    this.#triedAt = performance.now();
    try {
      const { status, body } = await this.get();
      if (status !== 200) throw new Error(`status ${status}`);
      this.#keys = new Map(
        body.keys.map((jwk) => [jwk.kid, createPublicKey({ key: jwk, format: 'jwk' })]),
      );
      this.#fetchedAt = performance.now();
    } catch (error) {
      console.warn(`WARNING auth: no keys: ${error.message}`);
    }
  }
}

/** Lets staff in; throws 401 or 403 for anybody else. */
export async function admitStaff(keys, authorization) {
  const [scheme, token] = (authorization ?? '').split(/ (.*)/s);
  if (scheme.toLowerCase() !== 'bearer' || !token) throw unauthenticated();
  const claims = await claimsOf(keys, token);
  if (claims.role !== 'staff') throw forbidden();
}

async function claimsOf(keys, token) {
  try {
    const parsed = read(token);
    const { kid } = parsed.header;
    const key = typeof kid === 'string' ? await keys.key(kid) : undefined;
    if (key === undefined) throw new BadToken('no such key');
    const claims = verifiedEdDsa(parsed, key, EXPECTED);
    const known = claims.role === 'customer' || claims.role === 'staff';
    if (!known || !UUID.test(claims.sub)) throw new BadToken('nobody we know');
    return claims;
  } catch (error) {
    if (error instanceof BadToken) throw unauthenticated();
    throw error;
  }
}
