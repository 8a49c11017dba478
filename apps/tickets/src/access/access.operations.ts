import { Controller } from '@nestjs/common';
import { getSight, watchItem, type ById } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { nameOf } from '../directory/directory.queries.js';
import { loadItem } from '../item/item.queries.js';

@Controller()
export class AccessOperations {
  @Handles(getSight)
  async sight(_input: object, ctx: Context) {
    const { projects, followedProjects, customerSight } = await ctx.sight();
    return {
      projects: [...projects].map(([projectId, role]) => ({ projectId, role })),
      followedProjects: [...followedProjects],
      customerSight,
    };
  }

  @Handles(watchItem)
  async watch({ id }: ById, ctx: Context) {
    const item = await loadItem(ctx, id);
    return { name: await nameOf(ctx, ctx.person), facts: item.accessFacts() };
  }
}
