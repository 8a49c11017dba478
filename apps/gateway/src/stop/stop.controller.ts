import { Controller, Get, Headers, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  getMailStop,
  getStopMails,
  grantStopLink,
  postStopMails,
  stopMails,
  type StopState,
} from '@sportello/contracts';
import { Refusal, type Operation } from '@sportello/kernel';
import { CLIENT, type OperationClient } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { callerOf, Serves } from '../declared.guard.js';
import { stopPage, voidPage } from './stop.page.js';

/** "Stop mails about this": a page that asks, because programs open links by themselves, and the POST that does it. Whoever is signed in plays no part. */
@ApiTags('mail')
@Controller('stop-mails')
export class StopController {
  constructor(@Inject(CLIENT) private readonly client: OperationClient) {}

  @Get()
  @Serves(getStopMails)
  @ApiOperation({ operationId: 'stopMailsPage', summary: getStopMails.summary })
  ask(
    @Query('token') token: unknown,
    @Headers('accept-language') language: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.show(getMailStop, token, language, request, reply);
  }

  @Post()
  @HttpCode(200)
  @Serves(postStopMails)
  @ApiOperation({ operationId: 'stopMails', summary: postStopMails.summary })
  stop(
    @Query('token') token: unknown,
    @Headers('accept-language') language: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.show(stopMails, token, language, request, reply);
  }

  private async show(
    operation: Operation<object, StopState>,
    token: unknown,
    language: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    void reply.header('Content-Type', 'text/html; charset=utf-8');
    try {
      const { actorToken } = callerOf(request);
      const link = await this.client.call(grantStopLink, { token: String(token ?? '-').slice(0, 300) }, { actorToken });
      void reply.send(stopPage(await this.client.call(operation, {}, { actorToken: link.actorToken })));
    } catch (error) {
      if (!(error instanceof Refusal) || error.definition.status >= 500) throw error;
      void reply.status(error.definition.status).send(voidPage(language));
    }
  }
}
