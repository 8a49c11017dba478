import { Controller } from '@nestjs/common';
import {
  badTemplate,
  getMailTemplates,
  setCustomerMailSwitch,
  setMailTemplate,
  type CustomerMailSwitch,
  type SetMailTemplate,
} from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { Handles, type Context } from '@sportello/service';
import { exampleValues, wordingOf } from './liquid.js';
import { readTemplates, type TemplateTables } from './template.queries.js';

/** How the mails are worded that customers get by themselves, and which of them they get. */
@Controller()
export class TemplateOperations {
  @Handles(getMailTemplates)
  get(_input: object, ctx: Context) {
    return readTemplates(ctx);
  }

  @Handles(setMailTemplate)
  async set({ mail, language, subject, body }: SetMailTemplate, ctx: Context) {
    const db = ctx.db<TemplateTables>();
    const key = { workspace_id: ctx.workspaceId, mail, language };
    if ((subject === null) !== (body === null))
      throw new Refusal(badTemplate, { detail: 'Give a subject and a body, or neither: back to the shipped wording.' });
    if (subject === null || body === null) {
      await db
        .deleteFrom('mail_template')
        .where('workspace_id', '=', key.workspace_id)
        .where('mail', '=', mail)
        .where('language', '=', language)
        .execute();
    } else {
      // Tried out before it is kept: a template that fails would hold back every mail that it words.
      const tried = wordingOf({ subject, body }, exampleValues);
      if (!tried.subject || !tried.text) throw new Refusal(badTemplate, { detail: 'Nothing is left to read.' });
      await db
        .insertInto('mail_template')
        .values({ ...key, subject, body })
        .onConflict((conflict) => conflict.columns(['workspace_id', 'mail', 'language']).doUpdateSet({ subject, body }))
        .execute();
    }
    return readTemplates(ctx);
  }

  @Handles(setCustomerMailSwitch)
  async switch({ mail, on }: CustomerMailSwitch, ctx: Context) {
    await ctx
      .db<TemplateTables>()
      .insertInto('mail_switch')
      .values({ workspace_id: ctx.workspaceId, mail, on })
      .onConflict((conflict) => conflict.columns(['workspace_id', 'mail']).doUpdateSet({ on }))
      .execute();
    return readTemplates(ctx);
  }
}
