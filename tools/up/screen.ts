import { type State } from './state.ts';

/** The one screen on which `up` ends. */
export function screen({ web, smtp, mailbox, demo }: State): string {
  const account = ({ name, role, email, password }: NonNullable<State['demo']>['users'][number]) =>
    `    ${name.padEnd(22)}${role.padEnd(16)}${email.padEnd(34)}${password}`;
  const lines = [
    '',
    '  Sportello is up.',
    '',
    `  The team's app       ${web}`,
    `  Development mailbox  ${mailbox.url}`,
    `  API                  ${web}/api/docs`,
    `  Mail in by SMTP      ${smtp.host}:${smtp.port}`,
    '',
  ];
  if (demo)
    lines.push(
      `  Demo accounts of the workspace "${demo.workspace}" (mail to ${demo.address}):`,
      ...demo.users.map(account),
      '',
      '  Try first',
      `    1. Open the development mailbox, ${mailbox.url}, as ${demo.customers[0]?.name ?? 'a customer'}, and write a mail to support.`,
      `    2. Open ${web}, enter as ${demo.users[0]?.name ?? 'a user'}: the mail is in the list. Answer it.`,
      '    3. Back in the mailbox, read the answer and reply.',
      '',
    );
  lines.push(
    '  npm run logs    what the services say        npm run down    stop',
    '  npm run reset   delete all data',
    '',
  );
  return lines.join('\n');
}
