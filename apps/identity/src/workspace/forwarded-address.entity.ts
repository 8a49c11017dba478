import { defineEntity, p } from '@mikro-orm/postgresql';

export const ForwardedAddressSchema = defineEntity({
  name: 'ForwardedAddress',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    address: p.string(),
    confirmedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});

/** An address of the workspace's company that forwards to the inbound address. */
export class ForwardedAddress extends ForwardedAddressSchema.class {}
ForwardedAddressSchema.setClass(ForwardedAddress);
