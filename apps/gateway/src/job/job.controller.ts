import { Controller, Get, Inject, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { getJobResult, listJobRows } from '@sportello/contracts';
import { validate, type JobRow } from '@sportello/kernel';
import { CLIENT, type OperationClient } from '@sportello/service';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { callerOf, Serves } from '../declared.guard.js';

/** A job's answers as a file. */
@ApiTags('tickets')
@Controller('api/v1/jobs')
export class JobController {
  constructor(@Inject(CLIENT) private readonly client: OperationClient) {}

  @Get(':id/result')
  @Serves(getJobResult)
  @ApiOperation({ operationId: 'downloadJobResult', summary: getJobResult.summary })
  @ApiResponse({ status: 200, description: 'CSV with a header line: id, outcome, code' })
  async result(@Param('id') id: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { actorToken } = callerOf(request);
    const pageAfter = (cursor?: string) => {
      const input = validate(listJobRows.input, cursor ? { id, cursor } : { id }, 'refuse');
      return this.client.call(listJobRows, input, { actorToken, requestId: request.id });
    };
    // The first page before any byte: who may not read it gets the refusal and no half a file.
    let page = await pageAfter();
    async function* file() {
      yield 'id,outcome,code\r\n';
      for (;;) {
        yield page.data.map(line).join('');
        if (!page.nextCursor) return;
        page = await pageAfter(page.nextCursor);
      }
    }
    await reply
      .header('Content-Type', 'text/csv; charset=utf-8')
      .header('Content-Disposition', `attachment; filename="job-${id}.csv"`)
      .header('Cache-Control', 'private, no-store')
      .send(Readable.from(file()));
  }
}

/** Ids, outcomes and codes have nothing that CSV would have to quote. */
const line = ({ id, outcome, code }: JobRow) => `${id},${outcome},${code ?? ''}\r\n`;
