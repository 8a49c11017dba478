import { Button, Progress } from '@mantine/core';
import { hideNotification, showNotification, updateNotification } from '@mantine/notifications';
import { cancelJob, getJob, type JobState } from '@sportello/api-client';
import i18next from 'i18next';
import styles from './job.module.css';

/** Often enough that the bar moves, seldom enough that nobody pays for it. */
const everyMilliseconds = 400;

/** Waits for the end of a job; one that takes longer than its first answer shows how far it is, with a way to stop it. */
export async function followJob(started: JobState): Promise<JobState> {
  if (started.state !== 'running') return started;
  const id = started.id;
  let job = started;
  showNotification({ id, autoClose: false, withCloseButton: false, message: <HowFar job={job} /> });
  try {
    while (job.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
      job = (await getJob({ path: { id }, throwOnError: true })).data;
      updateNotification({ id, autoClose: false, withCloseButton: false, message: <HowFar job={job} /> });
    }
    return job;
  } finally {
    hideNotification(id);
  }
}

function HowFar({ job: { id, done, total, canCancel } }: { job: JobState }) {
  const words = i18next.t('shell.jobProgress', { done, total });
  return (
    <div className={styles.job}>
      <div className={styles.line}>
        <span>{words}</span>
        {canCancel && (
          <Button variant="subtle" size="compact-sm" onClick={() => void cancelJob({ path: { id } })}>
            {i18next.t('shell.stop')}
          </Button>
        )}
      </div>
      <Progress value={(100 * done) / Math.max(total, 1)} size="sm" aria-label={words} />
    </div>
  );
}
