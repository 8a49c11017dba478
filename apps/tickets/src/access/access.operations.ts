import { Controller } from '@nestjs/common';
import { getSight, itemNotFound, watchItem, type ById } from '@sportello/contracts';
import { Handles, type Context } from '@sportello/service';
import { nameOf } from '../directory/directory.queries.js';
import { Item } from '../item/item.entity.js';

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
    const item = await ctx.load(Item, id, itemNotFound);
    return { name: await nameOf(ctx, ctx.person), facts: item.accessFacts() };
  }
}
