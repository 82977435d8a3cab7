import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { buildService } from '../catalog/bootstrap.js';
import { entryOf, eventOf } from '../kit/bus.js';
import { ServiceTokenIssuer } from '../kit/service_tokens.js';
import { readSettings } from '../kit/settings.js';
import { golden } from './golden.js';
import { Issuer } from './issuer.js';
import { eventually, newWorld } from './world.js';

const DESK = {
  name: 'Walnut desk',
  description: 'Solid.',
  category: 'desks',
  price: { amount: 1999, currency: 'EUR' },
  tags: ['wood', 'office'],
};

const issuer = new Issuer();
const stock = { units: new Map(), available: async (id) => stock.units.get(id) ?? null };
let world;
let service;

before(async () => {
  world = await newWorld();
  service = buildService(readSettings(world.environment), { stock, keys: issuer.keys });
  service.begin();
});

after(async () => {
  await service.end();
  await world.end();
});

beforeEach(async () => {
  await service.sql`TRUNCATE products, categories RESTART IDENTITY`;
  await service.sql`INSERT INTO categories VALUES ('desks', 'Desks'), ('lamps', 'Lamps')`;
  stock.units.clear();
});

async function ask(method, url, { body, content, headers = {} } = {}) {
  const typed = content === undefined ? { 'content-type': 'application/json' } : {};
  const payload = body === undefined ? content : JSON.stringify(body);
  const sent = payload === undefined ? headers : { ...typed, ...headers };
  const answer = await service.app.inject({ method, url, payload, headers: sent });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
}

const asStaff = () => ({ authorization: issuer.bearer('staff') });
const asService = (caller) => ({
  authorization: new ServiceTokenIssuer(world.secret, caller, 'catalog').authorization(),
});
const create = async (changes = {}) =>
  (await ask('POST', '/api/v1/products', { body: { ...DESK, ...changes }, headers: asStaff() }))
    .body;

test('a product is created, read and changed', async () => {
  stock.units.set(1, 3);
  const made = await ask('POST', '/api/v1/products', { body: DESK, headers: asStaff() });
  assert.equal(made.status, 201);
  assert.equal(made.headers.location, '/api/v1/products/1');
  assert.equal(made.headers['content-type'], 'application/json');
  const { created_at: created, updated_at: updated } = made.body;
  assert.match(created, /^[0-9-]{10}T[0-9:]{8}\.[0-9]{6}Z$/);
  assert.deepEqual(made.body, {
    id: 1,
    ...DESK,
    sold: 0,
    available: 3,
    created_at: created,
    updated_at: updated,
  });
  assert.deepEqual((await ask('GET', '/api/v1/products/1')).body, made.body);
  const changes = { tags: [], price: { amount: 0, currency: 'EUR' } };
  const patched = await ask('PATCH', '/api/v1/products/1', { body: changes, headers: asStaff() });
  assert.equal(patched.status, 200);
  assert.ok(patched.body.updated_at > updated);
  const now = patched.body.updated_at;
  assert.deepEqual(patched.body, { ...made.body, ...changes, updated_at: now });
  const same = await ask('PATCH', '/api/v1/products/1', { body: {}, headers: asStaff() });
  assert.equal(same.status, 200);
});

test('the page lives without inventory', async () => {
  await create();
  assert.equal((await ask('GET', '/api/v1/products/1')).body.available, null);
});

test('a category must be known', async () => {
  const body = { ...DESK, category: 'nowhere' };
  const answer = await ask('POST', '/api/v1/products', { body, headers: asStaff() });
  assert.equal(answer.status, 422);
  assert.deepEqual(answer.body.errors, [{ field: 'category', message: 'is not known' }]);
});

test('what cannot name a product is not found', async () => {
  await create();
  for (const id of ['2', '0', '-1', 'x', '1.0', '9'.repeat(30), '%31%20', '%zz', '1e0', '%2F']) {
    const found = await ask('GET', `/api/v1/products/${id}`);
    assert.equal(found.body.type, 'not-found', id);
    const written = await ask('PATCH', `/api/v1/products/${id}`, { body: {}, headers: asStaff() });
    assert.equal(written.body.type, 'not-found', id);
  }
  assert.equal((await ask('GET', '/api/v1/products/')).status, 404);
});

test('only staff write, and are looked at before the body is', async () => {
  const garbage = { content: '{', headers: { 'content-type': 'text/;;plain' } };
  const refused = await ask('POST', '/api/v1/products', garbage);
  assert.equal(refused.body.type, 'unauthenticated');
  assert.equal(refused.headers['www-authenticate'], 'Bearer');
  const customer = { authorization: issuer.bearer('customer') };
  const answer = await ask('PATCH', '/api/v1/products/1', { body: DESK, headers: customer });
  assert.equal(answer.body.type, 'forbidden');
});

test('bodies that cannot be read', async () => {
  const url = '/api/v1/products';
  for (const type of ['application/x-www-form-urlencoded', 'nonsense', '']) {
    const headers = { ...asStaff(), 'content-type': type };
    const answer = await ask('POST', url, { content: 'a=b', headers });
    assert.equal(answer.body.type, 'unsupported-media-type', type);
  }
  for (const content of ['', '{', '{"name": NaN}', '"\\ud800"']) {
    const headers = { ...asStaff(), 'content-type': 'application/json; charset=utf-8' };
    const answer = await ask('POST', url, { content, headers });
    assert.equal(answer.body.type, 'malformed-json', content);
  }
});

test('other methods', async () => {
  const answer = await ask('DELETE', '/api/v1/products/1');
  assert.equal(answer.body.type, 'method-not-allowed');
  assert.equal(answer.headers.allow, 'GET, PATCH');
  assert.equal((await ask('QUERY', '/api/v1/categories')).body.type, 'method-not-allowed');
  const head = await service.app.inject({ method: 'HEAD', url: '/api/v1/products' });
  assert.equal(head.statusCode, 405);
});

test('lists are ordered, filtered and paged', async () => {
  const names = ['Oak desk', 'Oak desk', 'Steel lamp', 'Blue lamp for desks', 'Walnut desk'];
  for (const [index, name] of names.entries()) {
    await create({ name, description: '', price: { amount: index % 3, currency: 'EUR' } });
  }
  for (const search of ['', '&search=desk%20or%20lamp']) {
    for (const sort of ['name', 'price', '-price', 'newest', 'bestselling']) {
      const whole = await ask('GET', `/api/v1/products?sort=${sort}${search}`);
      const ids = [];
      let cursor = '';
      do {
        const page = await ask('GET', `/api/v1/products?limit=2&sort=${sort}${search}${cursor}`);
        ids.push(...page.body.items.map(({ id }) => id));
        cursor = page.body.next_cursor && `&cursor=${page.body.next_cursor}`;
      } while (cursor);
      assert.deepEqual(
        ids,
        whole.body.items.map(({ id }) => id),
        sort,
      );
      assert.equal(ids.length, names.length);
    }
  }
  const filtered = '/api/v1/products?search=lamp&category=desks&min_price=0&max_price=2';
  assert.equal((await ask('GET', filtered)).body.items.length, 2);
});

test('categories with their counts', async () => {
  await create();
  assert.deepEqual((await ask('GET', '/api/v1/categories')).body, {
    items: [
      { slug: 'desks', name: 'Desks', product_count: 1 },
      { slug: 'lamps', name: 'Lamps', product_count: 0 },
    ],
    next_cursor: null,
  });
});

test('services ask for many at once', async () => {
  await create({ name: 'one' });
  const url = '/internal/products/batch';
  const body = { product_ids: [7, 1] };
  const answer = await ask('POST', url, { body, headers: asService('cart') });
  const price = { amount: 1999, currency: 'EUR' };
  assert.deepEqual(answer.body, { items: [{ id: 1, name: 'one', price }] });
  const none = { body: { product_ids: [] }, headers: asService('orders') };
  assert.deepEqual((await ask('POST', url, none)).body, { items: [] });
  assert.equal((await ask('POST', url, { body })).status, 401);
  assert.equal((await ask('POST', url, { body, headers: asStaff() })).status, 401);
  assert.equal((await ask('POST', url, { body, headers: asService('payments') })).status, 403);
  const late = { ...asService('cart'), 'x-deadline': '1' };
  const refused = await ask('POST', url, { body, headers: late });
  assert.equal(refused.body.type, 'dependency-unavailable');
  assert.equal(refused.headers['retry-after'], '1');
});

test('confirmed orders count as sold, once', async () => {
  await Promise.all([create(), create(), create()]);
  const stream = service.bus.stream('orders');
  const expected = new Map();
  for (const { lines, sold } of golden('co_purchases').orders) {
    const event = { id: randomUUID(), type: 'order.confirmed', occurred_at: '', data: { lines } };
    for (const _ of [1, 2]) await service.bus.valkey.xadd(stream, '*', ...entryOf(event));
    for (const [id, units] of Object.entries(sold)) {
      expected.set(Number(id), (expected.get(Number(id)) ?? 0) + units);
    }
  }
  await eventually(async () => {
    const rows = await service.sql`SELECT id, sold FROM products`;
    return rows.every(({ id, sold }) => sold === (expected.get(id) ?? 0));
  });
});

test('writes reach the stream', async () => {
  await create({ name: 'Streamed' });
  const told = await eventually(async () => {
    const entries = await service.bus.valkey.xrange(service.bus.stream('catalog'), '-', '+');
    return entries
      .map(([, fields]) => eventOf(fields))
      .find(({ data }) => data.name === 'Streamed');
  });
  assert.equal(told.type, 'product.created');
  const { name: _name, description: _described, price, ...kept } = DESK;
  assert.deepEqual(told.data, {
    ...kept,
    product_id: told.data.product_id,
    name: 'Streamed',
    price_amount: price.amount,
  });
  assert.match(told.occurred_at, /\.[0-9]{6}Z$/);
});

test('health and identity', async () => {
  assert.deepEqual((await ask('GET', '/healthz')).body, { status: 'ok' });
  assert.deepEqual((await ask('GET', '/readyz')).body, { status: 'ready' });
  const { component, version, revision } = (await ask('GET', '/version')).body;
  assert.deepEqual([component, revision], ['catalog', 'tested']);
  assert.match(version, /\+node$/);
});
