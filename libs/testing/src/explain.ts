import { systemRandom } from '@sportello/kernel';
import { type Actor } from '@sportello/permissions';
import { serviceUrl } from '@sportello/persistence';
import { Context, type SightFinder } from '@sportello/service';
import { type CompiledQuery, Kysely, PostgresDialect, sql } from 'kysely';
import { Pool } from 'pg';
import { testSecret } from './database.js';
import { type World } from './world.js';

/** A table with fewer rows may be read as a whole: there PostgreSQL is right to. */
const small = 1000;

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
}

// Row-level security alone brings every statement to an index, by the workspace. That is enough only where a limit stops the walk early, with
// nothing in between that needs all rows first.
const narrows = /(?<!\bworkspace_id) (=|<|>|<=|>=|@@) /;
const gathering = ['Sort', 'Aggregate', 'Hash', 'Materialize'];

/** Looks at the plans of the statements that queries run, as the service's own role with the tenant set. */
export class Explainer {
  readonly #pool: Pool;
  readonly #db: Kysely<never>;
  readonly #rowsOf: ReadonlyMap<string, number>;
  #statements: CompiledQuery[] = [];

  private constructor(
    pool: Pool,
    rowsOf: ReadonlyMap<string, number>,
    private readonly findSight: SightFinder | null,
  ) {
    this.#pool = pool;
    this.#rowsOf = rowsOf;
    this.#db = new Kysely<never>({
      dialect: new PostgresDialect({ pool }),
      log: ({ query }) => void this.#statements.push(query as CompiledQuery),
    });
  }

  /** Once the tables are filled: statistics are taken here. */
  static async open(
    world: World,
    service: string,
    workspace: string,
    findSight: SightFinder | null = null,
  ): Promise<Explainer> {
    await world.sql('analyze');
    const schema = service.replace('-', '_');
    const counted = await world.sql<{ name: string; rows: number }>(
      `select c.relname as name, c.reltuples::int as rows from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
      [schema],
    );
    const connectionString = serviceUrl(world.database.serviceUrl, testSecret, service, 'tenant');
    const pool = new Pool({ connectionString, max: 1 });
    pool.on('error', () => undefined); // The database goes before the pool does.
    const explainer = new Explainer(pool, new Map(counted.map(({ name, rows }) => [name, rows])), findSight);
    await sql`select set_config('app.workspace', ${workspace}, false)`.execute(explainer.#db);
    // With two workspaces half of a table is ours, and its first rows come cheapest from the table itself: that is what PostgreSQL thinks of so few
    // tenants, and says nothing of whether an index leads there. What no index leads to is read as a whole all the same.
    await sql`set enable_seqscan = off`.execute(explainer.#db);
    await sql`set random_page_cost = 1.1`.execute(explainer.#db);
    return explainer;
  }

  /** Asks as an actor and says, in a sentence each, where a statement reads rows without an index that leads to them. @throws Error when nothing was asked */
  async flaws(actor: Actor, ask: (ctx: Context) => Promise<unknown>): Promise<string[]> {
    this.#statements = [];
    await ask(this.#contextOf(actor));
    const asked = this.#statements;
    if (!asked.length) throw new Error('No statement was run.');
    const found: string[] = [];
    for (const { sql: text, parameters } of asked) {
      const { rows } = await this.#pool.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(`explain (format json) ${text}`, [
        ...parameters,
      ]);
      for (const { Plan: plan } of rows[0]?.['QUERY PLAN'] ?? [])
        found.push(...this.#look(plan, false).map((flaw) => `${flaw}: ${text}`));
    }
    return found;
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }

  #look(plan: Plan, stopsEarly: boolean): string[] {
    const { 'Node Type': node, 'Relation Name': table = '', 'Index Name': index = '', Plans: parts = [] } = plan;
    const condition = plan['Index Cond'];
    const large = (this.#rowsOf.get(table || this.#tableOf(index)) ?? 0) >= small;
    const found: string[] = [];
    if (node === 'Seq Scan' && large) found.push(`reads all of ${table}`);
    if (node.includes('Index') && !condition) found.push(`walks all of ${index}`);
    if (node.includes('Index') && large && !stopsEarly && condition && !narrows.test(condition))
      found.push(`reads all that a workspace has in ${index}`);
    const early = node === 'Limit' || (stopsEarly && !gathering.includes(node));
    return [...found, ...parts.flatMap((part) => this.#look(part, early))];
  }

  #tableOf(index: string): string {
    const byLength = [...this.#rowsOf.keys()].sort((a, b) => b.length - a.length);
    return byLength.find((table) => index.startsWith(table)) ?? '';
  }

  #contextOf(actor: Actor): Context {
    return new Context({
      actor,
      now: new Date(),
      em: { getKysely: () => this.#db } as never,
      random: systemRandom,
      requestId: '',
      permission: 'item.view',
      findSight: this.findSight,
      ifMatch: null,
      readOnly: true,
    });
  }
}
