import assert from 'node:assert/strict';
import test from 'node:test';
import { Fraction, parse, rfc3339 } from '../kit/json.js';

test('integers stay integers, however long', () => {
  assert.deepEqual(parse(Buffer.from('[1, -0, 9007199254740993]')), [1, -0, 9007199254740993n]);
  for (const text of ['1.0', '1e2', '-5E1']) {
    assert.ok(parse(Buffer.from(`[${text}]`))[0] instanceof Fraction, text);
  }
});

test('what is no JSON in UTF-8 is refused', () => {
  const texts = ['', '{', '{"name": NaN}', '"\\ud800"', '{"\\udc00": 1}', '\ufeff1'];
  for (const bytes of [...texts.map((text) => Buffer.from(text)), Buffer.from([0xff])]) {
    assert.throws(() => parse(bytes), `${bytes}`);
  }
});

test('moments keep six digits', () => {
  assert.equal(rfc3339('2026-01-01 00:00:00+00'), '2026-01-01T00:00:00.000000Z');
  assert.equal(rfc3339('2026-01-01 00:00:00.12+00'), '2026-01-01T00:00:00.120000Z');
});
