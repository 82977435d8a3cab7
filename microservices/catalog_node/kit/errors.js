// One small tree of problems, turned into RFC 9457 answers in one place.

export class Problem extends Error {
  constructor(status, type, title, detail, { headers = {}, ...extra } = {}) {
    super(type);
    this.status = status;
    this.headers = headers;
    this.body = { type, title, status, detail, ...extra };
  }
}

export class ValidationFailed extends Problem {
  /** `errors`: field -> its message. */
  constructor(errors) {
    const sorted = [...errors].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    super(422, 'validation-failed', 'Validation failed', 'The request has invalid fields.', {
      errors: sorted.map(([field, message]) => ({ field, message })),
    });
  }
}

export const malformedJson = () =>
  new Problem(400, 'malformed-json', 'Malformed JSON', 'The body is not valid JSON.');

export const unsupportedMediaType = () =>
  new Problem(
    415,
    'unsupported-media-type',
    'Unsupported media type',
    'The body must be application/json.',
  );

export const unauthenticated = (detail = 'A valid access token is required.') =>
  new Problem(401, 'unauthenticated', 'Not authenticated', detail, {
    headers: { 'www-authenticate': 'Bearer' },
  });

export const forbidden = (detail = 'This operation is for staff.') =>
  new Problem(403, 'forbidden', 'Forbidden', detail);

export const notFound = () =>
  new Problem(404, 'not-found', 'Not found', 'There is no such resource.');

export const methodNotAllowed = (allowed) =>
  new Problem(
    405,
    'method-not-allowed',
    'Method not allowed',
    'This resource does not support the method.',
    { headers: { allow: [...allowed].sort().join(', ') } },
  );

export const dependencyUnavailable = () =>
  new Problem(
    503,
    'dependency-unavailable',
    'Dependency unavailable',
    'A part of the shop is unavailable; try again.',
    { headers: { 'retry-after': '1' } },
  );

export const internalError = () =>
  new Problem(500, 'internal-error', 'Internal error', 'Something went wrong.');
