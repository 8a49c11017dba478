import { badTemplate } from '@sportello/contracts';
import { Refusal } from '@sportello/kernel';
import { textToHtml } from '@sportello/mail';
import { Liquid, type LiquidError } from 'liquidjs';
import { type TemplateText } from './shipped.js';
import { type Wording } from './words.js';

/** What a template may name. Documented in docs/operations.md. */
export interface TemplateValues {
  item: { number: number; title: string; type: string; status: string };
  requester: { name: string };
  workspace: { name: string };
}

/**
 * Own properties only, so that no template climbs a prototype; no files. A template of a mail is at most 20,000 characters: what takes longer than
 * these limits loops (all three were tried with loops in loops: it ends within 60 ms).
 */
const engine = new Liquid({
  ownPropertyOnly: true,
  strictFilters: true,
  strictVariables: true,
  parseLimit: 50_000,
  renderLimit: 50,
  memoryLimit: 200_000,
  root: [],
  partials: [],
  layouts: [],
  templates: {},
});

/** Plain text in, plain text out: values cannot become markup, because the whole is made HTML afterwards. */
function render(template: string, values: TemplateValues): string {
  return String(engine.parseAndRenderSync(template, values));
}

/**
 * A mail's words from its template.
 * @throws Refusal `bad_template` that names the line
 */
export function wordingOf({ subject, body }: TemplateText, values: TemplateValues): Wording {
  try {
    const text = render(body, values)
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    return { subject: render(subject, values).replace(/\s+/g, ' ').trim(), text, html: textToHtml(text) };
  } catch (error) {
    throw new Refusal(badTemplate, { detail: (error as LiquidError).message.split('\n')[0] });
  }
}

/** Values as a customer's mail has them, to try a template with before it is kept. */
export const exampleValues: TemplateValues = {
  item: { number: 1042, title: 'Broken printer', type: 'Ticket', status: 'In progress' },
  requester: { name: 'Lucia Bianchi' },
  workspace: { name: 'Officina Rossi' },
};
