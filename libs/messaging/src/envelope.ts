import { type EventDefinition } from '@sportello/kernel';

/** Who did it, as events tell it. */
export type EventActor = { kind: 'user' | 'customer'; id: string } | { kind: 'service'; service: string };

/**
 * An event on the wire: CloudEvents 1.0, with our own attributes `workspace`, `seq` and `actor`.
 * `Facts` are the access facts before and after; an aggregate that access does not depend on has none.
 */
export interface EventEnvelope<Payload = unknown, Facts = unknown> {
  specversion: '1.0';
  id: string;
  source: string;
  /** The event definition's id. */
  type: string;
  /** The aggregate's id. */
  subject: string;
  time: string;
  workspace: string;
  /** Of the aggregate, without gaps. */
  seq: number;
  actor: EventActor | null;
  /** The job whose chunk it is part of. */
  job?: EventJob;
  data: {
    after: Payload;
    changed: readonly string[];
    was: Facts | null;
    is: Facts | null;
    /** Concerns only an internal thread. */
    internal: boolean;
    /** The payload for customers; null never reaches one. */
    customer: unknown;
  };
}

/** What subscribers know of the job behind an event: enough to tell each person once. */
export interface EventJob {
  id: string;
  /** Its last chunk. */
  ends: boolean;
  /** The job that it takes back. */
  undoes: string | null;
}

/** Events of one kind that a chunk of a job led to, as one on the wire: what they share once, and what each has of its own. */
export interface EventBatch extends Omit<EventEnvelope, 'data'> {
  many: Pick<EventEnvelope, 'id' | 'subject' | 'seq' | 'data'>[];
}

/** The events of a message, each as if it had come alone: subscribers know of no batches. */
export function unbatch<Payload, Facts>(
  message: EventEnvelope<Payload, Facts> | EventBatch,
): EventEnvelope<Payload, Facts>[] {
  if (!('many' in message)) return [message];
  const { many, ...shared } = message;
  return many.map((own) => ({ ...shared, ...own }) as EventEnvelope<Payload, Facts>);
}

/** `evt.tickets.item.created.<workspace>` */
export function eventSubject(event: EventDefinition, workspaceId: string): string {
  return `evt.${event.id}.${workspaceId}`;
}

/** The aggregate's name in an event id: `tickets.item.created` → `item`. */
export function aggregateOf(eventId: string): string {
  return eventId.split('.')[1] as string;
}

/** An event is at most this many bytes, checked at flush: larger ones would come near the bus's limit of 1 MB. */
export const maxEventBytes = 256 * 1024;
