import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { refetchItem, refetchMessages, removeItem } from '../item/item.cache.js';
import { type Change, touchedBy, type Touched } from './events.js';
import { joinLive, listen } from './live.js';

/** Which operations' answers a kind of change makes old; generated query keys carry the operation's name. */
const operationsOf: Record<Touched['kinds'][number], string[]> = {
  types: ['listItemTypes'],
  people: ['listUsers', 'getUser', 'listTeams', 'listInvitations'],
  customers: ['listCustomers', 'getCustomer'],
  organizations: ['listOrganizations', 'getOrganization'],
  workspace: ['getWorkspace', 'listForwardedAddresses'],
  notifications: ['listNotifications'],
  me: ['me'],
};

/** Applies what comes in live to what the browser holds. */
export function useLiveUpdates(): void {
  const queryClient = useQueryClient();
  useEffect(() => {
    let wasLive = false;
    let broken = false;
    const stopListening = listen((message) => {
      if (message.kind === 'reset') void queryClient.invalidateQueries();
      if (message.kind === 'change') apply(queryClient, message.change);
      if (message.kind === 'connection' && message.state !== 'live') broken = true;
      if (message.kind === 'connection' && message.state === 'live' && (!wasLive || broken)) {
        // What was loaded before the stream began may have missed something; a resumed stream repeats what it missed by itself.
        if (!message.lastId || !wasLive) void queryClient.invalidateQueries({ queryKey: ['items'] });
        wasLive = true;
        broken = false;
      }
    });
    const leave = joinLive();
    return () => {
      stopListening();
      leave();
    };
  }, [queryClient]);
}

function apply(queryClient: QueryClient, change: Change): void {
  const touched = touchedBy(change);
  if (touched.gone) removeItem(queryClient, touched.gone);
  if (touched.item) void refetchItem(queryClient, touched.item, change.version);
  if (touched.conversation) void refetchMessages(queryClient, touched.conversation);
  if (touched.lists) refetchLists(queryClient);
  for (const kind of touched.kinds) {
    void queryClient.invalidateQueries({
      predicate: ({ queryKey: [head] }) =>
        operationsOf[kind].includes((head as { _id?: string })?._id ?? (typeof head === 'string' ? head : '')),
    });
  }
}

let listsDue: ReturnType<typeof setTimeout> | undefined;
let countsDue: ReturnType<typeof setTimeout> | undefined;

/** The first change is shown at once; a burst (a bulk change of 1,000) costs one request every 300 ms. */
function refetchLists(queryClient: QueryClient): void {
  if (!listsDue) {
    void queryClient.invalidateQueries({ queryKey: ['items', 'list'] });
    listsDue = setTimeout(() => {
      listsDue = undefined;
      if (again) {
        again = false;
        refetchLists(queryClient);
      }
    }, 300);
  } else {
    again = true;
  }
  countsDue ??= setTimeout(() => {
    countsDue = undefined;
    void queryClient.invalidateQueries({ queryKey: ['views'] });
  }, 400);
}
let again = false;
