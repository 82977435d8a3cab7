// JSON as every service reads and writes it: strictly, and with integers that stay what they are.

const PLAIN_INTEGER = /^-?(0|[1-9][0-9]*)$/;
// A fraction, an exponent, or digits beyond what a double holds: rare, so looked for first.
const DELICATE = /[0-9][.eE]|[0-9]{16}/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A number that JSON wrote with a fraction or an exponent: it is no integer, whatever its value. */
export class Fraction {
  constructor(value) {
    this.value = value;
  }
}

/**
 * The value of JSON in UTF-8; integers beyond 2^53 are BigInt, fractions `Fraction`.
 * Throws SyntaxError or TypeError for anything else, lone surrogates included.
 */
export function parse(bytes) {
  const text = UTF8.decode(bytes);
  const value = DELICATE.test(text) ? JSON.parse(text, exactly) : JSON.parse(text);
  if (text.includes('\\u')) requireWellFormed(value);
  return value;
}

function exactly(_key, value, { source } = {}) {
  if (typeof value !== 'number') return value;
  if (!PLAIN_INTEGER.test(source)) return new Fraction(value);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

function requireWellFormed(value) {
  if (typeof value === 'string' && !value.isWellFormed()) throw new SyntaxError('lone surrogate');
  if (value !== null && typeof value === 'object' && !(value instanceof Fraction)) {
    for (const [key, member] of Object.entries(value)) {
      requireWellFormed(key);
      requireWellFormed(member);
    }
  }
}

/** Answers with JSON. Bytes, as Fastify would add a charset to a string's type. */
export function answer(reply, content, status = 200, headers = {}) {
  return reply
    .code(status)
    .headers(headers)
    .header('content-type', 'application/json')
    .send(Buffer.from(JSON.stringify(content)));
}

/** PostgreSQL's text of a moment in UTC, as RFC 3339 with six fractional digits. */
export function rfc3339(text) {
  const [whole, fraction = ''] = text.slice(0, text.lastIndexOf('+')).split('.');
  return `${whole.replace(' ', 'T')}.${fraction.padEnd(6, '0')}Z`;
}
