import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { type AccessFacts } from '@sportello/permissions';
import { CONNECTION } from '@sportello/service';

/** Somebody looks at an item, or types there. Good for half a minute. */
export interface PresenceNote {
  workspace: string;
  itemId: string;
  userId: string;
  name: string;
  typing: boolean;
  /** False: they have just left. */
  looking: boolean;
  /** The item's, so that every replica can tell who may know. */
  facts: AccessFacts;
}

const subject = 'gateway.presence';

/** Typing and presence: core NATS between replicas, stored nowhere. */
@Injectable()
export class Presence implements OnApplicationBootstrap {
  readonly #listeners = new Set<(note: PresenceNote) => void>();

  constructor(@Inject(CONNECTION) private readonly connection: NatsConnection) {}

  onApplicationBootstrap(): void {
    this.connection.subscribe(subject, {
      callback: (error, message) => {
        if (!error) for (const listener of this.#listeners) listener(message.json<PresenceNote>());
      },
    });
  }

  tell(note: PresenceNote): void {
    this.connection.publish(subject, JSON.stringify(note));
  }

  /** @returns how to stop listening */
  listen(listener: (note: PresenceNote) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
