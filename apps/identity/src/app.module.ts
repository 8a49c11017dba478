import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { ServiceModule } from '@sportello/service';
import { CustomerSchema } from './customer/customer.entity.js';
import { CustomerOperations } from './customer/customer.operations.js';
import { SenderOperations } from './customer/sender.operations.js';
import { PasswordSchema } from './entry/password.entity.js';
import { ResetOperations } from './entry/reset.operations.js';
import { SignInOperations } from './entry/sign-in.operations.js';
import { SignUpOperations } from './entry/sign-up.operations.js';
import { InvitationSchema } from './invitation/invitation.entity.js';
import { AcceptanceOperations } from './invitation/acceptance.operations.js';
import { InvitationOperations } from './invitation/invitation.operations.js';
import { LinkOperations } from './link/link.operations.js';
import { LinkRequestSchema } from './link/link-request.entity.js';
import { OrganizationSchema } from './organization/organization.entity.js';
import { OrganizationOperations } from './organization/organization.operations.js';
import { PersonOperations } from './person/person.operations.js';
import { SessionSchema } from './session/session.entity.js';
import { SessionOperations } from './session/session.operations.js';
import { SnapshotOperations } from './snapshot/snapshot.operations.js';
import { TeamSchema } from './team/team.entity.js';
import { TeamOperations } from './team/team.operations.js';
import { ApiTokenSchema } from './token/token.entity.js';
import { TokenOperations } from './token/token.operations.js';
import { AccountOperations } from './user/account.operations.js';
import { Epochs } from './user/epochs.js';
import { UserSchema } from './user/user.entity.js';
import { UserOperations } from './user/user.operations.js';
import { DkimKeySchema } from './workspace/dkim-key.entity.js';
import { ForwardedAddressSchema } from './workspace/forwarded-address.entity.js';
import { ForwardedAddressOperations } from './workspace/forwarded-address.operations.js';
import { WorkspaceSchema } from './workspace/workspace.entity.js';
import { WorkspaceOperations } from './workspace/workspace.operations.js';

/** Workspaces, the people in them, and how they come in. */
@Module({
  imports: [
    ServiceModule.forService({
      name: 'identity',
      migrations: join(import.meta.dirname, 'migrations'),
      entities: [
        ApiTokenSchema,
        CustomerSchema,
        DkimKeySchema,
        ForwardedAddressSchema,
        InvitationSchema,
        LinkRequestSchema,
        OrganizationSchema,
        PasswordSchema,
        SessionSchema,
        TeamSchema,
        UserSchema,
        WorkspaceSchema,
      ],
    }),
  ],
  controllers: [
    AcceptanceOperations,
    AccountOperations,
    CustomerOperations,
    ForwardedAddressOperations,
    InvitationOperations,
    LinkOperations,
    OrganizationOperations,
    PersonOperations,
    ResetOperations,
    SenderOperations,
    SessionOperations,
    SnapshotOperations,
    SignInOperations,
    SignUpOperations,
    TeamOperations,
    TokenOperations,
    UserOperations,
    WorkspaceOperations,
  ],
  providers: [Epochs],
})
export class AppModule {}
