import { signOut as postSignOut, type SignedIn } from '@sportello/api-client';
import { queryClient } from '../shell/api.js';

/** The demo people that `up` offers; nothing in production, where the address does not exist. */
export interface DemoAccount {
  name: string;
  role: 'administrator' | 'member';
  email: string;
  workspace: string;
}

export const demoAccountsQuery = {
  queryKey: ['demo-accounts'],
  queryFn: async (): Promise<DemoAccount[]> => {
    const response = await fetch('/dev/accounts', { headers: { Accept: 'application/json' } });
    if (!response.ok || !response.headers.get('content-type')?.includes('json')) return [];
    return (await response.json()) as DemoAccount[];
  },
  retry: false,
};

export async function enterAs(account: DemoAccount): Promise<void> {
  const response = await fetch('/dev/enter', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: account.email }),
  });
  if (!response.ok) throw (await response.json().catch(() => new Error(String(response.status)))) as Error;
  welcome({ workspace: account.workspace }, null);
}

/**
 * Goes where somebody wanted to go before they were asked who they are. A page load, so that nothing of an earlier session stays in
 * the browser's memory.
 */
export function welcome({ workspace }: Pick<SignedIn, 'workspace'>, then: string | null): void {
  const target = then?.startsWith(`/${workspace}/`) && !then.startsWith('//') ? then : `/${workspace}/home`;
  location.assign(target);
}

export async function signOut(): Promise<void> {
  const workspace = location.pathname.split('/')[1] ?? '';
  await postSignOut({ throwOnError: false }).catch(() => undefined);
  queryClient.clear();
  location.assign(`/${workspace}/sign-in`);
}
