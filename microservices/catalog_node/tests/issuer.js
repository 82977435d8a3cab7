import { generateKeyPairSync, sign } from 'node:crypto';

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Stands for the accounts service. */
export class Issuer {
  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    Object.assign(this, { publicKey, privateKey });
    this.jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test' };
    this.keys = { key: async (kid) => (kid === 'test' ? publicKey : undefined) };
  }

  /** An Authorization header; `claims` in place of good ones. */
  bearer(role, claims = {}) {
    const now = Math.floor(Date.now() / 1000);
    const sub = '7f0c3c3e-2f0b-4b53-9c55-0d9f5b7f1a10';
    const all = { iss: 'accounts', aud: 'shop', sub, role, iat: now, exp: now + 3600, ...claims };
    const signed = `${encode({ alg: 'EdDSA', typ: 'JWT', kid: 'test' })}.${encode(all)}`;
    const signature = sign(null, Buffer.from(signed), this.privateKey).toString('base64url');
    return `Bearer ${signed}.${signature}`;
  }
}
