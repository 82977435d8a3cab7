// JSON bodies, read before anything looks at their fields.

import { malformedJson, unsupportedMediaType } from './errors.js';
import { parse } from './json.js';

/** The body's value; 415 unless it is declared as JSON, 400 unless it is. */
export function jsonOf(request) {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/json') throw unsupportedMediaType();
  try {
    return parse(request.body ?? Buffer.alloc(0));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) throw malformedJson();
    throw error;
  }
}
