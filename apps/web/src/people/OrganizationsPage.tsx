import '../shell/moreStyles.js';

import { Button, Group, Select, Stack, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import {
  changeOrganization,
  createOrganization,
  getOrganizationOptions,
  getOrganizationQueryKey,
  type ChangeOrganizationBody,
  type Organization,
} from '@sportello/api-client';
import { IconBuilding, IconPlus } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { Face } from '../item/marks.js';
import { Frame } from '../shell/Frame.js';
import { fieldErrors, problemOf } from '../shell/problem.js';
import { useCan, useWorkspace } from '../shell/session.js';
import { Empty, Failed, Loading, useSentence } from '../shell/States.js';
import { sayFailed } from '../shell/undo.js';
import { Field } from './Field.js';
import { ItemsOf } from './ItemsOf.js';
import { customersQuery, organizationsQuery, useTeams } from './people.queries.js';
import { PeopleList } from './PeopleList.js';
import { PersonPanel } from './PersonPanel.js';
import panel from './PersonPanel.module.css';
import styles from './PeopleList.module.css';

const route = getRouteApi('/$workspace/organizations');

export function OrganizationsPage() {
  const { t } = useTranslation();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState('');
  const [adding, addingIs] = useDisclosure(false);
  const organizations = useInfiniteQuery(organizationsQuery(text));
  const mayEdit = useCan('customer.edit');
  const go = (id: string | undefined) => void navigate({ search: id ? { open: id } : {}, replace: Boolean(open) });
  return (
    <>
      <Frame
        list={
          <PeopleList<Organization>
            title={t('shell.organizations')}
            rows={organizations.data?.pages.flatMap(({ data }) => data)}
            error={organizations.error}
            retry={() => void organizations.refetch()}
            more={
              organizations.hasNextPage && !organizations.isFetchingNextPage
                ? () => void organizations.fetchNextPage()
                : null
            }
            openId={open}
            open={go}
            close={() => go(undefined)}
            onSearch={setText}
            columns="minmax(0, 2fr) minmax(0, 2fr) 120px"
            empty={t('people.noOrganizations')}
            add={
              mayEdit && (
                <Button leftSection={<IconPlus size={14} />} onClick={addingIs.open}>
                  {t('people.addOrganization')}
                </Button>
              )
            }
            cells={({ name, domains, customerCount }) => (
              <>
                <span className={styles.name}>
                  <IconBuilding size={18} stroke={1.5} aria-hidden />
                  {name}
                </span>
                <span className={styles.quiet}>{domains.join(', ')}</span>
                <span className={styles.quiet}>{t('people.customerCount', { count: customerCount })}</span>
              </>
            )}
          />
        }
        panel={open ? <OrganizationPanel key={open} id={open} close={() => go(undefined)} /> : null}
      />
      <NewOrganizationDialog opened={adding} close={addingIs.close} created={({ id }) => go(id)} />
    </>
  );
}

function useDomainProblem() {
  const sentence = useSentence();
  return (error: unknown): Record<string, string> => {
    if (!error) return {};
    const problem = problemOf(error);
    return ['domain_taken', 'domain_is_public'].includes(problem.code)
      ? { domains: sentence(error) }
      : fieldErrors(problem);
  };
}

function OrganizationPanel({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const queryClient = useQueryClient();
  const mayEdit = useCan('customer.edit');
  const teams = useTeams();
  const wrongOf = useDomainProblem();
  const { data: organization, error, refetch } = useQuery(getOrganizationOptions({ path: { id } }));
  const customers = useInfiniteQuery(customersQuery('', id)).data?.pages[0]?.data ?? [];
  const change = useMutation({
    mutationFn: async (body: ChangeOrganizationBody) =>
      (await changeOrganization({ path: { id }, body, throwOnError: true })).data,
    onSuccess: (answer) => {
      queryClient.setQueryData(getOrganizationQueryKey({ path: { id } }), answer);
      void queryClient.invalidateQueries({ queryKey: [{ _id: 'listOrganizations' }] });
    },
  });
  if (error)
    return problemOf(error).status === 404 ? (
      <Empty>{t('shell.nothingHere')}</Empty>
    ) : (
      <Failed error={error} retry={() => void refetch()} />
    );
  if (!organization) return <Loading />;
  const wrong = wrongOf(change.error);
  return (
    <PersonPanel icon={<IconBuilding size={22} stroke={1.5} aria-hidden />} name={organization.name} close={close}>
      <div className={panel.fields}>
        <Field
          label={t('people.name')}
          value={organization.name}
          required
          disabled={!mayEdit}
          error={wrong.name}
          save={(name) => change.mutate({ name })}
        />
        <Select
          label={t('people.defaultTeam')}
          description={t('people.defaultTeamHint')}
          disabled={!mayEdit}
          clearable
          value={organization.defaultTeam?.id ?? null}
          data={teams.map((team) => ({ value: team.id, label: team.name }))}
          onChange={(defaultTeamId) => change.mutate({ defaultTeamId })}
          clearButtonProps={{ 'aria-label': t('people.noTeam') }}
        />
        <div className={panel.wide}>
          <TagsInput
            label={t('people.domains')}
            description={t('people.domainsHint')}
            disabled={!mayEdit}
            value={organization.domains}
            error={wrong.domains}
            splitChars={[',', ' ', ';']}
            acceptValueOnBlur
            onChange={(domains) =>
              change.mutate({ domains: domains.map((domain) => domain.toLowerCase().replace(/^.*@/, '')) })
            }
          />
        </div>
        <div className={panel.wide}>
          <Field
            label={t('people.note')}
            multiline
            value={organization.note}
            disabled={!mayEdit}
            save={(note) => change.mutate({ note })}
          />
        </div>
      </div>
      {customers.length > 0 && (
        <>
          <h2>{t('shell.customers')}</h2>
          <ul className={panel.items}>
            {customers.map((customer) => (
              <li key={customer.id}>
                <Link to="/$workspace/customers" params={{ workspace }} search={{ open: customer.id }}>
                  <Face kind="customer" name={customer.name} />
                  <span>{customer.name}</span>
                  <small>{customer.email}</small>
                </Link>
              </li>
            ))}
          </ul>
        </>
      )}
      <ItemsOf field="organization" id={id} />
    </PersonPanel>
  );
}

function NewOrganizationDialog({
  opened,
  close,
  created,
}: {
  opened: boolean;
  close: () => void;
  created: (organization: Organization) => void;
}) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const wrongOf = useDomainProblem();
  const form = useForm({
    initialValues: { name: '', domains: [] as string[] },
    validate: { name: (name) => (name.trim() ? null : t('people.nameNeeded')) },
  });
  const create = useMutation({
    mutationFn: async (body: typeof form.values) => (await createOrganization({ body, throwOnError: true })).data,
    onSuccess: (organization) => {
      void queryClient.invalidateQueries({ queryKey: [{ _id: 'listOrganizations' }] });
      form.reset();
      close();
      created(organization);
    },
    onError: (error) => {
      const wrong = wrongOf(error);
      if (Object.keys(wrong).length) form.setErrors(wrong);
      else sayFailed(sentence(error));
    },
  });
  return (
    <Dialog opened={opened} onClose={close} title={t('people.addOrganization')}>
      <form onSubmit={form.onSubmit((values) => create.mutate(values))}>
        <Stack gap="sm">
          <TextInput label={t('people.name')} data-autofocus {...form.getInputProps('name')} />
          <TagsInput
            label={t('people.domains')}
            description={t('people.domainsHint')}
            splitChars={[',', ' ', ';']}
            acceptValueOnBlur
            {...form.getInputProps('domains')}
          />
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={close}>
              {t('shell.cancel')}
            </Button>
            <Button type="submit" loading={create.isPending}>
              {t('people.addOrganization')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
