import { type ChangeItemBody, type Item } from '@sportello/api-client';

type Field = keyof ChangeItemBody;

/** What an item has now in the field that a change would set, in a form that compares. */
function valueOf(item: Item & { followers?: { id: string }[] }, field: Field): string {
  const ids = (list: readonly { id: string }[]) =>
    list
      .map(({ id }) => id)
      .sort()
      .join();
  switch (field) {
    case 'statusId':
      return item.status.id;
    case 'assignees':
      return ids(item.assignees);
    case 'followers':
      return ids(item.followers ?? []);
    case 'requester':
      return item.requester?.id ?? '';
    case 'tags':
      return [...item.tags].sort().join();
    default:
      return String(item[field] ?? '');
  }
}

function wantedOf(change: ChangeItemBody, field: Field): string {
  const value = change[field];
  if (field === 'tags') return [...(value as string[])].sort().join();
  if (Array.isArray(value))
    return (value as { id: string }[])
      .map(({ id }) => id)
      .sort()
      .join();
  if (value && typeof value === 'object') return (value as { id: string }).id;
  return String(value ?? '');
}

/**
 * The fields that I change and that somebody else has changed meanwhile to something else. None: my change goes through on the newer
 * version without asking.
 */
export function conflictsOf(base: Item, mine: ChangeItemBody, current: Item): Field[] {
  return (Object.keys(mine) as Field[]).filter(
    (field) => valueOf(base, field) !== valueOf(current, field) && valueOf(current, field) !== wantedOf(mine, field),
  );
}

/** The change that takes this one back. */
export function inverseOf(
  before: Item & { followers?: { kind: 'user' | 'customer'; id: string }[] },
  change: ChangeItemBody,
): ChangeItemBody {
  const refs = <K extends string>(list: readonly { kind: K; id: string }[]) =>
    list.map(({ kind, id }) => ({ kind, id }));
  const was: Record<Field, () => ChangeItemBody> = {
    title: () => ({ title: before.title }),
    statusId: () => ({ statusId: before.status.id }),
    priority: () => ({ priority: before.priority }),
    assignees: () => ({ assignees: refs(before.assignees) }),
    tags: () => ({ tags: before.tags }),
    published: () => ({ published: before.published }),
    requester: () => (before.requester ? { requester: { kind: before.requester.kind, id: before.requester.id } } : {}),
    dueAt: () => ({ dueAt: before.dueAt }),
    followers: () => ({ followers: refs(before.followers ?? []) }),
  };
  return Object.assign({}, ...(Object.keys(change) as Field[]).map((field) => was[field]())) as ChangeItemBody;
}
