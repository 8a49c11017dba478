import { useTranslation } from 'react-i18next';
import { FirstSteps } from './FirstSteps.js';
import { ItemsView } from './ItemsView.js';

/** My work: what is assigned to me and open. A new workspace opens on its first steps. */
export function HomePage() {
  const { t } = useTranslation();
  return (
    <ItemsView view="mine" title={t('shell.home')}>
      <FirstSteps />
    </ItemsView>
  );
}
