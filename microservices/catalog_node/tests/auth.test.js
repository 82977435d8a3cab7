import assert from 'node:assert/strict';
import test from 'node:test';
import { admitStaff, JwksKeys } from '../kit/auth.js';
import { ServiceTokenIssuer, ServiceTokenVerifier } from '../kit/service_tokens.js';
import { Issuer } from './issuer.js';

const issuer = new Issuer();
const soon = () => Math.floor(Date.now() / 1000);
const refused = (type) => (problem) => problem.body.type === type;

test('staff come in, customers do not', async () => {
  await admitStaff(issuer.keys, issuer.bearer('staff'));
  await assert.rejects(admitStaff(issuer.keys, issuer.bearer('customer')), refused('forbidden'));
});

const BAD_CLAIMS = {
  expired: { exp: 1 },
  'of the future': { iat: soon() + 600 },
  'for another': { aud: 'elsewhere' },
  'from another': { iss: 'elsewhere' },
  'of nobody': { sub: 'x' },
  'of a stranger': { role: 'owner' },
  'without an end': { exp: undefined },
};

for (const [name, claims] of Object.entries(BAD_CLAIMS)) {
  test(`a token ${name} is refused`, async () => {
    const header = issuer.bearer('staff', claims);
    await assert.rejects(admitStaff(issuer.keys, header), refused('unauthenticated'));
  });
}

test('what is no token of ours is refused', async () => {
  const [head, body] = issuer.bearer('staff').split('.');
  const unsigned = Buffer.from('{"alg":"none","kid":"test"}').toString('base64url');
  const bad = [undefined, '', 'Bearer', 'Basic x', 'Bearer x', `${head}.${body}.AAAA`];
  for (const header of [...bad, `Bearer ${unsigned}.${body}.`]) {
    await assert.rejects(admitStaff(issuer.keys, header), refused('unauthenticated'), `${header}`);
  }
});

test('keys are fetched once, and again for an unknown one after a pause', async () => {
  let asked = 0;
  const body = { keys: [issuer.jwk] };
  const get = async () => {
    asked += 1;
    return { status: 200, body };
  };
  const keys = new JwksKeys(get, { pause: 1e6 });
  await Promise.all([keys.key('test'), keys.key('test')]);
  assert.equal(await keys.key('other'), undefined);
  assert.equal(asked, 1);
});

test('without any key nobody is told apart', async () => {
  const keys = new JwksKeys(async () => ({ status: 503 }));
  await assert.rejects(keys.key('test'), refused('dependency-unavailable'));
});

test('services know one another', () => {
  const secret = 'a secret that only the tests know';
  const verifier = new ServiceTokenVerifier(secret, 'catalog');
  const header = new ServiceTokenIssuer(secret, 'cart', 'catalog').authorization();
  verifier.admit(header, ['cart']);
  verifier.admit(header, ['cart']);
  assert.throws(() => verifier.admit(header, ['orders']), refused('forbidden'));
  const elsewhere = new ServiceTokenIssuer(secret, 'cart', 'inventory').authorization();
  assert.throws(() => verifier.admit(elsewhere, ['cart']), refused('unauthenticated'));
  assert.throws(() => verifier.admit(undefined, ['cart']), refused('unauthenticated'));
});
