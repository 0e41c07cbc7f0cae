import assert from 'node:assert/strict';
import { requestLabel } from './request-label.js';

const LABELS: [label: string, expected: string][] = [
  ['GET /orders/17', 'GET /orders/:id'],
  ['GET /', 'GET /'],
  ['GET /orders/17/lines/2?page=3', 'GET /orders/:id/lines/:id'],
  ['GET /users/7f9c24e8-3b12-4fef-91e0-0c2f5b1a9d10/posts', 'GET /users/:id/posts'],
  ['GET /users/7F9C24E83B124FEF91E00C2F5B1A9D10', 'GET /users/:id'],
  ['DELETE /carts/65f1c0ffee0ddba11deadbee', 'DELETE /carts/:id'],
  ['GET /files/V1StGXR8_Z5jdHi6B-myT', 'GET /files/:id'],
  ['GET /invoices/2026-11-21', 'GET /invoices/:id'],
  ['GET /pictures/17.png', 'GET /pictures/:id.png'],
  ['GET /people/ann@example.org', 'GET /people/:id'],
  ['GET /api/v2/orders', 'GET /api/v2/orders'],
  ['GET /best-sellers-of-the-year', 'GET /best-sellers-of-the-year'],
  ['GET /world-cup-2026', 'GET /world-cup-2026'],
  ['nightly report', 'nightly report'],
  ['POST /graphql#fragment', 'POST /graphql'],
  ['', ''],
];

describe('label of requests', () => {
  for (const [label, expected] of LABELS) it(`${label} is ${expected}`, () => assert.equal(requestLabel(label), expected));

  it('is short', () => assert.equal(requestLabel(`GET /${'a/'.repeat(5_000)}`).length, 200));

  it('takes no time with hostile paths', () => assert.equal(requestLabel(`GET /${'1a'.repeat(200_000)}!`).length, 200));
});
