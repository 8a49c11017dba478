import './moreStyles.js';

import { Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Dialog } from './Dialog.js';
import { onMac } from './Caps.js';
import { bindings, capsOf, keyGroups } from './keys.js';
import { usePreferences } from './preferences.js';
import styles from './KeysOverview.module.css';

/** `?`: every key, and the switch that turns them off. */
export default function KeysOverview({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation();
  const [preferences, prefer] = usePreferences();
  return (
    <Dialog opened={opened} onClose={close} title={t('keys.title')} size="lg">
      <Switch
        label={t('keys.on')}
        description={t('keys.onHint')}
        checked={preferences.keys}
        onChange={(event) => prefer({ keys: event.currentTarget.checked })}
      />
      <div className={styles.groups}>
        {keyGroups.map((group) => (
          <section key={group}>
            <h3>{t(`keys.groups.${group}`)}</h3>
            <dl>
              {bindings
                .filter((binding) => binding.group === group)
                .map(({ command }) => (
                  <div key={command} className={styles.line}>
                    <dt>{t(`keys.commands.${command.replace('.', '-') as 'next'}`)}</dt>
                    <dd>
                      {capsOf(command, onMac).map((cap) => (
                        <kbd key={cap}>{cap}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
