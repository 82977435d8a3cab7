// How long the caller will wait. What it asks for here calls nobody else, so nothing hands it on.

import { dependencyUnavailable } from './errors.js';

export const HEADER = 'x-deadline';

/** Refuses work that is too late by the caller's deadline (absolute milliseconds). */
export function accept(header) {
  if (header === undefined || !/^[0-9]+$/.test(header)) return;
  if (Number(header) <= Date.now()) throw dependencyUnavailable();
}
