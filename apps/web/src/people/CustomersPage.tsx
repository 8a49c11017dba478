import '../shell/moreStyles.js';

import { Button, Menu, Select, Stack, Text } from '@mantine/core';
import { useDebouncedValue, useDisclosure } from '@mantine/hooks';
import {
  changeCustomer,
  erasePerson,
  exportPerson,
  getCustomerOptions,
  getCustomerQueryKey,
  type ChangeCustomerBody,
  type Customer,
} from '@sportello/api-client';
import { IconDownload, IconPlus, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../shell/Dialog.js';
import { Face, When } from '../item/marks.js';
import { languageNames, languages } from '../shell/language.js';
import { Frame } from '../shell/Frame.js';
import { fieldErrors, problemOf } from '../shell/problem.js';
import { useCan } from '../shell/session.js';
import { Empty, Failed, Loading, useSentence } from '../shell/States.js';
import { say, sayFailed } from '../shell/undo.js';
import { Field } from './Field.js';
import { ItemsOf } from './ItemsOf.js';
import { NewCustomerDialog } from './NewCustomerDialog.js';
import { customersQuery, organizationsQuery } from './people.queries.js';
import { PeopleList } from './PeopleList.js';
import { PersonPanel } from './PersonPanel.js';
import panel from './PersonPanel.module.css';
import styles from './PeopleList.module.css';

const route = getRouteApi('/$workspace/customers');

export function CustomersPage() {
  const { t } = useTranslation();
  const { open } = route.useSearch();
  const navigate = route.useNavigate();
  const [text, setText] = useState('');
  const [adding, addingIs] = useDisclosure(false);
  const customers = useInfiniteQuery(customersQuery(text));
  const mayEdit = useCan('customer.edit');
  const go = (id: string | undefined) => void navigate({ search: id ? { open: id } : {}, replace: Boolean(open) });

  return (
    <>
      <Frame
        list={
          <PeopleList<Customer>
            title={t('shell.customers')}
            rows={customers.data?.pages.flatMap(({ data }) => data)}
            error={customers.error}
            retry={() => void customers.refetch()}
            more={customers.hasNextPage && !customers.isFetchingNextPage ? () => void customers.fetchNextPage() : null}
            openId={open}
            open={go}
            close={() => go(undefined)}
            onSearch={setText}
            columns="minmax(0, 2fr) minmax(0, 2fr) minmax(0, 1.5fr) 90px"
            empty={t('people.noCustomers')}
            add={
              mayEdit && (
                <Button leftSection={<IconPlus size={14} />} onClick={addingIs.open}>
                  {t('people.addCustomer')}
                </Button>
              )
            }
            cells={({ name, email, organization, createdAt }) => (
              <>
                <span className={styles.name}>
                  <Face kind="customer" name={name} size={22} />
                  {name}
                </span>
                <span className={styles.quiet}>{email}</span>
                <span className={styles.quiet}>{organization?.name}</span>
                <span className={styles.quiet}>
                  <When at={createdAt} />
                </span>
              </>
            )}
          />
        }
        panel={open ? <CustomerPanel key={open} id={open} close={() => go(undefined)} /> : null}
      />
      <NewCustomerDialog opened={adding} close={addingIs.close} created={(customer) => go(customer.id)} />
    </>
  );
}

function CustomerPanel({ id, close }: { id: string; close: () => void }) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const sentence = useSentence();
  const mayEdit = useCan('customer.edit');
  const mayErase = useCan('customer.erase');
  const [erasing, erasingIs] = useDisclosure(false);
  const [typed, setTyped] = useState('');
  const [organizationText] = useDebouncedValue(typed, 150);
  const { data: customer, error, refetch } = useQuery(getCustomerOptions({ path: { id } }));
  const organizations =
    useInfiniteQuery(organizationsQuery(organizationText)).data?.pages.flatMap(({ data }) => data) ?? [];
  const change = useMutation({
    mutationFn: async (body: ChangeCustomerBody) =>
      (await changeCustomer({ path: { id }, body, throwOnError: true })).data,
    onSuccess: (answer) => {
      queryClient.setQueryData(getCustomerQueryKey({ path: { id } }), answer);
      void queryClient.invalidateQueries({ queryKey: [{ _id: 'listCustomers' }] });
    },
  });

  if (error)
    return problemOf(error).status === 404 ? (
      <Empty>{t('shell.nothingHere')}</Empty>
    ) : (
      <Failed error={error} retry={() => void refetch()} />
    );
  if (!customer) return <Loading />;
  const problem = change.error ? problemOf(change.error) : null;
  const wrong = problem ? fieldErrors(problem) : {};
  if (problem?.code === 'email_taken') wrong.email = sentence(problem);

  const download = async () => {
    try {
      const { data } = await exportPerson({ path: { kind: 'customer', id }, throwOnError: true });
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: 'application/json' }));
      link.download = `${customer.name}.json`;
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (failure) {
      sayFailed(sentence(failure));
    }
  };
  const erase = async () => {
    try {
      await erasePerson({ path: { kind: 'customer', id }, throwOnError: true });
      say(t('people.erased'));
      erasingIs.close();
      close();
      void queryClient.invalidateQueries({ queryKey: [{ _id: 'listCustomers' }] });
    } catch (failure) {
      sayFailed(sentence(failure));
    }
  };

  return (
    <PersonPanel
      icon={<Face kind="customer" name={customer.name} size={28} />}
      name={customer.name}
      close={close}
      menu={
        mayErase && (
          <>
            <Menu.Item leftSection={<IconDownload size={15} />} onClick={() => void download()}>
              {t('people.export')}
            </Menu.Item>
            <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={erasingIs.open}>
              {t('people.erase')}
            </Menu.Item>
          </>
        )
      }
    >
      <div className={panel.fields}>
        <Field
          label={t('people.name')}
          value={customer.name}
          required
          disabled={!mayEdit}
          error={wrong.name}
          save={(name) => change.mutate({ name })}
        />
        <Field
          label={t('people.email')}
          type="email"
          value={customer.email ?? ''}
          disabled={!mayEdit}
          error={wrong.email}
          save={(email) => change.mutate({ email: email || null })}
        />
        <Field
          label={t('people.phone')}
          type="tel"
          value={customer.phone ?? ''}
          disabled={!mayEdit}
          error={wrong.phone}
          save={(phone) => change.mutate({ phone: phone || null })}
        />
        <Select
          label={t('people.organization')}
          searchable
          clearable
          disabled={!mayEdit}
          value={customer.organization?.id ?? null}
          onSearchChange={setTyped}
          data={[
            ...new Map(
              [...(customer.organization ? [customer.organization] : []), ...organizations].map((each) => [
                each.id,
                { value: each.id, label: each.name },
              ]),
            ).values(),
          ]}
          onChange={(organizationId) => change.mutate({ organizationId })}
          clearButtonProps={{ 'aria-label': t('people.noOrganization') }}
        />
        <Select
          label={t('people.language')}
          disabled={!mayEdit}
          value={customer.language ?? ''}
          data={[
            { value: '', label: t('people.workspaceLanguage') },
            ...languages.map((each) => ({ value: each as string, label: languageNames[each] })),
          ]}
          onChange={(language) => change.mutate({ language: (language || null) as ChangeCustomerBody['language'] })}
        />
        <div className={panel.wide}>
          <Field
            label={t('people.note')}
            multiline
            value={customer.note}
            disabled={!mayEdit}
            save={(note) => change.mutate({ note })}
          />
        </div>
      </div>
      <ItemsOf field="requester" id={id} />
      <Dialog opened={erasing} onClose={erasingIs.close} title={t('people.eraseTitle', { name: customer.name })}>
        <Stack>
          <Text size="sm">{t('people.eraseText')}</Text>
          <Button color="red" onClick={() => void erase()}>
            {t('people.eraseNow')}
          </Button>
        </Stack>
      </Dialog>
    </PersonPanel>
  );
}
