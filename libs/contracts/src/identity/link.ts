import { Choice, defineError, defineEvent, EmailAddress, Id, Nested, Text } from '@sportello/kernel';
import { defineOperation } from '../define.js';
import { languages, type Language } from '../shared.js';

/*
 * Mails that let somebody in. Identity says that one is due; `notifications` sends it and asks for the link at the moment of sending, so that
 * no event and no queue holds a secret (the stream keeps events for 7 days).
 */

/** Which mail is due. */
export class LinkDue {
  @Id() id!: string;
}

export const invitationSent = defineEvent({
  id: 'identity.invitation.sent',
  payload: LinkDue,
  summary: 'Somebody is invited to the team, or once more: a mail with the link is due',
});
export const resetRequested = defineEvent({
  id: 'identity.reset.requested',
  payload: LinkDue,
  summary: 'A user asked to choose a new password: a mail with the link is due',
});
export const reminderRequested = defineEvent({
  id: 'identity.reminder.requested',
  payload: LinkDue,
  summary: 'A user asked which workspaces they have: a mail with the list is due',
});

export const linkKinds = ['invitation', 'password-reset', 'workspaces'] as const;
export type LinkKind = (typeof linkKinds)[number];

export class MintLink {
  @Choice(linkKinds) kind!: LinkKind;
  @Id({ description: 'From the event' }) id!: string;
}

/** One line of a reminder. */
export class ReminderWorkspace {
  @Text({ max: 200 }) name!: string;
  @Text({ max: 40 }) slug!: string;
}

/** Everything that such a mail says. */
export class MintedLink {
  @EmailAddress() to!: string;
  @Text({ max: 200, description: 'Empty for who is no user yet' }) toName!: string;
  @Choice(languages) language!: Language;
  @Text({ max: 200 }) workspaceName!: string;
  @Text({ max: 40 }) workspaceSlug!: string;
  @Text({ max: 200, optional: true, description: 'Only of an invitation' }) invitedByName?: string;
  @Text({ max: 300, description: 'Below the public address: "/invitation?token=…"; "/sign-in" of a reminder' })
  path!: string;
  @Nested(() => ReminderWorkspace, { many: 100, optional: true, description: 'Only of a reminder' })
  workspaces?: ReminderWorkspace[];
}

export const linkNotDue = defineError({
  code: 'link_not_due',
  status: 404,
  message: 'This link was used, withdrawn or is too old: there is no mail to send.',
});

export const mintLink = defineOperation({
  id: 'identity.links.mint',
  http: null,
  permission: 'service.only',
  callers: ['notifications'],
  readOnly: true,
  input: MintLink,
  output: MintedLink,
  errors: [linkNotDue],
  summary: 'The link of a mail that is due, and all that the mail says; asked again, the same link',
});
