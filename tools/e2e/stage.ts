import { CHROMIUM_ARGUMENTS, ensureChromium } from '@sportello/testing/provision';
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { eventually, startProduct, type Product } from './product.ts';

/** The product and a browser, started once for everything that is played on them. */
export interface Stage {
  product: Product;
  /** A browser of nobody yet. */
  open(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A browser of their own for a person of the demo workspace, signed in. */
  enter(
    who: 'administrator' | 'member',
    options?: BrowserContextOptions,
  ): Promise<{ page: Page; context: BrowserContext }>;
  /** An address within the demo workspace. */
  at(path: string): string;
  stop(): Promise<void>;
}

export const wide = { width: 1400, height: 900 };
export const phone = { width: 390, height: 844 };

export async function setStage(): Promise<Stage> {
  const product = await startProduct();
  const browser = await chromium.launch({ executablePath: await ensureChromium(), args: [...CHROMIUM_ARGUMENTS] });
  const { workspace, users } = product.demo;
  const open = (options?: BrowserContextOptions) => browser.newContext({ viewport: wide, locale: 'en-GB', ...options });
  return {
    product,
    open,
    enter: async (who, options) => {
      const context = await open(options);
      const user = users.find(({ role }) => role === who) as (typeof users)[number];
      const answer = await context.request.post(`${product.api}/sign-in`, {
        headers: { origin: product.web },
        data: { workspace, email: user.email, password: user.password },
      });
      if (!answer.ok()) throw new Error(`${who}: ${answer.status()} ${await answer.text()}`);
      return { context, page: await context.newPage() };
    },
    at: (path) => `${product.web}/${workspace}/${path}`,
    stop: async () => {
      await browser.close();
      await product.stop();
    },
  };
}

/** Waits until nothing loads and nothing moves. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main, [role=dialog]').first().waitFor();
  await eventually(async () => {
    const still = await page.evaluate<boolean>(
      "!document.querySelector('[aria-busy=true]') && document.getAnimations().every((each) => each.playState === 'finished')",
    );
    if (!still) throw new Error(`${page.url()} still moves`);
  });
}

/** The link in the newest mail to somebody. */
export async function linkInMailTo(product: Product, address: string, path: string): Promise<string> {
  const mail = (await product.mailsTo(address)).at(-1);
  const link = [mail?.text, mail?.html || '']
    .join(' ')
    .match(new RegExp(`https?://[^\\s"'<>]*/${path}\\?token=[\\w-]+`))?.[0];
  if (!link) throw new Error(`no /${path} link in a mail to ${address}`);
  return link;
}
