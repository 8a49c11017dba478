import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openCarrier, outcomeOf } from './carrier.js';

describe('where mail goes', () => {
  it('given no SMTP_URL and no development mailbox, when the service starts, then it refuses and says what to set', () => {
    expect(() => openCarrier({})).toThrow('SMTP_URL is not set, so no mail could leave.');
  });

  it('given a development mailbox, when a mail is sent, then it lies there whole, with its envelope', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sportello-mailbox-'));
    const carrier = openCarrier({ DEV_MAILBOX_DIR: join(folder, 'mailbox') });
    const raw = Buffer.from('Subject: Hi\r\n\r\nHello\r\n');
    expect(await carrier.carry('id-1', { from: 'b@x.test', to: 'lucia@y.test' }, raw)).toEqual({ kind: 'sent' });
    const names = await readdir(join(folder, 'mailbox'));
    expect(names).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d-]+Z-id-1\.eml$/)]);
    expect(await readFile(join(folder, 'mailbox', names[0] as string), 'utf8')).toBe(
      'X-Envelope-From: b@x.test\r\nX-Envelope-To: lucia@y.test\r\nSubject: Hi\r\n\r\nHello\r\n',
    );
    await rm(folder, { recursive: true });
  });

  it('given a refusal, when it is about this recipient or mail, then it is final; when it is about us, then the mail waits', () => {
    const error = (code: string, responseCode?: number) =>
      outcomeOf(
        Object.assign(new Error('refused'), { code, responseCode, response: `${responseCode} words\nof the server` }),
      );
    expect(error('EENVELOPE', 550)).toEqual({ kind: 'never', detail: '550 words of the server' });
    expect(error('EMESSAGE', 554).kind).toBe('never');
    expect(error('EENVELOPE', 451).kind).toBe('later');
    expect(error('EAUTH', 535).kind).toBe('later');
    expect(error('ECONNECTION', 554).kind).toBe('later');
    expect(outcomeOf(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ESOCKET' }))).toEqual({
      ...{ kind: 'later', detail: 'connect ECONNREFUSED' },
    });
  });
});
