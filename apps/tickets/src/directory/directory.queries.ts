import { personNotFound, type Person } from '@sportello/contracts';
import { copiedPeople, copiedWorkspace, type PersonCopy, type WorkspaceCopy } from '@sportello/directory';
import { Refusal } from '@sportello/kernel';
import { type CustomerSight, type PersonRef } from '@sportello/permissions';
import { type Context } from '@sportello/service';

/** The columns that tickets keeps. */
export interface DirectoryTables {
  person: PersonCopy & { organization_id: string | null };
  team: { workspace_id: string; id: string; name: string; removed: boolean; seq: number };
  organization: {
    workspace_id: string;
    id: string;
    name: string;
    default_project_id: string | null;
    default_team_id: string | null;
    removed: boolean;
    seq: number;
  };
  workspace: WorkspaceCopy & {
    slug: string;
    customer_sight: CustomerSight;
    grace_seconds: number;
    support_project_id: string;
  };
  user_team: { workspace_id: string; user_id: string; team_id: string };
}

/** @throws Error before the copy has come: the caller tries again */
export function workspaceOf(ctx: Context): Promise<DirectoryTables['workspace']> {
  return copiedWorkspace(ctx);
}

/** A person with what an item takes over of them. */
export type KnownPerson = Person & { organizationId: string | null; active: boolean };

/** People by reference. Somebody whose copy has not come yet, or who was erased, has no name but is still there. */
export async function peopleOf(ctx: Context, refs: readonly (PersonRef | null)[]): Promise<Map<string, KnownPerson>> {
  const people = await copiedPeople<DirectoryTables['person']>(ctx, refs);
  // A customer learns names, not addresses: a user's address is a way around the desk.
  const mayReadAddress = (id: string) => ctx.actor.kind !== 'customer' || id === ctx.actor.id;
  return new Map(
    [...people.values()].map(({ kind, id, name, email, active, organization_id: organizationId }) => [
      id,
      { kind, id, name, email: mayReadAddress(id) ? email : null, active, organizationId },
    ]),
  );
}

/** A person for an answer. */
export function personFrom(people: ReadonlyMap<string, Person>, ref: PersonRef): Person {
  const { name = '', email = null } = people.get(ref.id) ?? {};
  return { kind: ref.kind, id: ref.id, name, email };
}

/** The name of whoever asks; empty for a service. */
export async function nameOf(ctx: Context, ref: PersonRef | null): Promise<string> {
  return ref ? ((await peopleOf(ctx, [ref])).get(ref.id)?.name ?? '') : '';
}

/** Those who were deactivated or erased among people and teams: they stay where they are, and come to nothing new. */
export class Left {
  constructor(private readonly ids: ReadonlySet<string>) {}

  /** @throws Refusal `person_not_found` for the first who is new there and has left */
  refuse(wanted: readonly { id: string }[], present: readonly { id: string }[] = []): void {
    if (wanted.some(({ id }) => this.ids.has(id) && !present.some((one) => one.id === id)))
      throw new Refusal(personNotFound, { detail: 'Somebody of them is no longer here.' });
  }
}

/** @throws Refusal `person_not_found` when one of them is not of this workspace */
export async function requirePeople(ctx: Context, refs: readonly PersonRef[]): Promise<Map<string, KnownPerson>> {
  const people = await peopleOf(ctx, refs);
  if (refs.some(({ kind, id }) => people.get(id)?.kind !== kind)) throw new Refusal(personNotFound);
  return people;
}

/**
 * Looks up whom an item is to have.
 * @throws Refusal `person_not_found` when somebody is not of this workspace
 */
export async function requireAll(
  ctx: Context,
  refs: readonly PersonRef[],
  teamIds: readonly string[],
): Promise<{ people: Map<string, KnownPerson>; left: Left }> {
  const people = await requirePeople(ctx, refs);
  const inactive = [...people.values()].filter(({ active }) => !active).map(({ id }) => id);
  return { people, left: new Left(new Set([...inactive, ...(await removedTeams(ctx, teamIds))])) };
}

/** @throws Refusal `person_not_found` when a team is not of this workspace */
async function removedTeams(ctx: Context, ids: readonly string[]): Promise<string[]> {
  if (!ids.length) return [];
  const rows = await ctx
    .db<DirectoryTables>()
    .selectFrom('team')
    .select(['id', 'removed'])
    .where('workspace_id', '=', ctx.workspaceId)
    .where('id', 'in', [...ids])
    .execute();
  if (rows.length < new Set(ids).size) throw new Refusal(personNotFound, { detail: 'There is no such team here.' });
  return rows.filter(({ removed }) => removed).map(({ id }) => id);
}
