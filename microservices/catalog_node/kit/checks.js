// Input that is taken literally. A check takes a value and a place, and notes what is wrong there;
// it gives back the value, undefined where it was refused.

import { ValidationFailed } from './errors.js';
import { Fraction } from './json.js';

export const INTEGER_ID_MAX = 2n ** 63n - 1n;

/** What is wrong, by field: a field keeps its first message. */
export class Findings {
  #messages = new Map();

  refuse(field, message) {
    const name = field === '' ? 'body' : field;
    if (!this.#messages.has(name)) this.#messages.set(name, message);
    return undefined;
  }

  /** Throws ValidationFailed unless all was well. */
  settle() {
    if (this.#messages.size > 0) throw new ValidationFailed(this.#messages);
  }
}

/** Characters as people count them: code points. */
function isLonger(text, max) {
  return text.length > max && (text.length > 2 * max || [...text].length > max);
}

export const string =
  ({ min = 0, max }) =>
  (value, field, findings) => {
    if (typeof value !== 'string') return findings.refuse(field, 'must be a string');
    if (value.includes('\0')) return findings.refuse(field, 'is not valid');
    if (value.length < min) {
      return findings.refuse(field, `must have at least ${min} characters`);
    }
    if (isLonger(value, max)) return findings.refuse(field, `must have at most ${max} characters`);
    return value;
  };

export const integer =
  ({ min, max }) =>
  (value, field, findings) => {
    if (typeof value !== 'bigint' && typeof value !== 'number') {
      return findings.refuse(field, 'must be an integer');
    }
    if (value < min) return findings.refuse(field, `must be at least ${min}`);
    if (value > max) return findings.refuse(field, `must be at most ${max}`);
    return value;
  };

/** As a query has it: text. */
export const queryInteger = (bounds) => (value, field, findings) =>
  /^-?[0-9]{1,18}$/.test(value)
    ? integer(bounds)(Number(value), field, findings)
    : findings.refuse(field, 'must be an integer');

export const oneOf = (choices) => (value, field, findings) => {
  if (typeof value !== 'string') return findings.refuse(field, 'must be a string');
  if (choices.includes(value)) return value;
  return findings.refuse(field, `must be one of: ${choices.join(', ')}`);
};

export const list =
  (item, { max }) =>
  (value, field, findings) => {
    if (!Array.isArray(value)) return findings.refuse(field, 'must be a list');
    if (value.length > max) return findings.refuse(field, `must have at most ${max} items`);
    return value.map((member, index) => item(member, `${field}.${index}`, findings));
  };

/** `members`: name -> {check, required, default}. Nothing else may be in it. */
export const object = (members) => (value, field, findings) => {
  const plain = value !== null && typeof value === 'object';
  if (!plain || Array.isArray(value) || value instanceof Fraction) {
    return findings.refuse(field, 'must be an object');
  }
  const place = (name) => (field === '' ? name : `${field}.${name}`);
  const found = {};
  for (const [name, member] of Object.entries(members)) {
    if (Object.hasOwn(value, name)) {
      found[name] = member.check(value[name], place(name), findings);
    } else if (member.required) {
      findings.refuse(place(name), 'is required');
    } else if (member.default !== undefined) {
      found[name] = member.default;
    }
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(members, name)) findings.refuse(place(name), 'is not allowed');
  }
  return found;
};
