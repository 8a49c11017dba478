import { Controller } from '@nestjs/common';
import { listViews } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { readViews } from './view.queries.js';

@Controller()
export class ViewOperations {
  @Handles(listViews)
  async list(_input: object, ctx: Context) {
    return { data: await readViews(ctx) };
  }
}
