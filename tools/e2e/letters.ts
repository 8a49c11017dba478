import { createTransport, type SendMailOptions } from 'nodemailer';
import { eventually, type Product } from './product.ts';

/** A red dot, 5 by 5: an image that somebody pastes. */
export const dot = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==',
  'base64',
);

export interface Ticket {
  id: string;
  number: number;
  title: string;
}

/** Hands a mail to the product as another mail server would. */
export async function hand(product: Product, mail: SendMailOptions): Promise<void> {
  const smtp = createTransport({ ...product.smtp, secure: false, ignoreTLS: true });
  await smtp.sendMail({ to: product.demo.address, ...mail });
  smtp.close();
}

/** A customer writes; what has become of it. */
export async function ticketOf(product: Product, mail: SendMailOptions & { subject: string }): Promise<Ticket> {
  await hand(product, { text: `About: ${mail.subject}`, ...mail });
  return eventually(async () => {
    const { data } = (await product.request('GET', '/items?limit=50')) as { data: Ticket[] };
    const ticket = data.find(({ title }) => title === mail.subject);
    if (!ticket) throw new Error(`no ticket "${mail.subject}"`);
    return ticket;
  });
}

/** The mail to somebody that says this. */
export async function mailTo(product: Product, address: string, words: string) {
  return eventually(async () => {
    const mail = (await product.mailsTo(address)).find(({ text, html }) => `${text} ${html || ''}`.includes(words));
    if (!mail) throw new Error(`no mail to ${address} says "${words}"`);
    return mail;
  });
}
