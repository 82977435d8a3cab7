// Keyset pages: a cursor is the sort, the last value and the last id, in base64url.

import { Fraction, parse } from './json.js';

const ALPHABET = /^[A-Za-z0-9_-]+$/;
const MOMENT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$/;
const BEYOND = 2n ** 63n;

const written = (value) => (typeof value === 'bigint' ? `${value}` : JSON.stringify(value));

export function encodeCursor(sort, value, id) {
  const text = `[${written(sort)},${written(value)},${written(id)}]`;
  return Buffer.from(text).toString('base64url');
}

/** The position a cursor names, `{value, id}`; undefined for what `encodeCursor` did not write. */
export function parseCursor(cursor, sort, isValue, isId) {
  if (!ALPHABET.test(cursor)) return undefined;
  let parts;
  try {
    parts = parse(Buffer.from(cursor, 'base64url'));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
  if (!Array.isArray(parts) || parts.length !== 3 || parts[0] !== sort) return undefined;
  const [, value, id] = parts;
  if (!isValue(value) || !isId(id) || encodeCursor(sort, value, id) !== cursor) return undefined;
  return { value, id };
}

export const isString = (value) => typeof value === 'string' && !value.includes('\0');

export function isInteger(value) {
  if (value instanceof Fraction) return false;
  if (typeof value === 'bigint') return -BEYOND < value && value < BEYOND;
  return typeof value === 'number';
}

export function isMoment(value) {
  if (typeof value !== 'string' || !MOMENT.test(value) || value.startsWith('0000')) return false;
  const toMilliseconds = `${value.slice(0, 23)}Z`;
  const moment = new Date(toMilliseconds);
  return !Number.isNaN(moment.getTime()) && moment.toISOString() === toMilliseconds;
}
