// JSON Web Tokens (RFC 7519) with one algorithm each: what a token names itself is not believed.

import { createHmac, timingSafeEqual, verify } from 'node:crypto';

export class BadToken extends Error {}

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

function part(text) {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new BadToken('not an object');
}

/** `{header, claims, signed, signature}`; nothing of it is to be trusted yet. */
export function read(token) {
  const parts = token.split('.');
  if (parts.length !== 3) throw new BadToken('not three parts');
  const [header, claims, signature] = parts;
  return {
    header: part(header),
    claims: part(claims),
    signed: Buffer.from(`${header}.${claims}`),
    signature: Buffer.from(signature, 'base64url'),
  };
}

function requireTimely({ exp, iat, nbf }, now) {
  const seconds = (value) => Number.isFinite(Number(value)) && typeof value !== 'boolean';
  if (!seconds(exp) || Number(exp) <= now) throw new BadToken('expired');
  for (const begins of [iat, nbf]) {
    if (begins !== undefined && !(seconds(begins) && Number(begins) <= now)) {
      throw new BadToken('not yet valid');
    }
  }
}

/** The claims of a token signed with an Ed25519 key; `names` must all be among them. */
export function verifiedEdDsa(parsed, key, { audience, issuer, names }) {
  const { header, claims, signed, signature } = parsed;
  if (header.alg !== 'EdDSA' || !verify(null, signed, key, signature)) {
    throw new BadToken('bad signature');
  }
  if (!names.every((name) => claims[name] !== undefined)) throw new BadToken('a claim is missing');
  return checked(claims, audience, issuer);
}

function hmac(secret, signed) {
  return createHmac('sha256', secret).update(signed).digest();
}

/** The claims of a token signed with a shared secret. */
export function verifiedHs256(parsed, secret, { audience }) {
  const { header, claims, signed, signature } = parsed;
  const expected = hmac(secret, signed);
  const same = signature.length === expected.length && timingSafeEqual(signature, expected);
  if (header.alg !== 'HS256' || !same) throw new BadToken('bad signature');
  if (typeof claims.iss !== 'string') throw new BadToken('no issuer');
  return checked(claims, audience, claims.iss);
}

function checked(claims, audience, issuer) {
  requireTimely(claims, Date.now() / 1000);
  if (![claims.aud].flat().includes(audience)) throw new BadToken('for another');
  if (claims.iss !== issuer) throw new BadToken('from another');
  return claims;
}

export function signedHs256(claims, secret) {
  const signed = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${signed}.${hmac(secret, signed).toString('base64url')}`;
}
