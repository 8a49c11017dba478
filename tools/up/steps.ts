const quiet = !process.stdout.isTTY;

/** Something that went wrong in a way we know, and what the person at the keyboard can do about it. */
export class Failure extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

/** Does one named piece of work, showing on the terminal that it runs and, afterwards, how long it took. */
export async function step<T>(title: string, work: (note: (text: string) => void) => Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  let remark = '';
  if (quiet) process.stdout.write(`  … ${title}\n`);
  const ticker = setInterval(
    () =>
      quiet
        ? process.stdout.write(`  … ${title} (${seconds()} s)\n`)
        : process.stdout.write(`\r  … ${title} ${seconds()} s`),
    quiet ? 15_000 : 200,
  );
  const end = (sign: string) => {
    clearInterval(ticker);
    process.stdout.write(
      `${quiet ? '' : '\r\u001b[2K'}  ${sign} ${title}${remark && `: ${remark}`} (${seconds()} s)\n`,
    );
  };
  try {
    const result = await work((text) => (remark = text));
    end('✓');
    return result;
  } catch (error) {
    end('✗');
    throw error;
  }
}
