import { Controller } from '@nestjs/common';
import { exportPersonFromNotifications, type FindKept } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { readKept } from './person.queries.js';

@Controller()
export class PersonOperations {
  @Handles(exportPersonFromNotifications)
  async export(person: FindKept, ctx: Context) {
    return { kept: await readKept(ctx, person) };
  }
}
