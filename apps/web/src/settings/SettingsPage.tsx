import '../shell/moreStyles.js';

import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe, useWorkspace } from '../shell/session.js';
import { Empty, Loading } from '../shell/States.js';
import { blocks, sections, type SettingsSection } from './sections.js';
import styles from './SettingsPage.module.css';

const AccountSection = lazy(() => import('./AccountSection.js'));
const WorkspaceSection = lazy(() => import('./WorkspaceSection.js'));
const PeopleSection = lazy(() => import('./PeopleSection.js'));
const TypesSection = lazy(() => import('./TypesSection.js'));
const MailSection = lazy(() => import('./MailSection.js'));
const QuarantineSection = lazy(() => import('../mail/QuarantineSection.js'));
const DevelopersSection = lazy(() => import('./DevelopersSection.js'));

const pages: Record<SettingsSection, ReactNode> = {
  account: <AccountSection />,
  workspace: <WorkspaceSection />,
  people: <PeopleSection />,
  types: <TypesSection />,
  mail: <MailSection />,
  quarantine: <QuarantineSection />,
  developers: <DevelopersSection />,
};

/** On a phone the sections are one line to draw along: the present one is in it. */
const intoView = (link: HTMLElement | null) => link?.scrollIntoView({ block: 'nearest', inline: 'center' });

/** One searchable page. What somebody may not change is not there. */
export function SettingsPage() {
  const { t } = useTranslation();
  const me = useMe();
  const workspace = useWorkspace();
  const navigate = useNavigate();
  const { section = 'account' } = useParams({ strict: false }) as { section?: string };
  const [text, setText] = useState('');
  const mine = sections.filter(({ permission }) => (me.can as string[]).includes(permission));
  const current = mine.find((each) => each.section === section);
  const words = text.trim().toLowerCase();
  const found = words
    ? blocks.filter(
        ({ section: of, id }) =>
          mine.some((each) => each.section === of) &&
          `${t(`settings.blocks.${id}.title`)} ${t(`settings.blocks.${id}.hint`)} ${t(`settings.sections.${of}`)}`
            .toLowerCase()
            .includes(words),
      )
    : [];

  return (
    <div className={styles.page}>
      <nav className={styles.nav} aria-label={t('shell.settings')}>
        <h1>{t('shell.settings')}</h1>
        <TextInput
          size="xs"
          leftSection={<IconSearch size={14} aria-hidden />}
          placeholder={t('settings.search')}
          aria-label={t('settings.search')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            const [first] = found;
            if (event.key !== 'Enter' || !first) return;
            void navigate({
              to: '/$workspace/settings/$section',
              params: { workspace, section: first.section },
              hash: first.id,
            });
          }}
        />
        <ul>
          {words
            ? found.map(({ section: of, id }) => (
                <li key={id}>
                  <Link to="/$workspace/settings/$section" params={{ workspace, section: of }} hash={id}>
                    {t(`settings.blocks.${id}.title`)}
                    <small>{t(`settings.sections.${of}`)}</small>
                  </Link>
                </li>
              ))
            : mine.map(({ section: of }) => (
                <li key={of}>
                  <Link
                    to="/$workspace/settings/$section"
                    params={{ workspace, section: of }}
                    aria-current={of === section ? 'page' : undefined}
                    ref={of === section ? intoView : undefined}
                  >
                    {t(`settings.sections.${of}`)}
                  </Link>
                </li>
              ))}
          {words && found.length === 0 && <li className={styles.none}>{t('shell.nothingFound')}</li>}
        </ul>
      </nav>
      <main className={styles.content} key={section} tabIndex={-1}>
        {current ? (
          <div className={styles.column}>
            <Suspense fallback={<Loading />}>{pages[current.section]}</Suspense>
          </div>
        ) : (
          <Empty>{t('shell.nothingHere')}</Empty>
        )}
      </main>
    </div>
  );
}
