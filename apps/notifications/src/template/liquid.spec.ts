import { describe, expect, it } from '@jest/globals';
import { customerMails, languages } from '@sportello/contracts';
import { exampleValues, wordingOf } from './liquid.js';
import { shippedTemplates } from './shipped.js';

const render = (body: string, values = exampleValues) => wordingOf({ subject: 'S', body }, values);
const refusal = (code: string, detail: RegExp) =>
  expect.objectContaining({ definition: expect.objectContaining({ code }), message: expect.stringMatching(detail) });
const attempt = (body: string) => {
  try {
    return render(body).text;
  } catch (error) {
    return error;
  }
};

describe('mail templates', () => {
  it('given every shipped wording, when it is rendered, then all its names are known and nothing of Liquid is left', () => {
    for (const mail of customerMails) {
      for (const language of languages) {
        const { subject, text } = wordingOf(shippedTemplates[mail][language], exampleValues);
        expect(subject).toBe('Re: Broken printer [#1042]');
        expect(text).toContain('Lucia Bianchi');
        expect(text).toContain('Officina Rossi');
        expect(text).not.toMatch(/[{}]/);
      }
    }
  });

  it('given a requester without a name, when a shipped wording is rendered, then the greeting has no hole', () => {
    const { text } = wordingOf(shippedTemplates.finished.nb, { ...exampleValues, requester: { name: '' } });
    expect(text.startsWith('Hei,\n\nVi er ferdige')).toBe(true);
  });

  it('given a template with an error, when it is read, then the refusal names the line', () => {
    expect(attempt('Hello\n{% if %}')).toEqual(refusal('bad_template', /line:2/));
    expect(attempt('Hello\n\n{{ nobody.knows }}')).toEqual(refusal('bad_template', /line:3/));
    expect(attempt('{{ item.title | nofilter }}')).toEqual(refusal('bad_template', /nofilter/));
  });

  it('given a template that climbs a prototype or opens a file, when it is rendered, then it is refused', () => {
    for (const body of [
      '{{ item.constructor }}',
      '{{ item.__proto__ }}',
      '{{ item.title.constructor.constructor }}',
      '{{ item["toString"] }}',
      "{% include '/etc/passwd' %}",
      "{% render '../secret' %}",
      "{% layout 'x' %}",
    ]) {
      expect(attempt(body)).toEqual(refusal('bad_template', /./));
    }
  });

  it('given a template that loops or grows without end, when it is rendered, then it is refused', () => {
    const loop =
      '{% for a in (1..100000) %}{% for b in (1..100000) %}{% for c in (1..100000) %}x{% endfor %}{% endfor %}{% endfor %}';
    const grow = `{% assign s = "aaaaaaaaaa" %}${'{% assign s = s | append: s %}'.repeat(30)}{{ s }}`;
    const spin = '{% for a in (1..9000) %}{% for b in (1..9000) %}{% endfor %}{% endfor %}';
    for (const body of [loop, grow, spin]) expect(attempt(body)).toEqual(refusal('bad_template', /limit/));
  });

  it('given values that look like markup or Liquid, when they are rendered, then they stay text', () => {
    const values = { ...exampleValues, item: { ...exampleValues.item, title: '<script>{{ 7 | times: 6 }}</script>' } };
    const { html, text } = render('On {{ item.title }}', values);
    expect(text).toBe('On <script>{{ 7 | times: 6 }}</script>');
    expect(html).not.toContain('<script');
    expect(html).not.toContain('42');
  });
});
