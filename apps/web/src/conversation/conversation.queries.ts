import {
  confirmSender,
  deleteMessage,
  editMessage,
  listMessages,
  listRevisions,
  retryDelivery,
  splitOff,
  uploadFile,
  type Attachment,
  type Message,
} from '@sportello/api-client';
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { messagesKey, refetchItem } from '../item/item.cache.js';
import { useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';

/** The whole conversation, oldest first. 200 messages an answer; longer ones take several. */
export const messagesQuery = (itemId: string) =>
  queryOptions({
    queryKey: messagesKey(itemId),
    queryFn: async () => {
      const messages: Message[] = [];
      for (let cursor: string | undefined; ;) {
        const { data } = await listMessages({
          path: { id: itemId },
          query: { limit: 200, ...(cursor && { cursor }) },
          throwOnError: true,
        });
        messages.push(...data.data);
        if (!data.nextCursor) return messages;
        cursor = data.nextCursor;
      }
    },
  });

export const revisionsQuery = (id: string, messageId: string) =>
  queryOptions({
    queryKey: ['items', 'revisions', id, messageId],
    queryFn: async () => (await listRevisions({ path: { id, messageId }, throwOnError: true })).data.data,
    staleTime: 0,
  });

/** What can be done with one message. The answer takes its place at once. */
export function useMessageActions(itemId: string) {
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const path = (messageId: string) => ({ id: itemId, messageId });
  const replace = (message: Message) => {
    queryClient.setQueryData(messagesQuery(itemId).queryKey, (now) =>
      now?.map((each) => (each.id === message.id ? message : each)),
    );
    void refetchItem(queryClient, itemId);
  };
  const onError = (error: unknown) => sayFailed(sentence(error));
  return {
    edit: useMutation({
      mutationFn: async ({ id, html }: { id: string; html: string }) =>
        (await editMessage({ path: path(id), body: { html }, throwOnError: true })).data,
      onSuccess: replace,
      onError,
    }),
    remove: useMutation({
      mutationFn: async (id: string) => (await deleteMessage({ path: path(id), throwOnError: true })).data,
      onSuccess: replace,
      onError,
    }),
    confirm: useMutation({
      mutationFn: async (id: string) => (await confirmSender({ path: path(id), throwOnError: true })).data,
      onSuccess: replace,
      onError,
    }),
    split: useMutation({
      mutationFn: async (id: string) => (await splitOff({ path: path(id), throwOnError: true })).data,
      onSuccess: () => queryClient.invalidateQueries({ queryKey: ['items'] }),
      onError,
    }),
    retry: useMutation({
      mutationFn: async (id: string) => retryDelivery({ path: path(id), throwOnError: true }),
      onSuccess: () => queryClient.invalidateQueries({ queryKey: messagesKey(itemId) }),
      onError,
    }),
  };
}

/** Uploads one file. Its id goes into the message. */
export async function upload(file: File): Promise<Attachment> {
  return (await uploadFile({ body: { file }, throwOnError: true })).data as Attachment;
}
