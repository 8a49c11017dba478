import { domainTaken, notFound, type Organization as OrganizationDto } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type Context } from '@sportello/service';
import { sql } from 'kysely';
import { inOrder, pageByName } from '../person/by-name.queries.js';

interface OrganizationRow {
  id: string;
  name: string;
  domains: string[];
  default_project_id: string | null;
  default_team: { id: string; name: string } | null;
  customer_count: number;
  note: string;
  created_at: Date;
  seq: number;
}

/** Organizations by name, with a text in name or domain where given. */
export async function listOrganizationsByName(
  ctx: Context,
  { text, ...page }: { text?: string; cursor?: string; limit?: number },
): Promise<{ data: OrganizationDto[]; nextCursor: string | null }> {
  const part = `%${(text ?? '')
    .trim()
    .toLowerCase()
    .replace(/[\\%_]/g, '\\$&')}%`;
  const search = sql<boolean>`(name_key like ${part} or exists (select from unnest(domains) as domain where domain like ${part}))`;
  const { ids, nextCursor } = await pageByName(ctx, {
    table: 'organization',
    conditions: text?.trim() ? [search] : [],
    ...page,
  });
  return { data: await readOrganizations(ctx, ids), nextCursor };
}

async function readOrganizations(ctx: Context, ids: readonly string[]): Promise<OrganizationDto[]> {
  if (!ids.length) return [];
  const { rows } = await sql<OrganizationRow>`
    select o.id, o.name, o.domains, o.default_project_id, o.note, o.created_at, o.seq,
      (select json_build_object('id', t.id, 'name', t.name) from team t
       where t.workspace_id = o.workspace_id and t.id = o.default_team_id) as default_team,
      (select count(*)::integer from customer c
       where c.workspace_id = o.workspace_id and c.organization_id = o.id and c.erased_at is null) as customer_count
    from organization o where o.workspace_id = ${ctx.workspaceId} and o.id = any(${[...ids]}::uuid[])`.execute(
    ctx.db<never>(),
  );
  const organizations = rows.map((row) => ({
    ...{
      id: row.id,
      name: row.name,
      domains: row.domains,
      note: row.note,
      createdAt: row.created_at,
      version: row.seq,
    },
    defaultProjectId: row.default_project_id,
    defaultTeam: row.default_team,
    customerCount: row.customer_count,
  }));
  return inOrder(ids, organizations);
}

/** @throws Refusal `not_found` */
export async function readOrganization(ctx: Context, id: string): Promise<OrganizationDto> {
  const [organization] = await readOrganizations(ctx, [id]);
  if (!organization) throw new Refusal(notFound);
  return organization;
}

/** @throws Refusal `domain_taken` when another organization has one of them */
export async function refuseTakenDomains(ctx: Context, domains: readonly string[], owner: string): Promise<void> {
  if (!domains.length) return;
  const { rows } = await sql<{ domain: string; name: string }>`
    select d.domain, o.name from organization_domain d
    join organization o on o.workspace_id = d.workspace_id and o.id = d.organization_id
    where d.workspace_id = ${ctx.workspaceId} and d.domain = any(${[...domains]}::text[]) and d.organization_id <> ${owner}
    limit 1`.execute(ctx.db<never>());
  if (rows[0]) throw new Refusal(domainTaken, { detail: `${rows[0].name} has the domain ${rows[0].domain}.` });
}
