import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide, type ItemFacts, type ThreadRef, type VerdictFacts } from './verdict.js';

const NOW = new Date('2025-11-10T10:00:00Z');
const DAY = 24 * 60 * 60;
const CUSTOMER_THREAD: ThreadRef = { kind: 'customer', id: null };
const INTERNAL_THREAD: ThreadRef = { kind: 'internal', id: null };
const EMMA = { address: 'emma@contoso.example', kind: 'customer', organizationId: 'contoso' } as const;
const STRANGER = { address: 'fremmed@ukjent.example', kind: 'unknown', organizationId: null } as const;
const ANNA = { address: 'anna@acme.example', kind: 'user', organizationId: null } as const;

const anItem = (facts: Partial<ItemFacts> = {}): ItemFacts => ({
  id: 'item',
  state: 'in progress',
  finishedAt: null,
  graceSeconds: 7 * DAY,
  organizationId: null,
  participants: [EMMA.address, 'support@acme.example'],
  ...facts,
});
const finished = (daysAgo: number) =>
  anItem({ state: 'finished', finishedAt: new Date(NOW.getTime() - daysAgo * DAY * 1000) });
const facts = (given: Partial<VerdictFacts>): VerdictFacts => ({
  kind: 'person',
  seen: 'no',
  authenticationFailed: false,
  released: false,
  sender: EMMA,
  tokens: [],
  references: [],
  numbered: null,
  items: [anItem()],
  now: NOW,
  ...given,
});
const token = (issuedTo: string = EMMA.address, thread: ThreadRef = CUSTOMER_THREAD) => ({
  tokens: [{ itemId: 'item', thread, issuedTo }],
});
const ourId = (thread: ThreadRef = CUSTOMER_THREAD) => ({ references: [{ itemId: 'item', thread, ours: true }] });
const foreignId = (thread: ThreadRef = CUSTOMER_THREAD) => ({ references: [{ itemId: 'item', thread, ours: false }] });
const number = { numbered: 'item' };

describe('a reply of somebody who takes part (D1)', () => {
  it.each([
    ['its token', token(), 'token'],
    ['an id that we made', ourId(), 'our_id'],
    ['a known id', foreignId(), 'known_id'],
    ['the number', number, 'number'],
  ])('given %s, it is appended to the customer thread', (_what, named, code) => {
    expect(decide(facts(named))).toMatchObject({
      action: 'append',
      itemId: 'item',
      thread: CUSTOMER_THREAD,
      marks: [],
      reopen: false,
      reason: { code },
    });
  });

  it('given a colleague from the same organization, a known id is enough', () => {
    const colleague = { address: 'peter@contoso.example', kind: 'customer', organizationId: 'contoso' } as const;
    const item = anItem({ organizationId: 'contoso', participants: [] });
    expect(decide(facts({ ...foreignId(), sender: colleague, items: [item] }))).toMatchObject({
      action: 'append',
      marks: [],
    });
  });

  it('given a third party in Cc who answers first, their id is known and they take part', () => {
    const third = { address: 'third@fabrikam.example', kind: 'unknown', organizationId: null } as const;
    expect(
      decide(facts({ ...foreignId(), sender: third, items: [anItem({ participants: [third.address] })] })),
    ).toMatchObject({ action: 'append', marks: [] });
  });

  it('given the answer to our forward, it stays in the thread of the forward (D5)', () => {
    const thread: ThreadRef = { kind: 'internal', id: 'supplier' };
    expect(decide(facts({ ...token('supplier@x.example', thread), sender: STRANGER }))).toMatchObject({
      action: 'append',
      thread,
      marks: ['new here'],
    });
  });
});

describe('mail of a stranger (D2)', () => {
  it.each([
    ['a known id', foreignId(), 'maybe the same'],
    ['the number', number, 'maybe the same'],
  ])('given %s, it is a new item with a suggestion', (_what, named, relation) => {
    expect(decide(facts({ ...named, sender: STRANGER }))).toMatchObject({
      action: 'create',
      related: { itemId: 'item', relation },
    });
  });

  it.each([
    ['a token', token()],
    ['an id that we made', ourId()],
  ])('given %s, which only those know who got the mail, it is appended and marked', (_what, named) => {
    expect(decide(facts({ ...named, sender: STRANGER }))).toMatchObject({ action: 'append', marks: ['new here'] });
  });

  it('given nothing known, it is a new item', () => {
    expect(decide(facts({ sender: STRANGER }))).toMatchObject({
      action: 'create',
      related: null,
      reason: { code: 'new' },
    });
  });

  it('given a token of an item that was deleted, it is a new item', () => {
    expect(decide(facts({ ...token(), items: [] }))).toMatchObject({ action: 'create', related: null });
  });
});

describe('mail of a user', () => {
  it('given the token of the notification, it lands in the thread that the token names', () => {
    expect(decide(facts({ ...token(ANNA.address), sender: ANNA }))).toMatchObject({
      action: 'append',
      thread: CUSTOMER_THREAD,
      marks: [],
    });
    expect(decide(facts({ ...token(ANNA.address, INTERNAL_THREAD), sender: ANNA }))).toMatchObject({
      thread: INTERNAL_THREAD,
    });
  });

  it.each([
    ["a customer's token", token(EMMA.address)],
    ['an id that we made', ourId()],
  ])('given only %s, it reaches no customer', (_what, named) => {
    expect(decide(facts({ ...named, sender: ANNA }))).toMatchObject({ action: 'append', thread: { kind: 'internal' } });
  });

  it("given the user's token but a sender that failed, it reaches no customer", () => {
    expect(decide(facts({ ...token(ANNA.address), sender: ANNA, authenticationFailed: true }))).toMatchObject({
      thread: { kind: 'internal' },
      marks: ['unverified'],
    });
  });
});

describe('mail whose sender failed', () => {
  it('given no secret, it is set aside, and let in when a user releases it', () => {
    expect(decide(facts({ ...foreignId(), authenticationFailed: true }))).toMatchObject({
      action: 'quarantine',
      reason: { code: 'unverified' },
    });
    expect(decide(facts({ ...foreignId(), authenticationFailed: true, released: true }))).toMatchObject({
      action: 'append',
      marks: [],
    });
  });

  it('given a valid token, it is appended and marked', () => {
    expect(decide(facts({ ...token(), authenticationFailed: true }))).toMatchObject({
      action: 'append',
      marks: ['unverified'],
    });
  });

  it('given no sender at all, it is set aside', () => {
    expect(decide(facts({ sender: null, ...token() }))).toMatchObject({
      action: 'quarantine',
      reason: { code: 'no_sender' },
    });
  });
});

describe('a reply to what is finished (D15)', () => {
  it('given the grace period runs, it reopens', () => {
    expect(decide(facts({ ...token(), items: [finished(7)] }))).toMatchObject({ action: 'append', reopen: true });
  });

  it('given the grace period is over, it opens a linked item', () => {
    const verdict = decide(facts({ ...token(), items: [finished(7.01)] }));
    expect(verdict).toMatchObject({
      action: 'create',
      related: { itemId: 'item', relation: 'continues' },
      reason: { code: 'after_grace' },
    });
  });

  it('given a user or an internal thread, nothing reopens and nothing new opens', () => {
    expect(decide(facts({ ...token(ANNA.address), sender: ANNA, items: [finished(30)] }))).toMatchObject({
      action: 'append',
      reopen: false,
    });
    expect(decide(facts({ ...token(EMMA.address, INTERNAL_THREAD), items: [finished(1)] }))).toMatchObject({
      action: 'append',
      reopen: false,
    });
  });
});

describe('what is no new mail of a person (D6, D8)', () => {
  it.each(['own-loop', 'auto-reply', 'report'] as const)('given a %s, nothing happens, even with a token', (kind) => {
    expect(decide(facts({ kind, ...token() })).action).toBe('nothing');
  });

  it('given a bounce, it goes to whoever sent the mail', () => {
    expect(decide(facts({ kind: 'bounce', ...ourId() })).action).toBe('bounce');
  });

  it('given the same mail again, nothing happens, also after the item is gone', () => {
    expect(decide(facts({ seen: 'same', ...token(), items: [] }))).toMatchObject({
      action: 'nothing',
      reason: { code: 'duplicate' },
    });
  });

  it('given the same id with other content, it is kept and marked', () => {
    expect(decide(facts({ seen: 'other content' }))).toMatchObject({
      action: 'create',
      marks: ['same id, other content'],
    });
    expect(decide(facts({ seen: 'other content', ...token() }))).toMatchObject({
      action: 'append',
      marks: ['same id, other content'],
    });
  });
});

describe('whatever the facts', () => {
  const thread = fc.constantFrom<ThreadRef>(CUSTOMER_THREAD, INTERNAL_THREAD, { kind: 'internal', id: 't' });
  const itemId = fc.constantFrom('item', 'other', 'gone');
  const address = fc.constantFrom(EMMA.address, STRANGER.address, ANNA.address);
  const organizationId = fc.constantFrom(null, 'contoso', 'fabrikam');
  const item = (id: string) =>
    fc.record({
      id: fc.constant(id),
      state: fc.constantFrom('not started', 'in progress', 'finished'),
      finishedAt: fc.option(fc.date({ noInvalidDate: true })),
      graceSeconds: fc.nat(),
      organizationId,
      participants: fc.array(address),
    });
  const anyFacts: fc.Arbitrary<VerdictFacts> = fc.record({
    kind: fc.constantFrom('person', 'person', 'person', 'auto-reply', 'bounce', 'report', 'own-loop'),
    seen: fc.constantFrom('no', 'no', 'same', 'other content'),
    authenticationFailed: fc.boolean(),
    released: fc.boolean(),
    sender: fc.option(fc.record({ address, kind: fc.constantFrom('user', 'customer', 'unknown'), organizationId })),
    tokens: fc.array(fc.record({ itemId, thread, issuedTo: address }), { maxLength: 2 }),
    references: fc.array(fc.record({ itemId, thread, ours: fc.boolean() }), { maxLength: 3 }),
    numbered: fc.option(itemId),
    items: fc.tuple(item('item'), item('other')).map((items) => [...items]),
    now: fc.constant(NOW),
  });
  const secretsFor = (given: VerdictFacts, id: string) =>
    given.tokens.some((named) => named.itemId === id) ||
    given.references.some((named) => named.itemId === id && named.ours);
  const isAcquainted = ({ sender }: VerdictFacts, known: ItemFacts) =>
    known.participants.includes(sender!.address) ||
    (sender!.organizationId !== null && sender!.organizationId === known.organizationId);

  it('a stranger is appended only by a secret, and is marked', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const verdict = decide(given);
        if (verdict.action !== 'append') return;
        const target = given.items.find(({ id }) => id === verdict.itemId)!;
        const stranger = !isAcquainted(given, target);
        if (stranger) expect(secretsFor(given, target.id)).toBe(true);
        if (stranger && given.sender!.kind !== 'user') expect(verdict.marks).toContain('new here');
        if (given.authenticationFailed && !given.released) {
          expect(secretsFor(given, target.id)).toBe(true);
          expect(verdict.marks).toContain('unverified');
        }
      }),
      { numRuns: 5000 },
    );
  });

  it("a user's words reach a customer only by the user's own token and a sender that did not fail", () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const verdict = decide(given);
        if (verdict.action !== 'append' || verdict.thread.kind !== 'customer' || given.sender!.kind !== 'user') return;
        expect(given.authenticationFailed && !given.released).toBe(false);
        expect(
          given.tokens.some(
            ({ itemId: named, issuedTo }) => named === verdict.itemId && issuedTo === given.sender!.address,
          ),
        ).toBe(true);
      }),
      { numRuns: 5000 },
    );
  });

  it('machines and mails seen before create and append nothing, and every verdict says why', () => {
    fc.assert(
      fc.property(anyFacts, (given) => {
        const { action, reason } = decide(given);
        if (given.kind !== 'person' || given.seen === 'same') expect(['nothing', 'bounce']).toContain(action);
        expect(reason.code).toMatch(/^[a-z_]+$/);
        expect(reason.text).toMatch(/^[A-Z].*\.$/);
      }),
    );
  });
});
