import { defineEntity, p } from '@mikro-orm/postgresql';
import { everyoneIsFixed, teamChanged, type Language, type TeamFacts } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { record } from '@sportello/persistence';

export const TeamSchema = defineEntity({
  name: 'Team',
  properties: {
    workspaceId: p.uuid().primary(),
    id: p.uuid().primary(),
    name: p.text(),
    everyone: p.boolean(),
    removedAt: p.datetime().nullable(),
    seq: p.integer(),
  },
});

const everyoneIn: Record<Language, string> = { en: 'Everyone', it: 'Tutti', nb: 'Alle' };

/** Users who share work. Who is in it stands with the user, because that is what every request asks. */
export class Team extends TeamSchema.class {
  static create(parts: { workspaceId: string; id: string; name: string }): Team {
    const team = Object.assign(new Team(), { ...parts, everyone: false, removedAt: null, seq: 0 });
    record(team, teamChanged, team.facts());
    return team;
  }

  /** The team that every user is in, by the name it has in the workspace's language. */
  static everyone(parts: { workspaceId: string; id: string; language: Language }): Team {
    const { workspaceId, id, language } = parts;
    return Object.assign(Team.create({ workspaceId, id, name: everyoneIn[language] }), { everyone: true });
  }

  rename(name: string): void {
    if (this.name === name) return;
    this.name = name;
    record(this, teamChanged, this.facts(), { changed: ['name'] });
  }

  remove(now: Date): void {
    this.refuseIfEveryone();
    this.removedAt = now;
    record(this, teamChanged, this.facts(), { changed: ['removed'] });
  }

  /** @throws Refusal `everyone_is_fixed` */
  refuseIfEveryone(): void {
    if (this.everyone) throw new Refusal(everyoneIsFixed);
  }

  facts(): TeamFacts {
    return { id: this.id, name: this.name, removed: Boolean(this.removedAt) };
  }
}
TeamSchema.setClass(Team);
