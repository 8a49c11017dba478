import { describe, expect, it } from '@jest/globals';
import { summariseAuthentication, type AuthenticationResult } from './authentication.js';

const NOBODY = { confirmedForwarder: false };
const result = (
  dmarc: string,
  policy: string,
  more: Partial<AuthenticationResult> & { aligned?: string } = {},
): AuthenticationResult => ({
  spf: { status: { result: 'fail' } },
  dkim: { results: [] },
  dmarc: { status: { result: dmarc }, policy, alignment: { dkim: { result: more.aligned } } },
  ...more,
});

describe('whether a mail failed', () => {
  it.each(['quarantine', 'reject'] as const)('given DMARC fails under %s and nothing vouches, it failed', (policy) => {
    const summary = summariseAuthentication(result('fail', policy), NOBODY);
    expect(summary).toMatchObject({ failed: true, policy, dmarc: 'fail', spf: 'fail', dkim: 'none', aligned: false });
    expect(summary.summary).toContain(policy);
  });

  it.each([
    ['the domain asks for nothing', result('fail', 'none'), NOBODY],
    ['a signature of the domain holds', result('fail', 'reject', { aligned: 'contoso.example' }), NOBODY],
    ['a confirmed forwarder vouches', result('fail', 'reject'), { confirmedForwarder: true }],
    ['DNS did not answer', result('temperror', 'reject'), NOBODY],
    ['it passed', result('pass', 'reject'), NOBODY],
    [
      'the domain publishes nothing',
      { spf: false, dkim: { results: [] }, dmarc: false } satisfies AuthenticationResult,
      NOBODY,
    ],
  ])('given %s, it did not', (_why, given, options) => {
    const summary = summariseAuthentication(given, options);
    expect(summary.failed).toBe(false);
    expect(summary.summary).toMatch(/\.$/);
  });

  it('given several authors, which DMARC says nothing of, it failed', () => {
    const severalAuthors = {
      ...result('pass', 'none'),
      dmarc: false as const,
      dmarcSkipReason: 'multiple-from-fields',
    };
    expect(summariseAuthentication(severalAuthors, { confirmedForwarder: true })).toMatchObject({
      failed: true,
      dmarc: 'fail',
    });
  });

  it('given one good signature among bad ones, DKIM passed', () => {
    const dkim = { results: [{ status: { result: 'fail' } }, { status: { result: 'pass' } }] };
    expect(summariseAuthentication(result('pass', 'none', { dkim }), NOBODY).dkim).toBe('pass');
  });
});
