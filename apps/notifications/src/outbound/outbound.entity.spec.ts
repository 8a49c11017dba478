import { describe, expect, it } from '@jest/globals';
import { recordedEvents } from '@sportello/persistence';
import { OutboundMail } from './outbound.entity.js';

const noon = new Date('2025-11-03T12:00:00Z');
const minutes = (count: number) => new Date(noon.getTime() + count * 60_000);
const aMail = (given: object = {}) =>
  OutboundMail.of({
    ...{
      workspaceId: 'w',
      id: 'm',
      purpose: 'reply',
      occasion: 'o',
      itemId: 'i',
      address: 'lucia@bianchi.test',
      now: noon,
    },
    ...given,
  });

describe('an outbound mail', () => {
  it('given a server that is away, when each try fails, then the next is later, and after two days it has failed', () => {
    const mail = aMail();
    const waits: number[] = [];
    let now = noon;
    for (let tries = 0; tries < 40 && mail.state !== 'failed'; tries += 1) {
      mail.putOff('connection refused', now);
      waits.push((mail.dueAt.getTime() - now.getTime()) / 60_000);
      now = mail.dueAt;
    }
    expect(waits.slice(0, 9)).toEqual([1, 2, 5, 15, 30, 60, 120, 240, 240]);
    expect(mail).toMatchObject({ state: 'failed', detail: 'connection refused' });
    expect(now.getTime() - noon.getTime()).toBeGreaterThan(48 * 3_600_000);
    expect(now.getTime() - noon.getTime()).toBeLessThan(53 * 3_600_000);
  });

  it('given a mail that failed, when a user retries, then it has two days again', () => {
    const mail = aMail();
    mail.bounced('no such user', noon);
    mail.retry(minutes(10_000));
    expect(mail).toMatchObject({
      state: 'queued',
      attempts: 0,
      detail: null,
      dueAt: minutes(10_000),
      giveUpAt: minutes(12_880),
    });
  });

  it("given a mail to a customer, when its state changes, then each change is told; a user's notification is nobody's delivery", () => {
    const [toCustomer, toUser] = [aMail(), aMail({ userId: 'u' })];
    for (const mail of [toCustomer, toUser]) {
      mail.starts({ mailId: 's.x@y', bounceToken: 'b' }, minutes(1));
      mail.arrived(minutes(2));
    }
    expect(recordedEvents(toCustomer).map(({ seq, payload }) => [seq, (payload as { state: string }).state])).toEqual([
      [1, 'queued'],
      [2, 'sending'],
      [3, 'sent'],
    ]);
    expect(recordedEvents(toUser)).toEqual([]);
  });
});
