import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { HOSTS, logOf } from './hosts.ts';
import { Failure } from './steps.ts';

const POLL_MS = 250;
/** How much of a log is shown to begin with. */
const TAIL_BYTES = 32 * 1024;

/** Shows the end of the services' logs and what comes; of one service, if named. Until Ctrl-C, or once without `follow`. */
export async function showLogs(service: string | undefined, follow: boolean): Promise<void> {
  const hosts = Object.entries(HOSTS)
    .filter(([, services]) => !service || (services as readonly string[]).includes(service))
    .map(([host]) => host);
  if (!hosts.length)
    throw new Failure(`There is no service ${service}.`, `The services are ${Object.values(HOSTS).flat().join(', ')}.`);

  const readers = hosts.map((host) => new LogReader(logOf(host)));
  for (;;) {
    for (const reader of readers)
      for (const line of reader.newLines().map(readable))
        if (!service || line.service === service) process.stdout.write(`${line.text}\n`);
    if (!follow) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** A record of Nest's logger on one line; what is no record (a crash's stack) stays as it is. */
function readable(line: string): { service?: string; text: string } {
  try {
    const record = JSON.parse(line) as {
      level: string;
      timestamp: number;
      service?: string;
      context?: string;
      message: unknown;
      stack?: unknown;
    };
    const time = new Date(record.timestamp).toISOString().slice(11, 23);
    const message = typeof record.message === 'string' ? record.message : JSON.stringify(record.message);
    const origin = [record.service, record.context].filter(Boolean).join(' ');
    const stack = record.stack ? `\n${String(record.stack)}` : '';
    return {
      service: record.service,
      text: `${time} ${record.level.toUpperCase().padEnd(5)} [${origin}] ${message}${stack}`,
    };
  } catch {
    return { text: line };
  }
}

class LogReader {
  private position: number | undefined;
  private rest = '';
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  newLines(): string[] {
    if (!existsSync(this.file)) return [];
    const descriptor = openSync(this.file, 'r');
    try {
      const { size } = fstatSync(descriptor);
      // Shorter than before: a new log.
      if (this.position === undefined || this.position > size) this.position = Math.max(0, size - TAIL_BYTES);
      const chunk = Buffer.alloc(size - this.position);
      readSync(descriptor, chunk, 0, chunk.length, this.position);
      this.position = size;
      const lines = (this.rest + chunk.toString()).split('\n');
      this.rest = lines.pop() ?? '';
      return lines.filter((line) => line.trim());
    } finally {
      closeSync(descriptor);
    }
  }
}
