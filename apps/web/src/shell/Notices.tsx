import { Notifications } from '@mantine/notifications';
import styles from './Notices.module.css';

/** Where short messages appear: what was done, with Undo, and what did not work. */
export default function Notices() {
  return (
    <Notifications
      position="bottom-left"
      limit={3}
      autoClose={6000}
      zIndex={500}
      containerWidth={380}
      classNames={{ root: styles.notices }}
    />
  );
}
