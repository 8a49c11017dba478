import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { Controller, Module } from '@nestjs/common';
import { type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { signIn, wrongCredentials, type SignIn } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, ServiceModule } from '@sportello/service';
import { eventually, newId, startWorld, type World } from '@sportello/testing';
import { CHROMIUM_ARGUMENTS, ensureChromium } from '@sportello/testing/provision';
import { simpleParser, type ParsedMail } from 'mailparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { chromium, type Browser, type Page } from 'playwright-core';
import { SMTPServer } from 'smtp-server';
import { createGateway } from '../start.js';

const userId = newId();

/** Stands in for identity: knows one password. */
@Controller()
class IdentityStandIn {
  @Handles(signIn)
  async signIn({ password, workspace }: SignIn) {
    if (password !== 'sportello-demo') throw new Refusal(wrongCredentials);
    return { sessionToken: 'a'.repeat(40), expiresAt: new Date(Date.now() + 1e9), workspace, userId };
  }
}

@Module({ imports: [ServiceModule.forService({ name: 'identity', entities: [] })], controllers: [IdentityStandIn] })
class IdentityStandInModule {}

const demo = {
  workspace: 'officina',
  address: 'in-secret@sportello.test',
  users: [{ role: 'administrator', name: 'Anna Conti', email: 'anna@officina.example', password: 'sportello-demo' }],
  customers: [{ name: 'Ola Nordmann', email: 'ola@nordlys.example', organization: 'Nordlys Reiser' }],
};

describe('the development mailbox', () => {
  let world: World;
  let gateway: NestFastifyApplication;
  let browser: Browser;
  let page: Page;
  let smtp: SMTPServer;
  let run: string;
  let base: string;
  const received: ParsedMail[] = [];

  beforeAll(async () => {
    run = await mkdtemp(join(tmpdir(), 'sportello-run-'));
    await mkdir(join(run, 'mailbox'));
    await writeFile(join(run, 'demo.json'), JSON.stringify(demo));
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onData: (stream, _session, done) => void simpleParser(stream).then((mail) => (received.push(mail), done())),
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { port } = smtp.server.address() as AddressInfo;
    const settings = { DEV_MAILBOX_DIR: join(run, 'mailbox'), SMTP_PORT: String(port) };
    world = await startWorld([IdentityStandInModule], settings);
    gateway = await createGateway();
    await gateway.listen(0, '127.0.0.1');
    base = `http://127.0.0.1:${(gateway.getHttpServer().address() as AddressInfo).port}`;
    browser = await chromium.launch({
      executablePath: await ensureChromium(),
      args: CHROMIUM_ARGUMENTS,
    });
    page = await (await browser.newContext()).newPage();
    page.setDefaultTimeout(8000);
  });
  afterAll(async () => {
    await browser.close();
    await gateway.close();
    await world.stop();
    await new Promise<void>((resolve) => smtp.close(resolve));
    await rm(run, { recursive: true });
    delete process.env['DEV_MAILBOX_DIR'];
    delete process.env['SMTP_PORT'];
  });

  /** A mail as the service writes it into the folder. */
  async function aMail(to: string, subject: string, given: object = {}): Promise<void> {
    const composer = new MailComposer({
      from: { name: 'Anna Conti via Officina', address: 'help@officina.example' },
      replyTo: 'in-secret+r.abc@sportello.test',
      to,
      subject,
      messageId: '<s.answer@sportello.test>',
      references: ['<first@nordlys.example>'],
      html: '<p>It works <b>again</b>.</p><script>parent.document.title = "owned"</script>',
      ...given,
    });
    const raw = Buffer.concat([Buffer.from(`X-Envelope-To: ${to}\r\n`), await composer.compile().build()]);
    await writeFile(join(run, 'mailbox', `${new Date().toISOString().replace(/[:.]/g, '-')}-${newId()}.eml`), raw);
  }
  // What is inside the frame is the sender's, and runs no scripts, axe's neither.
  const axe = async () =>
    (await new AxeBuilder({ page }).exclude('iframe').analyze()).violations.map(({ id, nodes }) => [
      id,
      nodes[0]?.html,
    ]);
  /** fetch sets the host itself; a name that somebody pointed here comes by hand. */
  const statusOf = (path: string, headers: Record<string, string>, method = 'GET') =>
    new Promise<number>((resolve, reject) => {
      const request = httpRequest(`${base}${path}`, { headers, method }, (answer) =>
        resolve(answer.resume().statusCode ?? 0),
      );
      request.on('error', reject).end();
    });

  it('given no mail yet, when a customer writes to support with a file, then it goes to the workspace by SMTP', async () => {
    await page.goto(`${base}/dev/mailbox`);
    expect(await page.title()).toContain('Ola Nordmann');
    expect(await axe()).toEqual([]);
    await page.getByRole('link', { name: 'Write to support' }).click();
    expect(await axe()).toEqual([]);
    await page.getByLabel('Subject').fill('Døra er låst');
    await page.getByLabel('Your mail').fill('Hei,\nkan dere hjelpe?');
    await page
      .getByLabel('Files')
      .setInputFiles({ name: 'bilde.png', mimeType: 'image/png', buffer: Buffer.from('png') });
    await page.getByRole('button', { name: 'Send' }).click();
    await page.getByText('Sent. The answer will show up here by itself.').waitFor();
    expect(received).toHaveLength(1);
    const [mail] = received;
    expect(mail?.from?.value).toEqual([{ name: 'Ola Nordmann', address: 'ola@nordlys.example' }]);
    expect([mail?.to].flat()[0]?.text).toBe(demo.address);
    expect([mail?.subject, mail?.text?.trim()]).toEqual(['Døra er låst', 'Hei,\nkan dere hjelpe?']);
    expect(mail?.attachments.map(({ filename, content }) => [filename, content.toString()])).toEqual([
      ['bilde.png', 'png'],
    ]);
  });

  it('given the page is open, when an answer comes, then it shows by itself, runs nothing, and a reply is threaded', async () => {
    await aMail('ola@nordlys.example', 'Re: Døra er låst [#1001]', {
      attachments: [{ filename: 'guide.pdf', content: 'pdf' }],
    });
    await page.getByRole('heading', { name: 'Re: Døra er låst [#1001]' }).waitFor();
    await page.frameLocator('iframe').getByText('It works again.').waitFor();
    expect(await page.title()).toContain('Ola Nordmann');
    const downloading = page.waitForEvent('download');
    await page.getByRole('link', { name: 'guide.pdf' }).click();
    expect((await downloading).suggestedFilename()).toBe('guide.pdf');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axe()).toEqual([]);
    }
    await page.getByRole('link', { name: 'Reply' }).click();
    const text = page.getByLabel('Your mail');
    await text.fill(`Takk!${await text.inputValue()}`);
    await page.getByRole('button', { name: 'Send' }).click();
    await eventually(() => expect(received).toHaveLength(2));
    const reply = received[1];
    expect([reply?.to].flat()[0]?.text).toBe('in-secret+r.abc@sportello.test');
    expect(reply?.inReplyTo).toBe('<s.answer@sportello.test>');
    expect(reply?.references).toEqual(['<first@nordlys.example>', '<s.answer@sportello.test>']);
    expect(reply?.text?.split('\n')).toEqual([
      'Takk!',
      '',
      expect.stringMatching(/^On .+, Anna Conti via Officina wrote:$/),
      '> It works again.',
      '',
    ]);
  });

  it('given scripts are off, when somebody picks a person and a mail, then the page works as well', async () => {
    await aMail('anna@officina.example', 'Ola wrote');
    const context = await browser.newContext({ javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${base}/dev/mailbox`);
    await plain.getByLabel('You are').selectOption('anna@officina.example');
    await plain.getByRole('button', { name: 'Go' }).click();
    await plain.getByRole('heading', { name: 'Ola wrote' }).waitFor();
    await context.close();
  });

  it('given a demo user, when the visitor enters as them, then there is a session; as anybody else, there is not', async () => {
    const accounts = await (await fetch(`${base}/dev/accounts`)).json();
    expect(accounts).toEqual([
      { name: 'Anna Conti', role: 'administrator', email: 'anna@officina.example', workspace: 'officina' },
    ]);
    const enter = (email: string) =>
      fetch(`${base}/dev/enter`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Origin: base },
        body: JSON.stringify({ email }),
      });
    const entered = await enter('anna@officina.example');
    expect(await entered.json()).toEqual({ workspace: 'officina', userId });
    expect(entered.headers.get('set-cookie')).toMatch(/^sportello_session=a{40};.*HttpOnly/);
    const refused = await enter('ola@nordlys.example');
    expect([refused.status, refused.headers.get('set-cookie')]).toEqual([404, null]);
  });

  it('given another site, another name for this machine, or a path out of the folder, when it is asked, then there is nothing', async () => {
    const { host } = new URL(base);
    expect(await statusOf('/dev/accounts', { host })).toBe(200);
    expect(await statusOf('/dev/accounts', { host: 'attacker.example' })).toBe(404);
    expect(await statusOf('/dev/enter', { host, origin: 'https://attacker.example' }, 'POST')).toBe(404);
    expect(await statusOf('/dev/mailbox/..%2Fdemo/files/0', { host })).toBe(404);
  });
});
