import { ConsoleLogger, Logger, type LogLevel } from '@nestjs/common';

const levels = ['fatal', 'error', 'warn', 'log', 'debug'] as const;

/**
 * The process's log: a JSON object a line. Several services may share a process and therefore this logger, so the service stands in the
 * context that each line carries, `tickets/Events`, and becomes a field of its own here.
 * @param level the least that is written: fatal, error, warn, log or debug
 */
export function processLogger(level = 'warn'): ConsoleLogger {
  const upTo = Math.max(levels.indexOf(level as 'warn'), 1) + 1;
  return new JsonLogger({ json: true, logLevels: levels.slice(0, upTo) });
}

class JsonLogger extends ConsoleLogger {
  protected override getJsonLogObject(message: unknown, options: Parameters<ConsoleLogger['getJsonLogObject']>[1]) {
    const [service, part] = (options.context ?? '').split('/');
    const record = super.getJsonLogObject(message, { ...options, context: part ?? service ?? '' });
    const details = typeof message === 'object' && message !== null && 'message' in message ? message : { message };
    return { ...record, ...(part && { service }), ...details } as {
      level: LogLevel;
      pid: number;
      timestamp: number;
      message: unknown;
    };
  }
}

/** Writes to the log for one part of one service. Details are fields of the line; never a secret, never a mail's words. */
export class ServiceLog {
  readonly #logger: Logger;

  constructor(service: string, part: string) {
    this.#logger = new Logger(`${service}/${part}`);
  }

  info(details: object, message: string): void {
    this.#logger.log({ message, ...details });
  }

  warn(details: object, message: string): void {
    this.#logger.warn({ message, ...details });
  }

  error(details: object, message: string): void {
    this.#logger.error({ message, ...details });
  }
}
