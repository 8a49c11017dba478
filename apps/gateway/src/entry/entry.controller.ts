import { Body, Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  acceptInvitation,
  AcceptInvitation,
  postAcceptInvitation,
  postResetPassword,
  postSignIn,
  postSignOut,
  postSignUp,
  ResetPassword,
  resetPassword,
  SignedIn,
  SignIn,
  signIn,
  signOut,
  SignUp,
  signUp,
  type SessionOpened,
} from '@sportello/contracts';
import { validate, type Class, type Operation } from '@sportello/kernel';
import { CLIENT, CONFIG, type Config, type OperationClient } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf, Serves } from '../declared.guard.js';
import { ActorTokens, sessionCookie } from '../session/actor-tokens.js';

/** How somebody comes in: each ends in a session cookie. */
@ApiTags('entry')
@Controller('api/v1')
export class EntryController {
  constructor(
    @Inject(CLIENT) private readonly client: OperationClient,
    @Inject(CONFIG) private readonly config: Config,
    private readonly tokens: ActorTokens,
  ) {}

  @Post('sign-up')
  @Serves(postSignUp)
  @ApiOperation({ operationId: 'signUp', summary: postSignUp.summary })
  @ApiBody({ type: SignUp })
  @ApiResponse({ status: 201, type: SignedIn })
  signUp(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#open(signUp, SignUp, body, request, reply);
  }

  @Post('sign-in')
  @HttpCode(200)
  @Serves(postSignIn)
  @ApiOperation({ operationId: 'signIn', summary: postSignIn.summary })
  @ApiBody({ type: SignIn })
  @ApiResponse({ status: 200, type: SignedIn })
  signIn(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#open(signIn, SignIn, body, request, reply);
  }

  @Post('password-resets')
  @HttpCode(200)
  @Serves(postResetPassword)
  @ApiOperation({ operationId: 'resetPassword', summary: postResetPassword.summary })
  @ApiBody({ type: ResetPassword })
  @ApiResponse({ status: 200, type: SignedIn })
  reset(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#open(resetPassword, ResetPassword, body, request, reply);
  }

  @Post('invitation-acceptances')
  @HttpCode(200)
  @Serves(postAcceptInvitation)
  @ApiOperation({ operationId: 'acceptInvitation', summary: postAcceptInvitation.summary })
  @ApiBody({ type: AcceptInvitation })
  @ApiResponse({ status: 200, type: SignedIn })
  accept(@Body() body: unknown, @Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.#open(acceptInvitation, AcceptInvitation, body, request, reply);
  }

  @Post('sign-out')
  @HttpCode(204)
  @Serves(postSignOut)
  @ApiOperation({ operationId: 'signOut', summary: postSignOut.summary })
  async signOut(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const credential = request.cookies[sessionCookie];
    if (credential) {
      await this.client.call(
        signOut,
        { credential },
        { actorToken: callerOf(request).actorToken, requestId: request.id },
      );
      this.tokens.forget(credential);
    }
    void reply.clearCookie(sessionCookie, { path: '/' });
  }

  /** Opens a session for whoever proved themselves, and puts it into a cookie. */
  async #open<Input extends object>(
    operation: Operation<Input, SessionOpened>,
    dto: Class<Input>,
    body: unknown,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<SignedIn> {
    const input = validate(dto, withAgent(body, request.headers['user-agent']), 'refuse');
    const { actorToken } = callerOf(request);
    const opened = await this.client.call(operation, { ...input }, { actorToken, requestId: request.id });
    this.setCookie(reply, opened);
    return { workspace: opened.workspace, userId: opened.userId };
  }

  /** Lax: the link in a mail opens signed in, another site's form does not post. */
  setCookie(reply: FastifyReply, { sessionToken, expiresAt }: SessionOpened): void {
    void reply.setCookie(sessionCookie, sessionToken, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: this.config.PUBLIC_URL.startsWith('https:'),
      expires: new Date(expiresAt),
    });
  }
}

/** The browser is named by the gateway, not by the form. */
function withAgent(body: unknown, agent: string | undefined): unknown {
  return body && typeof body === 'object' && !('userAgent' in body)
    ? { ...body, userAgent: agent?.slice(0, 300) ?? '' }
    : body;
}
