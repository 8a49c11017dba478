import { getRouteApi } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { ItemsView } from './ItemsView.js';

const route = getRouteApi('/$workspace/views/$view');

/** A view by its name in the address; `all` is everything, finished ones too. */
export function ViewPage() {
  const { t } = useTranslation();
  const { view } = route.useParams();
  const title = t(`view.names.${view}` as 'view.names.mine', { defaultValue: view });
  return <ItemsView key={view} view={view === 'all' ? null : view} title={title} />;
}
