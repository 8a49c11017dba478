import { Button } from '@mantine/core';
import { hideNotification, showNotification } from '@mantine/notifications';
import i18next from 'i18next';
import styles from './undo.module.css';

interface Undoable {
  id: string;
  run: () => void;
}

const done: Undoable[] = [];

/** Says what was done and offers to take it back, for ten seconds by button and until the next by `z`. */
export function offerUndo(message: string, run: () => void): void {
  const id = crypto.randomUUID();
  const once = () => {
    const index = done.findIndex((each) => each.id === id);
    if (index < 0) return;
    done.splice(index, 1);
    hideNotification(id);
    run();
  };
  done.push({ id, run: once });
  if (done.length > 20) done.shift();
  showNotification({
    id,
    autoClose: 10_000,
    withCloseButton: false,
    message: (
      <div className={styles.notice}>
        <span>{message}</span>
        <Button variant="subtle" size="compact-sm" onClick={once}>
          {i18next.t('shell.undo')}
        </Button>
      </div>
    ),
  });
}

/** Takes back what was done last. */
export const undoLast = () => done.at(-1)?.run();

/** A sentence that goes by itself. */
export const say = (message: string) => showNotification({ message, withCloseButton: false, autoClose: 3500 });

/** A sentence about something that did not work. */
export const sayFailed = (message: string) => showNotification({ message, color: 'red', autoClose: 8000 });
