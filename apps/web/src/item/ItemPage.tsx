import { getRouteApi, useNavigate, useRouter } from '@tanstack/react-router';
import { readPreferences } from '../shell/preferences.js';
import { ItemPanel } from './ItemPanel.js';
import styles from './ItemPage.module.css';

const route = getRouteApi('/$workspace/i/$number');

/** A record as a page of its own: the address that is copied and mailed. */
export function ItemPage() {
  const { workspace, number } = route.useParams();
  const navigate = useNavigate();
  const router = useRouter();
  const back = () =>
    router.history.canGoBack()
      ? router.history.back()
      : void navigate({ to: '/$workspace/views/$view', params: { workspace, view: 'all-open' } });
  return (
    <main className={styles.page}>
      <ItemPanel
        key={number}
        reference={number}
        full
        close={back}
        onFinished={() => readPreferences().afterFinish !== 'stay' && back()}
      />
    </main>
  );
}
