import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  buildRegistry,
  Choice,
  declaredOnly,
  defineJob,
  defineOperation,
  Flag,
  Id,
  Instant,
  Integer,
  JobStarted,
  Nested,
  Nothing,
  pathFields,
  readText,
  Refusal,
  secretWord,
  systemRandom,
  Text,
  uuidPattern,
  uuidv7,
  validate,
} from './index.js';

class Part {
  @Text({ max: 5 }) name!: string;
}
class Whole {
  @Id() id!: string;
  @Text({ max: 10, optional: true, nullable: true }) note?: string | null;
  @Integer({ max: 9, optional: true }) count?: number;
  @Flag({ optional: true }) open?: boolean;
  @Choice(['red', 'blue'], { many: true, optional: true }) colours?: string[];
  @Nested(() => Part, { many: 2, optional: true }) parts?: Part[];
}
class Dated {
  @Instant() due!: Date;
}
const id = '01934f00-0000-7000-8000-000000000001';
const problemsOf = (act: () => unknown): string[] => {
  try {
    act();
    return [];
  } catch (error) {
    return [...new Set((error as Refusal).extra.errors?.map(({ field }) => field))];
  }
};

describe('a declared field', () => {
  it('tells absent from null', () => {
    expect(validate(Whole, { id }, 'refuse').note).toBeUndefined();
    expect(validate(Whole, { id, note: null }, 'refuse').note).toBeNull();
    expect(problemsOf(() => validate(Whole, { id, count: null }, 'refuse'))).toEqual(['count']);
  });

  it('converts nothing silently', () => {
    expect(problemsOf(() => validate(Whole, { id, count: '3' }, 'refuse'))).toEqual(['count']);
    expect(problemsOf(() => validate(Whole, { id, open: 1 }, 'refuse'))).toEqual(['open']);
  });

  it('refuses NUL, too much, too many, and what is no object', () => {
    expect(problemsOf(() => validate(Whole, { id, note: 'a\u0000b' }, 'refuse'))).toEqual(['note']);
    expect(problemsOf(() => validate(Whole, { id, note: '12345678901' }, 'refuse'))).toEqual(['note']);
    expect(
      problemsOf(() => validate(Whole, { id, parts: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, 'refuse')),
    ).toEqual(['parts']);
    expect(problemsOf(() => validate(Whole, { id, parts: [{ name: 'too long' }] }, 'refuse'))).toEqual([
      'parts.0.name',
    ]);
    expect(problemsOf(() => validate(Whole, [], 'refuse'))).toEqual(['']);
  });

  it('refuses half of a surrogate pair, which JSON in PostgreSQL does not take, and takes whole ones', () => {
    expect(problemsOf(() => validate(Whole, { id, note: 'a\ud83d' }, 'refuse'))).toEqual(['note']);
    expect(problemsOf(() => validate(Whole, { id, note: '\ude00b' }, 'refuse'))).toEqual(['note']);
    expect(problemsOf(() => validate(Whole, { id, note: '\u{1f600}\n' }, 'refuse'))).toEqual([]);
  });

  it.each(['2026-11-21T16:00:00Z', '2026-11-21T16:00:00.000Z', '2026-11-21T16:00+01:00', '2026-11-21'])(
    'takes the moment %s',
    (due) => expect(problemsOf(() => validate(Dated, { due }, 'refuse'))).toEqual([]),
  );

  it.each(['2026-W10', '2026-325', '20261121T160000Z', '2026-11-21T16:00', '2026-11-21 16:00', '2026', '2026-02-30'])(
    'refuses %s, which is no moment, or one that depends on who reads it',
    (due) => expect(problemsOf(() => validate(Dated, { due }, 'refuse'))).toEqual(['due']),
  );

  it('is refused when nobody declared it, and ignored on the bus', () => {
    expect(problemsOf(() => validate(Whole, { id, admin: true }, 'refuse'))).toEqual(['admin']);
    expect(validate(Whole, { id, admin: true }, 'ignore')).not.toHaveProperty('admin');
  });

  it('is read from a path or query exactly as its kind says, and left for validation to refuse otherwise', () => {
    expect(readText(Whole, { count: '7', open: 'true', colours: 'red' })).toEqual({
      count: 7,
      open: true,
      colours: ['red'],
    });
    expect(readText(Whole, { count: '7x', open: 'yes' })).toEqual({ count: '7x', open: 'yes' });
  });
});

describe('a reply', () => {
  it('has the declared fields only, at every depth, with dates as text', () => {
    const row = { id, secret: 'x', note: null, parts: [{ name: 'a', price: 3 }] };
    expect(declaredOnly(Whole, row)).toEqual({ id, note: null, parts: [{ name: 'a' }] });
  });
});

describe('a moment in a reply', () => {
  class Moment {
    @Instant() at!: Date;
  }
  it('is ISO text in UTC, from a Date and from what PostgreSQL writes', () => {
    expect(declaredOnly(Moment, { at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(declaredOnly(Moment, { at: '2026-11-21 23:29:27.672+01' })).toEqual({ at: '2026-11-21T22:29:27.672Z' });
  });
});

describe('an operation', () => {
  const given = {
    id: 'tickets.items.x',
    http: 'GET /x/:id',
    permission: 'anyone',
    input: Whole,
    output: Nothing,
    summary: '',
  };

  it('must declare the fields of its route', () => {
    expect(() => defineOperation({ ...given, http: 'GET /x/:other' })).toThrow(':other');
    expect(pathFields('POST /items/:id/messages/:messageId')).toEqual(['id', 'messageId']);
  });

  it('is declared once, and its route as well', () => {
    const one = defineOperation(given);
    expect(() => buildRegistry({ one }, { again: defineOperation({ ...given }) })).toThrow('twice');
    const same = defineOperation({ ...given, id: 'tickets.items.y', http: 'GET /x/:id' });
    expect(() => buildRegistry({ one, same })).toThrow('share the route');
  });

  it('is called by the name it is exported under', () => {
    expect(buildRegistry({ readX: defineOperation(given) }).names.get(given.id)).toBe('readX');
  });
});

describe('a job', () => {
  const given = { id: 'tickets.items.x', permission: 'anyone', input: Whole, summary: '', undo: true };

  it('is an operation that answers 202 with how far it is, and is no GET', () => {
    const job = defineJob({ ...given, http: 'POST /x' });
    expect(job).toMatchObject({
      kind: 'operation',
      status: 202,
      output: JobStarted,
      readOnly: false,
      job: { undo: true },
    });
    expect(() => defineJob({ ...given, http: 'GET /x' })).toThrow('no GET');
  });
});

describe('an id', () => {
  it('rises with time and is a UUID of version 7', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 47 }), fc.integer({ min: 1, max: 1e6 }), (time, later) => {
        const first = uuidv7(new Date(time), systemRandom);
        expect(first).toMatch(uuidPattern);
        expect(first[14]).toBe('7');
        expect(uuidv7(new Date(time + later), systemRandom) > first).toBe(true);
      }),
    );
  });

  it('is a word of 160 bits where it is a secret', () => {
    expect(secretWord((length) => new Uint8Array(length))).toBe('a'.repeat(32));
    expect(secretWord(systemRandom)).toMatch(/^[a-z2-7]{32}$/);
  });
});
