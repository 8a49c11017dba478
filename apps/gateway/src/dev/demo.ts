import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who is in the demo workspace, as `up` wrote it beside the mailbox. */
export interface Demo {
  workspace: string;
  /** The workspace's inbound address. */
  address: string;
  users: { role: string; name: string; email: string; password: string }[];
  customers: { name: string; email: string; organization: string }[];
}

/** Read anew each time: the demo workspace is made after the gateway has started. Null before that. */
export async function readDemo(mailboxFolder: string): Promise<Demo | null> {
  try {
    return JSON.parse(await readFile(join(mailboxFolder, '..', 'demo.json'), 'utf8')) as Demo;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}
