import assert from 'node:assert/strict';
import test from 'node:test';
import { productPatch, productQuery, productWrite } from '../catalog/schemas.js';
import { parse } from '../kit/json.js';
import { golden } from './golden.js';

const READERS = { createProduct: productWrite, updateProduct: productPatch };

function errorsOf(read) {
  try {
    read();
  } catch (problem) {
    return problem.body.errors;
  }
  return [];
}

// The category is looked up later, in the database.
const unknown = ({ message }) => message === 'is not known';
const bodies = golden('validation').bodies.filter((one) => one.operation in READERS);

for (const { operation, name, body, errors } of bodies.filter((one) => !one.errors.some(unknown))) {
  test(`${operation}: ${name}`, () => {
    // As a client writes it: whole floats lose their fraction in JavaScript, not in the contract.
    const text = JSON.stringify(body);
    const sent = name === 'amount as a whole float' ? text.replace(':5,', ':5.0,') : text;
    assert.deepEqual(
      errorsOf(() => READERS[operation](parse(Buffer.from(sent)))),
      errors,
    );
  });
}

for (const { name, params, errors } of golden('queries').queries.filter(
  ({ operation }) => operation === 'listProducts',
)) {
  test(`listProducts: ${name}`, () => {
    const text = new URLSearchParams(params).toString();
    assert.deepEqual(
      errorsOf(() => productQuery(text)),
      errors,
    );
  });
}

const cursors = golden('cursor');
const ofIntegers = (one) => one.id_type === 'integer';
const queryOf = ({ sort, cursor }) => new URLSearchParams({ sort, cursor }).toString();

for (const one of cursors.valid.filter(ofIntegers)) {
  test(`cursor: ${one.cursor}`, () => {
    const { after } = productQuery(queryOf(one));
    assert.equal(`${after.value}`, `${one.value}`);
  });
}

for (const one of cursors.invalid.filter(ofIntegers)) {
  test(`no cursor: ${one.name}`, () => {
    assert.deepEqual(
      errorsOf(() => productQuery(queryOf(one))),
      [{ field: 'cursor', message: cursors.message }],
    );
  });
}
