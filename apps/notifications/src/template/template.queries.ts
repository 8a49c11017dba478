import { customerMails, languages, type CustomerMail, type Language, type MailTemplates } from '@sportello/contracts';
import { type Context } from '@sportello/service';
import { type Kysely } from 'kysely';
import { shippedSwitches, shippedTemplates, type TemplateText } from './shipped.js';

/** What a workspace changed; the rest is as shipped. */
export interface TemplateTables {
  mail_template: { workspace_id: string; mail: CustomerMail; language: Language; subject: string; body: string };
  mail_switch: { workspace_id: string; mail: CustomerMail; on: boolean };
}

/** Whether a mail goes to customers by itself. */
export async function isOn(ctx: Context, mail: CustomerMail): Promise<boolean> {
  const row = await ctx
    .db<TemplateTables>()
    .selectFrom('mail_switch')
    .select('on')
    .where('workspace_id', '=', ctx.workspaceId)
    .where('mail', '=', mail)
    .executeTakeFirst();
  return row?.on ?? shippedSwitches[mail];
}

/** The workspace's wording of a mail, or the shipped one. */
export async function templateOf(
  db: Kysely<TemplateTables>,
  workspaceId: string,
  mail: CustomerMail,
  language: Language,
): Promise<TemplateText> {
  const row = await db
    .selectFrom('mail_template')
    .select(['subject', 'body'])
    .where('workspace_id', '=', workspaceId)
    .where('mail', '=', mail)
    .where('language', '=', language)
    .executeTakeFirst();
  return row ?? shippedTemplates[mail][language];
}

/** Every mail in every language, with its switch. */
export async function readTemplates(ctx: Context): Promise<MailTemplates> {
  const db = ctx.db<TemplateTables>();
  const { workspaceId } = ctx;
  const templates = await db.selectFrom('mail_template').selectAll().where('workspace_id', '=', workspaceId).execute();
  const switches = await db.selectFrom('mail_switch').selectAll().where('workspace_id', '=', workspaceId).execute();
  return {
    switches: customerMails.map((mail) => ({
      mail,
      on: switches.find((row) => row.mail === mail)?.on ?? shippedSwitches[mail],
    })),
    templates: customerMails.flatMap((mail) =>
      languages.map((language) => {
        const own = templates.find((row) => row.mail === mail && row.language === language);
        const { subject, body } = own ?? shippedTemplates[mail][language];
        return { mail, language, subject, body, changed: own !== undefined };
      }),
    ),
  };
}
