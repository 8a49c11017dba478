import { Inject, Injectable } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/nats-core';
import { getSight, registry } from '@sportello/contracts';
import { ownerOf } from '@sportello/kernel';
import { accessApplied } from '@sportello/messaging';
import { CONNECTION } from '@sportello/service';

const owners = [...registry.events.values()].filter(({ access }) => access.length).map(({ id }) => ownerOf(id));

/** Knows whether the service that tells grants has heard of the latest change of access: what it told before is out of date. */
@Injectable()
export class Grants {
  readonly #latest = new Map<string, number>();
  #asked: Promise<boolean> | null = null;

  constructor(@Inject(CONNECTION) private readonly connection: NatsConnection) {}

  /** What happened up to here, nobody has looked at. */
  begin(sequence: number): void {
    for (const owner of owners) this.changed(owner, sequence);
  }

  /** An event of this owner changed what somebody may see. */
  changed(owner: string, sequence: number): void {
    this.#latest.set(owner, sequence);
    this.#asked = null;
  }

  /** Waits for it, one question for all browsers. @returns false when it is not so after a second */
  current(): Promise<boolean> {
    if (!this.#latest.size) return Promise.resolve(true);
    this.#asked ??= this.#ask();
    return this.#asked;
  }

  async #ask(): Promise<boolean> {
    const asked = [...this.#latest];
    const reader = ownerOf(getSight.id);
    const answers = await Promise.all(
      asked.map(([owner, sequence]) => accessApplied(this.connection, owner, sequence, reader)),
    ).catch(() => [false]);
    const done = answers.every(Boolean);
    for (const [owner, sequence] of asked) {
      if (this.#latest.get(owner) !== sequence) continue;
      if (done) this.#latest.delete(owner);
      this.#asked = null;
    }
    return done;
  }
}
