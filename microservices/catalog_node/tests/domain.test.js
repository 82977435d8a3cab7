import assert from 'node:assert/strict';
import test from 'node:test';
import { unitsSold } from '../catalog/domain.js';
import { golden } from './golden.js';

for (const { name, lines, sold } of golden('co_purchases').orders) {
  test(`units sold are the contract's: ${name}`, () => {
    const found = Object.fromEntries([...unitsSold(lines)].map(([id, units]) => [`${id}`, units]));
    assert.deepEqual(found, sold);
  });
}
