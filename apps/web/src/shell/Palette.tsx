import '@mantine/spotlight/styles.layer.css';

import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight } from '@mantine/spotlight';
import { listItems } from '@sportello/api-client';
import {
  IconBell,
  IconBuilding,
  IconCornerDownLeft,
  IconHome,
  IconInbox,
  IconKeyboard,
  IconPlus,
  IconSearch,
  IconSettings,
  IconTicket,
  IconUser,
} from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { customersQuery, organizationsQuery } from '../people/people.queries.js';
import { sections } from '../settings/sections.js';
import { useViews } from '../view/view.queries.js';
import { Keys } from './Caps.js';
import { runCommand } from './commands.js';
import { type Command } from './keys.js';
import { useCan, useWorkspace } from './session.js';
import styles from './Palette.module.css';

interface Entry {
  id: string;
  label: string;
  description?: string;
  icon: ReactNode;
  right?: ReactNode;
  run: () => void;
}

const [store, spotlight] = createSpotlight();

/** Ctrl K: every command, page, record and person by a few letters. */
export default function Palette({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const views = useViews();
  const maySeePeople = useCan('customer.view');
  const [query, setQuery] = useState('');
  const [text] = useDebouncedValue(query.trim(), 120);
  useEffect(() => (opened ? spotlight.open() : spotlight.close()), [opened]);

  const items = useQuery({
    queryKey: ['items', 'search', text],
    queryFn: async () => (await listItems({ query: { text, limit: 8 }, throwOnError: true })).data.data,
    enabled: text.length > 1,
    staleTime: 5000,
    placeholderData: (before) => before,
  });
  const customers = useInfiniteQuery({ ...customersQuery(text), enabled: text.length > 1 && maySeePeople });
  const organizations = useInfiniteQuery({ ...organizationsQuery(text), enabled: text.length > 1 && maySeePeople });

  const command = (name: Command, label: string, icon: ReactNode): Entry => ({
    id: name,
    label,
    icon,
    right: <Keys of={name} />,
    // After the palette has gone: until then it has the keyboard to itself.
    run: () => setTimeout(() => runCommand(name), 0),
  });
  const fits = ({ label }: Entry) => label.toLowerCase().includes(text.toLowerCase());
  const params = { workspace };

  const commands = [
    command('new', t('shell.new'), <IconPlus size={16} />),
    command('go.home', t('shell.home'), <IconHome size={16} />),
    command('go.notifications', t('shell.notifications'), <IconBell size={16} />),
    command('overview', t('keys.title'), <IconKeyboard size={16} />),
  ].filter(fits);
  const pages: Entry[] = [
    ...views.map(({ id }) => ({
      id: `view.${id}`,
      label: t(`view.names.${id}` as 'view.names.mine', { defaultValue: id }),
      icon: <IconInbox size={16} />,
      run: () => void navigate({ to: '/$workspace/views/$view', params: { workspace, view: id } }),
    })),
    ...(maySeePeople
      ? [
          {
            id: 'customers',
            label: t('shell.customers'),
            icon: <IconUser size={16} />,
            run: () => void navigate({ to: '/$workspace/customers', params }),
          },
          {
            id: 'organizations',
            label: t('shell.organizations'),
            icon: <IconBuilding size={16} />,
            run: () => void navigate({ to: '/$workspace/organizations', params }),
          },
        ]
      : []),
    ...sections.map(({ section }) => ({
      id: `settings.${section}`,
      label: `${t('shell.settings')}: ${t(`settings.sections.${section}`)}`,
      icon: <IconSettings size={16} />,
      run: () => void navigate({ to: '/$workspace/settings/$section', params: { workspace, section } }),
    })),
  ].filter(fits);
  const number = /^#?(\d{1,10})$/.exec(text)?.[1];
  const found: Entry[] =
    text.length > 1 || number
      ? [
          ...(number
            ? [
                {
                  id: 'number',
                  label: t('shell.openNumber', { number }),
                  icon: <IconCornerDownLeft size={16} />,
                  run: () => void navigate({ to: '/$workspace/i/$number', params: { workspace, number } }),
                },
              ]
            : []),
          ...(items.data ?? []).map((item) => ({
            id: item.id,
            label: item.title,
            description: `${item.number} · ${item.status.name}${item.requester ? ` · ${item.requester.name}` : ''}`,
            icon: <IconTicket size={16} />,
            run: () =>
              void navigate({ to: '/$workspace/i/$number', params: { workspace, number: String(item.number) } }),
          })),
          ...(text.length > 1
            ? [
                {
                  id: 'all',
                  label: t('shell.searchAll', { text }),
                  icon: <IconSearch size={16} />,
                  run: () =>
                    void navigate({
                      to: '/$workspace/views/$view',
                      params: { workspace, view: 'all' },
                      search: { text } as never,
                    }),
                },
              ]
            : []),
        ]
      : [];
  const people: Entry[] =
    text.length > 1
      ? [
          ...(customers.data?.pages[0]?.data ?? []).slice(0, 5).map((customer) => ({
            id: customer.id,
            label: customer.name,
            description: [customer.email, customer.organization?.name].filter(Boolean).join(' · '),
            icon: <IconUser size={16} />,
            run: () => void navigate({ to: '/$workspace/customers', params, search: { open: customer.id } }),
          })),
          ...(organizations.data?.pages[0]?.data ?? []).slice(0, 3).map((organization) => ({
            id: organization.id,
            label: organization.name,
            description: organization.domains.join(', '),
            icon: <IconBuilding size={16} />,
            run: () => void navigate({ to: '/$workspace/organizations', params, search: { open: organization.id } }),
          })),
        ]
      : [];

  const groups: [string, Entry[]][] = [
    [t('shell.tickets'), found],
    [t('shell.people'), people],
    [t('shell.commands'), commands],
    [t('shell.goTo'), pages],
  ];
  const shown = groups.filter(([, entries]) => entries.length > 0);
  return (
    <Spotlight.Root
      store={store}
      attributes={{ content: { 'aria-label': t('shell.search') } }}
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      onSpotlightClose={close}
      clearQueryOnClose
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      classNames={{
        actionsGroup: styles.group,
        action: styles.action,
        actionLabel: styles.label,
        search: styles.search,
      }}
      scrollable
      maxHeight={420}
    >
      <Spotlight.Search
        placeholder={t('shell.searchPlaceholder')}
        aria-label={t('shell.search')}
        leftSection={<IconSearch size={18} />}
      />
      <Spotlight.ActionsList>
        {shown.map(([label, entries]) => (
          <Spotlight.ActionsGroup key={label} label={label}>
            {entries.map(({ id, label: name, description, icon, right, run }) => (
              <Spotlight.Action
                key={id}
                label={name}
                description={description}
                leftSection={icon}
                rightSection={right}
                onClick={run}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {shown.length === 0 && <Spotlight.Empty>{t('shell.nothingFound')}</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}
