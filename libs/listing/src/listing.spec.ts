import { describe, expect, it } from '@jest/globals';
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
  type RawBuilder,
} from 'kysely';
import { always, isIn } from '@sportello/permissions';
import {
  accessSql,
  BadFilter,
  filterSql,
  listQuery,
  readCursor,
  readSort,
  writeCursor,
  type FilterField,
  type ListDefinition,
} from './index.js';

const db = new Kysely<never>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
});
const compiled = (query: RawBuilder<unknown>) => query.compile(db);

const fields: Record<string, FilterField> = {
  state: { is: (values) => sql<boolean>`state = any(${values})` },
  createdAt: { is: () => sql<boolean>`false`, instant: sql.ref('created_at') },
};
const list: ListDefinition = {
  from: sql`item i`,
  id: sql.ref('i.id'),
  base: (workspace) => sql<boolean>`i.workspace_id = ${workspace}`,
  project: sql.ref('i.project_id'),
  access: {
    published: sql<boolean>`published`,
    ...Object.fromEntries(
      [
        'projectId',
        'requesterUserId',
        'requesterCustomerId',
        'requesterOrganizationId',
        'assignedUserId',
        'assignedTeamId',
        'followerCustomerId',
      ].map((fact) => [fact, (values: readonly string[]) => sql<boolean>`${sql.ref(fact)} = any(${values})`]),
    ),
  } as ListDefinition['access'],
  fields,
  sorts: {
    updatedAt: { column: sql.ref('i.updated_at'), type: 'timestamptz' },
    number: { column: sql.ref('i.number'), type: 'integer' },
  },
  defaultSort: '-updatedAt',
};
const request = { workspaceId: 'w', timeZone: 'Europe/Rome', limit: 50, access: always };

describe('a filter', () => {
  it('nests all and any, negates, and sends every value as a parameter', () => {
    const filter = { all: [{ field: 'state', is: ["x' or 1=1 --"] }, { any: [{ field: 'state', not: 'finished' }] }] };
    const query = compiled(filterSql(filter, fields, 'UTC'));
    expect(query.sql).toBe('(state = any($1) and (not coalesce(state = any($2), false)))');
    expect(query.parameters).toEqual([["x' or 1=1 --"], ['finished']]);
  });

  it('takes a day in the workspace’s zone', () => {
    const query = compiled(filterSql({ field: 'createdAt', after: '2026-03-29' }, fields, 'Europe/Oslo'));
    expect(query.parameters).toEqual(['2026-03-29', 1, 'Europe/Oslo']);
  });

  it.each([
    ['an unknown field', { field: 'constructor', is: 'x' }],
    ['no operator', { field: 'state' }],
    ['a day that does not exist', { field: 'createdAt', before: '2026-02-30' }],
    ['a date where there is none', { field: 'state', before: '2026-01-01' }],
    ['something else than a list', { all: {} }],
    ['too deep a nest', { all: [{ all: [{ all: [{ all: [{ all: [{ all: [{ all: [{ all: [] }] }] }] }] }] }] }] }],
    ['too many conditions', { all: Array.from({ length: 101 }, () => ({ field: 'state', is: 'x' })) }],
    ['NUL', { field: 'state', is: '\u0000' }],
    ['no object', 'state=open'],
  ])('refuses %s', (_what, filter) => {
    expect(() => compiled(filterSql(filter, fields, 'UTC'))).toThrow(BadFilter);
  });
});

describe('a page', () => {
  const sort = readSort('-updatedAt', list.sorts);
  const position = { value: '2026-01-02T03:04:05.000006Z', id: '01934f00-0000-7000-8000-000000000001' };

  it('begins where the one before ended, to the microsecond', () => {
    expect(readCursor(sort, writeCursor(sort, position))).toEqual(position);
  });

  it.each([
    ['another order', readSort('updatedAt', list.sorts)],
    ['another sort', readSort('number', list.sorts)],
  ])('refuses the cursor of %s', (_what, other) => {
    expect(() => readCursor(other, writeCursor(sort, position))).toThrow(BadFilter);
  });

  it('refuses a cursor that somebody made up', () => {
    for (const cursor of ['', 'x', Buffer.from('["-updatedAt","1; drop table item","x"]').toString('base64url')]) {
      expect(() => readCursor(sort, cursor)).toThrow(BadFilter);
    }
    expect(() => readSort('secret', list.sorts)).toThrow(BadFilter);
  });

  it('walks one branch a project up to 50, and compares one array beyond', () => {
    const few = compiled(listQuery(list, { ...request, access: isIn('projectId', ['a', 'b']) }));
    expect(few.sql).toContain('cross join lateral');
    const ids = Array.from({ length: 51 }, (_, index) => `p${index}`);
    const many = compiled(listQuery(list, { ...request, access: isIn('projectId', ids) }));
    expect(many.sql).not.toContain('lateral');
    expect(many.parameters).toContainEqual(ids);
  });

  it('is never asked for by an offset', () => {
    expect(compiled(listQuery(list, request)).sql).not.toContain('offset');
  });
});

describe('access in SQL', () => {
  it('is false for who sees nothing', () => {
    expect(compiled(accessSql(isIn('projectId', []), list.access)).sql).toBe('false');
  });
});
