import { describe, expect, it } from '@jest/globals';
import { readConfirmation } from './confirmation.js';
import { casesIn, mailCase } from './mail.builders.js';

describe("a provider's question whether mail may be forwarded", () => {
  it.each([
    ['gmail-en', '123456789', 'support@acme.example'],
    ['gmail-it', '223456789', 'assistenza@acme.example'],
    ['gmail-nb', '323456789', 'hjelp@acme.example'],
  ])('%s gives its code, its link and the address', async (name, code, forwardedAddress) => {
    const confirmation = readConfirmation(await mailCase(`cases/confirmation/${name}.eml`));
    expect(confirmation).toEqual({
      provider: 'gmail',
      code,
      forwardedAddress,
      link: expect.stringMatching(/^https:\/\/mail-settings\.google\.com\/mail\/vf-/),
    });
  });

  it('given a link to another host, it is no confirmation', async () => {
    expect(readConfirmation(await mailCase('cases/confirmation/forged-en.eml'))).toBeNull();
  });

  it.each(['wild', 'automatic', 'cases/trim-quote', 'cases/forwarded'])(
    'given the mails in %s, none is one',
    async (folder) => {
      for (const name of casesIn(folder)) expect(readConfirmation(await mailCase(`${folder}/${name}`))).toBeNull();
    },
  );
});
