import { Notifications } from '@mantine/notifications';

/** Where short messages appear: what was done, with Undo, and what did not work. */
export default function Notices() {
  return <Notifications position="bottom-center" limit={3} autoClose={6000} zIndex={500} />;
}
