import { readFileSync } from 'node:fs';

/** The contract's cases of one kind. */
export function golden(name) {
  const file = new URL(`../../../contract/cases/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}
