// Short-lived tokens by which services know one another on /internal.

import { forbidden, unauthenticated } from './errors.js';
import { BadToken, read, signedHs256, verifiedHs256 } from './tokens.js';

const LIFETIME = 300;
const RENEW_BEFORE = 60;
const CACHE_SIZE = 256;

const rejected = () => unauthenticated('A valid service token is required.');

/** Makes the tokens one caller shows one callee; a token is reused until it is old. */
export class ServiceTokenIssuer {
  #header = '';
  #renewAt = 0;

  constructor(secret, caller, callee) {
    Object.assign(this, { secret, caller, callee });
  }

  authorization() {
    const now = Math.floor(Date.now() / 1000);
    if (now >= this.#renewAt) {
      const claims = { iss: this.caller, aud: this.callee, iat: now, exp: now + LIFETIME };
      this.#header = `Bearer ${signedHs256(claims, this.secret)}`;
      this.#renewAt = now + LIFETIME - RENEW_BEFORE;
    }
    return this.#header;
  }
}

/** Knows the callers of one callee; a verified token is not verified again. */
export class ServiceTokenVerifier {
  #known = new Map();

  constructor(secret, callee) {
    Object.assign(this, { secret, callee });
  }

  /** Throws 401 for a bad token, 403 for a caller that is not among the allowed. */
  admit(authorization, allowed) {
    if (authorization === undefined) throw rejected();
    let known = this.#known.get(authorization);
    if (known === undefined || known.exp <= Date.now() / 1000) known = this.#verify(authorization);
    if (!allowed.includes(known.iss)) {
      throw forbidden('This service may not call this operation.');
    }
  }

  #verify(authorization) {
    const [scheme, token = ''] = authorization.split(/ (.*)/s);
    if (scheme.toLowerCase() !== 'bearer') throw rejected();
    try {
      const claims = verifiedHs256(read(token), this.secret, { audience: this.callee });
      if (this.#known.size >= CACHE_SIZE) this.#known.clear();
      this.#known.set(authorization, claims);
      return claims;
    } catch (error) {
      if (error instanceof BadToken) throw rejected();
      throw error;
    }
  }
}
