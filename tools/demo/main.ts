/**
 * Makes the demo workspace through the public API and real mail, as a first customer would. The last line of its output is JSON: who is in it.
 * Settings: `API_URL` or `PUBLIC_URL`; `SMTP_PORT` and `DEV_MAILBOX_DIR` where mail can be sent and read on this machine.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import nodemailer from 'nodemailer';
import { Api, waitFor } from './api.ts';
import { administrator, agent, customers, mails, organizations, workspace } from './story.ts';

const { API_URL, PUBLIC_URL = 'http://127.0.0.1:8080', SMTP_PORT, DEV_MAILBOX_DIR } = process.env;
const api = new Api(API_URL ?? `${PUBLIC_URL}/api/v1`);

await api.call('POST', '/sign-up', {
  workspaceName: workspace.name,
  slug: workspace.slug,
  timeZone: workspace.timeZone,
  language: workspace.language,
  ...administrator,
});
const { inboundAddress } = await api.call<{ inboundAddress: string }>('GET', '/workspace');
const anna = await api.call<{ token: string }>('POST', '/me/tokens', { name: 'Demo' });
const users = [{ role: 'administrator', ...administrator, token: anna.token }];
if (DEV_MAILBOX_DIR) users.push({ role: 'member', ...agent, token: await invite(DEV_MAILBOX_DIR) });

const organizationIds = new Map<string, string>();
for (const organization of organizations) {
  const { id } = await api.call<{ id: string }>('POST', '/organizations', organization);
  organizationIds.set(organization.name, id);
}
for (const { name, email, organization } of customers) {
  await api.call('POST', '/customers', { name, email, organizationId: organizationIds.get(organization) });
}
if (SMTP_PORT) await writeMails(Number(SMTP_PORT));

process.stdout.write(`${JSON.stringify({ workspace: workspace.slug, address: inboundAddress, users, customers })}\n`);

/** Invites the agent, takes the link from the mail that came, and accepts. */
async function invite(mailbox: string): Promise<string> {
  await api.call('POST', '/invitations', { email: agent.email, role: 'member' });
  const link = await waitFor('The invitation', async () => {
    for (const file of await readdir(mailbox).catch(() => [])) {
      if (!file.endsWith('.eml')) continue;
      const mail = (await readFile(join(mailbox, file), 'utf8')).replace(/=\r?\n/g, '').replaceAll('=3D', '=');
      const token = mail.includes(agent.email) ? /\/invitation\?token=([\w-]{20,200})/.exec(mail)?.[1] : undefined;
      if (token) return token;
    }
    return undefined;
  });
  const per = new Api(API_URL ?? `${PUBLIC_URL}/api/v1`);
  await per.call('POST', '/invitation-acceptances', { token: link, name: agent.name, password: agent.password });
  return (await per.call<{ token: string }>('POST', '/me/tokens', { name: 'Demo' })).token;
}

/** The customers' first mails; the desk works on two of them. */
async function writeMails(port: number): Promise<void> {
  const smtp = nodemailer.createTransport({ host: '127.0.0.1', port, secure: false, ignoreTLS: true });
  type Listed = { data: { id: string; title: string }[] };
  const idOf = new Map<string, string>();
  for (const { from, subject, text } of mails) {
    const { name } = customers.find(({ email }) => email === from) as { name: string };
    await smtp.sendMail({ from: { name, address: from }, to: inboundAddress, subject, text });
    // One after the other, so that the numbers are the same each time.
    const id = await waitFor(`The mail "${subject}"`, async () => {
      const { data } = await api.call<Listed>('GET', '/items?limit=50');
      return data.find(({ title }) => title === subject)?.id;
    });
    idOf.set(subject, id);
  }
  smtp.close();
  const me = await api.call<{ id: string }>('GET', '/me');
  const quay = idOf.get(mails[1]?.subject as string);
  await api.call('PATCH', `/items/${quay}`, { assignees: [{ kind: 'user', id: me.id }], tags: ['booking'] });
  await api.call('POST', `/items/${quay}/messages`, {
    thread: 'internal',
    html: '<p>Quays are on the plan for December. Until then a second “boat” per quay does the trick.</p>',
  });
  await api.call('POST', `/items/${quay}/messages`, {
    thread: 'customer',
    html: '<p>Hi Emma,</p><p>not quite yet, but there is a way around it: add a second boat named after the new quay, and guests can choose it when they book. Shall I set that up for you?</p><p>Best,<br>Anna</p>',
  });
  await api.call('PATCH', `/items/${idOf.get(mails[2]?.subject as string)}`, { priority: 5, tags: ['mail'] });
}
