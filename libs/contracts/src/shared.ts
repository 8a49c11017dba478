import { Choice, defineError, EmailAddress, Id, Integer, Json, Nested, Text, type Class } from '@sportello/kernel';

/** Languages of interface and mail. */
export const languages = ['en', 'it', 'nb'] as const;
export type Language = (typeof languages)[number];

/** A person, by reference. */
export class PersonRefDto {
  @Choice(['user', 'customer']) kind!: 'user' | 'customer';
  @Id() id!: string;
}

/** A person as lists and messages show them. */
export class Person extends PersonRefDto {
  @Text({ max: 200 }) name!: string;
  @EmailAddress({ nullable: true }) email!: string | null;
}

/** What an erased person was called: told once, so that every owner of their data can take it out of what it keeps. */
export class FormerIdentity {
  @Text({ max: 200 }) name!: string;
  @EmailAddress({ many: 100, description: 'Every address they had' }) addresses!: string[];
}

/** Asks an owner of data what it keeps of one person. */
export class FindKept extends PersonRefDto {
  @EmailAddress({ many: 100, description: 'Every address they had' }) addresses!: string[];
}

/** What one service keeps of one person: each of its own kind, as it is shown to them. */
export class KeptOfPerson {
  @Json() kept!: object;
}

/** A mail address with a name, as a message's To and Cc show it. */
export class MailboxDto {
  @Text({ max: 200 }) name!: string;
  @EmailAddress() address!: string;
}

/** Something with a name. */
export class NamedRef {
  @Id() id!: string;
  @Text({ max: 200 }) name!: string;
}

/** The input of an operation on one record. */
export class ById {
  @Id() id!: string;
}

/** What every list takes. */
export class ListInput {
  /** Opaque; from the answer before. */
  @Text({ max: 500, optional: true }) cursor?: string;
  @Integer({ min: 1, max: 200, optional: true, description: '50 when absent' }) limit?: number;
}

/** The answer of a list: `{ data, nextCursor }`. */
export function pageOf<T extends object>(type: Class<T>) {
  class Page {
    @Nested(() => type, { many: 1000 }) data!: T[];
    @Text({ max: 500, nullable: true }) nextCursor!: string | null;
  }
  return Page;
}

export const notFound = defineError({
  code: 'not_found',
  status: 404,
  message: 'There is no such thing, or you may not see it.',
});
export const nameTaken = defineError({ code: 'name_taken', status: 409, message: 'This name is in use already.' });
