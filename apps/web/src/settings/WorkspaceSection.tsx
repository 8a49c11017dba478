import { NumberInput, Select, Stack, Switch } from '@mantine/core';
import { type ChangeWorkspace } from '@sportello/api-client';
import { useTranslation } from 'react-i18next';
import { Field } from '../people/Field.js';
import { languageNames, languages, type Language } from '../shell/language.js';
import { Failed, Loading } from '../shell/States.js';
import { Block } from './Block.js';
import { useChangeWorkspace, useSwitchApp, useWorkspaceSettings } from './settings.queries.js';

const day = 86_400;

export default function WorkspaceSection() {
  const { t } = useTranslation();
  const { data: workspace, error, refetch } = useWorkspaceSettings();
  const { mutate: change } = useChangeWorkspace();
  const { mutate: switchApp } = useSwitchApp();
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  if (!workspace) return <Loading />;
  return (
    <>
      <Block id="company">
        <Stack maw={420}>
          <Field label={t('people.name')} value={workspace.name} required save={(name) => change({ name })} />
          <Select
            label={t('people.language')}
            description={t('settings.workspace.languageHint')}
            value={workspace.language}
            data={languages.map((each) => ({ value: each, label: languageNames[each] }))}
            onChange={(language) => language && change({ language: language as Language })}
          />
          <Select
            label={t('settings.workspace.timeZone')}
            description={t('settings.workspace.timeZoneHint')}
            searchable
            limit={60}
            value={workspace.timeZone}
            data={[...new Set([workspace.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]}
            onChange={(timeZone) => timeZone && change({ timeZone })}
          />
        </Stack>
      </Block>
      <Block id="sight">
        <Select
          maw={420}
          aria-label={t('settings.blocks.sight.title')}
          value={workspace.customerSight}
          data={(['own', 'followed', 'organization', 'nothing'] as const).map((value) => ({
            value,
            label: t(`settings.workspace.sights.${value}`),
          }))}
          onChange={(value) => change({ customerSight: value as ChangeWorkspace['customerSight'] })}
        />
      </Block>
      <Block id="grace">
        <NumberInput
          maw={200}
          size="sm"
          aria-label={t('settings.blocks.grace.title')}
          suffix={` ${t('settings.workspace.days')}`}
          min={0}
          max={365}
          allowDecimal={false}
          defaultValue={Math.round(workspace.graceSeconds / day)}
          onBlur={(event) => {
            const days = Number.parseInt(event.currentTarget.value, 10);
            if (days >= 0 && days * day !== workspace.graceSeconds) change({ graceSeconds: days * day });
          }}
        />
      </Block>
      <Block id="apps">
        <Switch
          label={t('settings.workspace.apps.tickets')}
          description={t('settings.workspace.apps.ticketsHint')}
          checked={workspace.apps.includes('tickets')}
          onChange={(event) => switchApp({ app: 'tickets', on: event.currentTarget.checked })}
        />
      </Block>
    </>
  );
}
