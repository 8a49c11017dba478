import {
  changeWorkspace,
  getWorkspaceOptions,
  getWorkspaceQueryKey,
  switchApp,
  type ChangeWorkspace,
  type Workspace,
} from '@sportello/api-client';
import { useMutation, useQuery, useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useSentence } from '../shell/States.js';
import { say, sayFailed } from '../shell/undo.js';

/**
 * A change of a setting: it saves itself and says so, or says why not.
 * @param stale what it makes old
 */
export function useSave<Input, Output>(save: (input: Input) => Promise<Output>, ...stale: QueryKey[]) {
  const queryClient = useQueryClient();
  const { t } = useTranslation();
  const sentence = useSentence();
  return useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await Promise.all(stale.map((queryKey) => queryClient.invalidateQueries({ queryKey })));
      say(t('settings.saved'));
    },
    onError: (error) => sayFailed(sentence(error)),
  });
}

export const useWorkspaceSettings = () => useQuery(getWorkspaceOptions());

/** Everything on screen may be of an app that is now on or off. */
export function useSwitchApp() {
  const queryClient = useQueryClient();
  return useSave(
    async ({ app, on }: { app: Workspace['apps'][number]; on: boolean }) => {
      const { data } = await switchApp({ path: { app }, body: { on }, throwOnError: true });
      queryClient.setQueryData(getWorkspaceQueryKey(), data);
    },
    ['me'],
    ['items'],
    ['views'],
  );
}

export function useChangeWorkspace() {
  const queryClient = useQueryClient();
  return useSave(
    async (body: ChangeWorkspace) => {
      const { data } = await changeWorkspace({ body, throwOnError: true });
      queryClient.setQueryData(getWorkspaceQueryKey(), data);
    },
    ['me'],
  );
}
