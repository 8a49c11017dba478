import { notFound, type Language, type MailWorkspace, type Workspace as WorkspaceDto } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { normaliseAddress } from '@sportello/mail';
import { type Database } from '@sportello/persistence';
import { type Context } from '@sportello/service';
import { DkimKey } from './dkim-key.entity.js';
import { Workspace } from './workspace.entity.js';

/** The workspace of whoever asks, locked: what must not be decided twice at once waits here. */
export async function lockWorkspace(ctx: Context): Promise<Workspace> {
  const workspace = await ctx.find(Workspace, ctx.workspaceId);
  if (!workspace) throw new Refusal(notFound);
  return workspace;
}

/** The workspace as its settings show it. */
export async function readWorkspace(ctx: Context): Promise<WorkspaceDto> {
  const { workspaceId } = ctx;
  const workspace = await ctx.em.findOne(Workspace, { workspaceId });
  if (!workspace) throw new Refusal(notFound);
  const key = await ctx.em.findOne(DkimKey, { workspaceId });
  return {
    ...workspace.facts(),
    dkimDomain: key?.domain ?? null,
    dkimSelector: key?.selector ?? null,
    dkimRecord: key?.record ?? null,
    version: workspace.seq,
  };
}

/** Who has a slug, over all workspaces. */
export async function findWorkspaceBySlug(database: Database, slug: string): Promise<string | null> {
  const { rows } = await database.systemPool.query<{ id: string }>('select id from workspace where slug = $1', [
    slug.toLowerCase(),
  ]);
  return rows[0]?.id ?? null;
}

/** Which workspaces addresses belong to, with every address of theirs: inbound and forwarded ones. */
export async function findMailWorkspaces(database: Database, addresses: readonly string[]): Promise<MailWorkspace[]> {
  const { rows } = await database.systemPool.query<{
    address: string;
    id: string;
    name: string;
    language: Language;
    inbound_address: string;
    forwarded: string[];
    confirmed: string[];
  }>(
    `with found as (
       select inbound_address as address, id from workspace where inbound_address = any($1)
       union select address, workspace_id from forwarded_address where address = any($1)
     )
     select found.address, w.id, w.name, w.language, w.inbound_address,
       array(select f.address from forwarded_address f where f.workspace_id = w.id order by f.address limit 499) as forwarded,
       array(select f.address from forwarded_address f
              where f.workspace_id = w.id and f.confirmed_at is not null order by f.address limit 499) as confirmed
     from found join workspace w using (id) order by found.address`,
    [addresses.map(normaliseAddress)],
  );
  return rows.map(({ inbound_address: inboundAddress, forwarded, confirmed, ...workspace }) => ({
    ...workspace,
    inboundAddress,
    ownAddresses: [inboundAddress, ...forwarded],
    confirmedAddresses: confirmed,
  }));
}

/** Whether an address of ours is in use anywhere on this installation. */
export async function isAddressInUse(database: Database, address: string): Promise<boolean> {
  return (await findMailWorkspaces(database, [address])).length > 0;
}
