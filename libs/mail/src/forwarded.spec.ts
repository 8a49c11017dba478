import { describe, expect, it } from '@jest/globals';
import { readForwarded } from './forwarded.js';
import { aMail, mailCase } from './mail.builders.js';

const EMMA = { name: 'Emma Jones', address: 'emma.jones@contoso.example' };
const GIULIA = { name: 'Giulia Bianchi', address: 'giulia.bianchi@fabrikam.example' };
const KARE = { name: 'Kåre Østby', address: 'kare.ostby@nordvik.example' };

describe('a mail that a user forwards', () => {
  it.each([
    ['gmail-en', EMMA, 'Broken hinge', 'Can we take this one?', 'the hinge of the door broke.'],
    ['thunderbird-en', EMMA, 'Broken hinge', 'Please handle.', 'the hinge of the door broke.'],
    ['outlook-it', GIULIA, 'Cerniera rotta', 'Ve ne occupate voi?', 'la cerniera della porta è rotta.'],
    ['apple-mail-it', GIULIA, 'Cerniera rotta', '', 'la cerniera della porta è rotta.'],
    ['outlook-nb', KARE, 'Ødelagt hengsel', 'Kan noen ta denne?', 'hengselen på døra er ødelagt.'],
    ['apple-mail-nb', KARE, 'Ødelagt hengsel', 'Kan noen ta denne?', 'hengselen på døra er ødelagt.'],
    ['attached-nb', KARE, 'Ødelagt hengsel', 'Kan noen ta denne?', 'hengselen på døra er ødelagt.'],
  ])('%s names its first sender, subject and words', async (name, from, subject, comment, words) => {
    const forwarded = await readForwarded(await mailCase(`cases/forwarded/${name}.eml`));
    expect(forwarded).toMatchObject({ from, subject, comment, text: expect.stringContaining(words) });
    expect(forwarded!.date).toMatch(/16:40/);
    expect(forwarded!.text).not.toMatch(/Sendt|Inviato|Priorità|Forwarded|^>/m);
  });

  it.each(['gmail-en', 'apple-mail-nb', 'apple-mail-it'])('%s gives the same from its text alone', async (name) => {
    const mail = await mailCase(`cases/forwarded/${name}.eml`);
    const [html, text] = [await readForwarded(mail), await readForwarded({ ...mail, html: null })];
    expect({ ...text, html: null, text: null }).toEqual({ ...html, html: null, text: null });
  });

  it('given an original attached, its files come along', async () => {
    const forwarded = await readForwarded(await mailCase('cases/forwarded/attached-nb.eml'));
    expect(forwarded!.attachments.map(({ filename }) => filename)).toEqual(['hengsel.png']);
  });

  it('given an answer, whose quote looks the same in Outlook, it is no forward', async () => {
    expect(await readForwarded(await mailCase('cases/forwarded/reply-is-no-forward-it.eml'))).toBeNull();
    expect(await readForwarded(await mailCase('cases/trim-quote/outlook-desktop-nb.eml'))).toBeNull();
  });

  it('given a forward that names no address, there is nobody to answer', async () => {
    expect(
      await readForwarded(await aMail({ Subject: 'VS: Hei' }, 'Fra: Kåre\nSendt: i dag\nTil: Per\nEmne: Hei\n\nHei\n')),
    ).toBeNull();
  });
});
