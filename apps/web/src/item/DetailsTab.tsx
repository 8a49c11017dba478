import { ActionIcon, Anchor, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ItemDetails, type Person } from '@sportello/api-client';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { customersQuery, useUsers } from '../people/people.queries.js';
import { Picker } from '../shell/Picker.js';
import { useMe, useWorkspace } from '../shell/session.js';
import { useChangeItem } from './item.queries.js';
import { Face, When } from './marks.js';
import styles from './DetailsTab.module.css';

/** Customers by name and users: everybody who can ask or follow. */
function usePeopleOptions() {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [text] = useDebouncedValue(typed, 150);
  const users = useUsers();
  const customers = useInfiniteQuery(customersQuery(text)).data?.pages.flatMap(({ data }) => data) ?? [];
  const fits = (name: string) => name.toLowerCase().includes(text.toLowerCase());
  const people: (Person & { hint?: string })[] = [
    ...customers.map(({ id, name, email, organization }) => ({
      kind: 'customer' as const,
      id,
      name,
      email,
      hint: organization?.name,
    })),
    ...users
      .filter(({ name }) => fits(name))
      .map(({ id, name, email }) => ({ kind: 'user' as const, id, name, email, hint: t('item.user') })),
  ];
  return {
    people,
    setTyped,
    options: people.map(({ id, name, kind, hint }) => ({
      value: id,
      label: name,
      icon: <Face kind={kind} name={name} size={20} />,
      ...(hint && { hint }),
    })),
  };
}

/** The rest of a record's properties. */
export function DetailsTab({ item }: { item: ItemDetails }) {
  const { t } = useTranslation();
  const workspace = useWorkspace();
  const change = useChangeItem();
  const me = useMe();
  const { people, options, setTyped } = usePeopleOptions();
  const mayEdit = item.can.includes('item.edit');
  const refs = (list: readonly Person[]) => list.map(({ kind, id }) => ({ kind, id }));
  const follow = (followers: Person[]) => change(item, { followers: refs(followers) }, { followers });

  return (
    <div className={styles.scroll}>
      <dl className={styles.list}>
        <Line name={t('item.fields.requester')}>
          <Picker
            label={t('item.fields.requester')}
            disabled={!mayEdit}
            selected={item.requester ? [item.requester.id] : []}
            options={options}
            onSearch={setTyped}
            onPick={([id]) => {
              const requester = people.find((each) => each.id === id);
              if (requester) change(item, { requester: { kind: requester.kind, id: requester.id } }, { requester });
            }}
          >
            {(toggle) => (
              <UnstyledButton className={styles.person} onClick={toggle} disabled={!mayEdit}>
                {item.requester ? (
                  <>
                    <Face kind={item.requester.kind} name={item.requester.name} />
                    <span>{item.requester.name}</span>
                    <small>{item.requester.email}</small>
                  </>
                ) : (
                  '–'
                )}
              </UnstyledButton>
            )}
          </Picker>
        </Line>
        {item.requester?.kind === 'customer' && me.can.includes('customer.view') && (
          <Line name="">
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  to="/$workspace/customers"
                  params={{ workspace }}
                  search={{ open: item.requester?.id ?? '' }}
                  {...props}
                />
              )}
            >
              {t('item.toCustomer')}
            </Anchor>
          </Line>
        )}
        {item.organization && (
          <Line name={t('item.fields.organization')}>
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link
                  to="/$workspace/organizations"
                  params={{ workspace }}
                  search={{ open: item.organization?.id ?? '' }}
                  {...props}
                />
              )}
            >
              {item.organization.name}
            </Anchor>
          </Line>
        )}
        <Line name={t('item.fields.followers')}>
          <ul className={styles.people}>
            {item.followers.map((person) => (
              <li key={person.id}>
                <Face kind={person.kind} name={person.name} />
                <span>{person.name}</span>
                {person.kind === 'customer' && <small>{t('item.customer')}</small>}
                {mayEdit && (
                  <ActionIcon
                    size={20}
                    aria-label={t('item.removeFollower', { name: person.name })}
                    onClick={() => follow(item.followers.filter(({ id }) => id !== person.id))}
                  >
                    <IconX size={12} />
                  </ActionIcon>
                )}
              </li>
            ))}
            {mayEdit && (
              <li>
                <Picker
                  label={t('item.addFollower')}
                  selected={item.followers.map(({ id }) => id)}
                  options={options}
                  onSearch={setTyped}
                  onPick={([id]) => {
                    const person = people.find((each) => each.id === id);
                    if (person && !item.followers.some((each) => each.id === id)) follow([...item.followers, person]);
                  }}
                >
                  {(toggle) => (
                    <UnstyledButton className={styles.add} onClick={toggle}>
                      <IconPlus size={14} aria-hidden /> {t('item.addFollower')}
                    </UnstyledButton>
                  )}
                </Picker>
              </li>
            )}
          </ul>
        </Line>
        <Line name={t('item.fields.type')}>{item.type.name}</Line>
        <Line name={t('item.fields.statusForCustomers')}>{item.status.customerName}</Line>
        <Line name={t('item.fields.published')}>{t(item.published ? 'item.yes' : 'item.no')}</Line>
        <Line name={t('item.fields.createdAt')}>
          <When at={item.createdAt} />
        </Line>
        <Line name={t('item.fields.updatedAt')}>
          <When at={item.updatedAt} />
        </Line>
        {item.finishedAt && (
          <Line name={t('item.fields.finishedAt')}>
            <When at={item.finishedAt} />
          </Line>
        )}
        {item.links.length > 0 && (
          <Line name={t('item.fields.links')}>
            <ul className={styles.people}>
              {item.links.map((link) => (
                <li key={`${link.relation}.${link.id}`}>
                  <small>{t(`item.relations.${link.relation}`)}</small>
                  <Anchor
                    size="sm"
                    renderRoot={(props) => (
                      <Link to="/$workspace/i/$number" params={{ workspace, number: String(link.number) }} {...props} />
                    )}
                  >
                    {link.number} {link.title}
                  </Anchor>
                </li>
              ))}
            </ul>
          </Line>
        )}
      </dl>
    </div>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={styles.line}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
