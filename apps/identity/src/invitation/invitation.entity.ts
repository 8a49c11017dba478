import { defineEntity, p } from '@mikro-orm/postgresql';
import { invitationSent, linkVoid } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { type WorkspaceRole } from '@sportello/permissions';
import { record } from '@sportello/persistence';

export const InvitationSchema = defineEntity({
  name: 'Invitation',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    email: p.string(),
    role: p.string().$type<WorkspaceRole>(),
    teamIds: p.array(),
    invitedById: p.uuid(),
    sending: p.integer(),
    sentAt: p.datetime(),
    expiresAt: p.datetime(),
    seq: p.integer(),
  },
});

const goodForMilliseconds = 7 * 86_400_000;

/** What an invitation offers, and who does. */
export interface Offer {
  role: WorkspaceRole;
  teamIds: readonly string[];
  invitedById: string;
}

/** An offer to join the team, by mail. */
export class Invitation extends InvitationSchema.class {
  static create(parts: { workspaceId: string; id: string; email: string }): Invitation {
    return Object.assign(new Invitation(), { ...parts, sending: 0, seq: 0 });
  }

  /** Sends it, again too: then links of earlier mails are void. */
  send(offer: Offer, now: Date): void {
    Object.assign(this, { ...offer, teamIds: [...new Set(offer.teamIds)] });
    this.sending += 1;
    this.sentAt = now;
    this.expiresAt = new Date(now.getTime() + goodForMilliseconds);
    record(this, invitationSent, { id: this.id });
  }

  /** @throws Refusal `link_void` */
  refuseIfExpired(now: Date): void {
    if (this.expiresAt <= now) throw new Refusal(linkVoid);
  }
}
InvitationSchema.setClass(Invitation);
