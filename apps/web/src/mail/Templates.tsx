import { Button, Collapse, Group, SegmentedControl, Stack, Switch } from '@mantine/core';
import {
  getMailTemplatesOptions,
  getMailTemplatesQueryKey,
  setCustomerMailSwitch,
  setMailTemplate,
  type CustomerMailSwitch,
  type MailTemplate,
  type SetMailTemplate,
} from '@sportello/api-client';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Field } from '../people/Field.js';
import { Block } from '../settings/Block.js';
import { useSave } from '../settings/settings.queries.js';
import { languageNames, languages, type Language } from '../shell/language.js';
import { useMe } from '../shell/session.js';
import { Loading } from '../shell/States.js';
import styles from './Mail.module.css';

/** Mails that go to customers by themselves: each with a switch and a wording per language. */
export function Templates() {
  const { t } = useTranslation();
  const { data } = useQuery(getMailTemplatesOptions());
  return (
    <Block id="templates">
      {!data ? (
        <Loading lines={4} />
      ) : (
        data.switches.map((each) => (
          <Mail key={each.mail} of={each} templates={data.templates.filter(({ mail }) => mail === each.mail)} />
        ))
      )}
      {data && <small>{t('settings.mail.liquid')}</small>}
    </Block>
  );
}

function Mail({ of, templates }: { of: CustomerMailSwitch; templates: MailTemplate[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const queryClient = useQueryClient();
  const [opened, setOpened] = useState(false);
  const [language, setLanguage] = useState<Language>(me.workspace.language);
  const keep = (data: unknown) => queryClient.setQueryData(getMailTemplatesQueryKey(), data as never);
  const turn = useSave(async (on: boolean) =>
    keep((await setCustomerMailSwitch({ body: { mail: of.mail, on }, throwOnError: true })).data),
  );
  const word = useSave(async (body: SetMailTemplate) =>
    keep((await setMailTemplate({ body, throwOnError: true })).data),
  );
  const template = templates.find((each) => each.language === language);
  return (
    <div className={styles.template}>
      <Group justify="space-between" wrap="nowrap">
        <Switch
          label={t(`settings.mail.mails.${of.mail}.name`)}
          description={t(`settings.mail.mails.${of.mail}.hint`)}
          checked={of.on}
          onChange={(event) => turn.mutate(event.currentTarget.checked)}
        />
        <Button variant="default" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {t('settings.mail.wording')}
        </Button>
      </Group>
      <Collapse expanded={opened}>
        <Stack mt="md" gap="sm">
          <SegmentedControl
            size="xs"
            value={language}
            aria-label={t('people.language')}
            onChange={(value) => setLanguage(value as Language)}
            data={languages.map((value) => ({ value, label: languageNames[value] }))}
          />
          {template && (
            <div key={`${language}.${template.subject}.${template.body.length}`} className={styles.body}>
              <Field
                label={t('conversation.subject')}
                value={template.subject}
                required
                save={(subject) => word.mutate({ mail: of.mail, language, subject, body: template.body })}
              />
              <Field
                label={t('settings.mail.body')}
                multiline
                value={template.body}
                required
                save={(body) => word.mutate({ mail: of.mail, language, subject: template.subject, body })}
              />
              {template.changed && (
                <Button
                  mt="sm"
                  variant="default"
                  onClick={() => word.mutate({ mail: of.mail, language, subject: null, body: null })}
                >
                  {t('settings.mail.shipped')}
                </Button>
              )}
            </div>
          )}
        </Stack>
      </Collapse>
    </div>
  );
}
