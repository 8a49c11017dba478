import { type DirectoryCopies } from '@sportello/directory';
import { normaliseAddress } from '@sportello/mail';

/** What notifications keeps of identity's facts. Addresses are kept as they are compared. */
export const directoryCopies: DirectoryCopies = {
  workspace: ({ name, language, timeZone, inboundAddress, replyAddress, apps }) => ({
    ...{ name, language, time_zone: timeZone, apps },
    inbound_address: normaliseAddress(inboundAddress),
    reply_address: replyAddress && normaliseAddress(replyAddress),
  }),
  user: ({ name, email, language, active, role, teamIds }) => ({
    ...{ name, email: email && normaliseAddress(email), language, active },
    ...{ role, team_ids: teamIds },
  }),
  customer: ({ name, email, language, erased }) => ({
    ...{ name, email: email && normaliseAddress(email), language, active: !erased },
    ...{ role: null, team_ids: [] },
  }),
};
