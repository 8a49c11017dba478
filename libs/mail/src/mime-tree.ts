import { MailParser, type AttachmentCommon, type Headers } from 'mailparser';
import { type MailLimits, type ParseRefusal } from './mail.js';

/** Why a mail is not read further. */
export class Refused extends Error {
  readonly code: ParseRefusal;

  constructor(code: ParseRefusal, message: string) {
    super(message);
    this.code = code;
  }
}

/** What mailparser makes of a mail. */
export interface MimeTree {
  headers: Headers;
  lines: readonly { key: string; line: string }[];
  text: string;
  html: string;
  attachments: (AttachmentCommon & { content: Buffer })[];
}

/** Runs mailparser within limits; rejects with Refused, or with the parser's own error (code EMAXLEN: a size limit). */
export function readMimeTree(raw: Buffer, limits: MailLimits): Promise<MimeTree> {
  return new Promise((resolve, reject) => {
    const parser = new BoundedParser(limits);
    const tree: MimeTree = { headers: new Map(), lines: [], text: '', html: '', attachments: [] };
    const fail = (error: Error) => {
      reject(error);
      parser.destroy();
    };
    parser.on('error', fail);
    parser.on('headers', (headers) => (tree.headers = headers));
    parser.on('headerLines', (lines) => (tree.lines = lines));
    parser.on('data', (data) => {
      if (data.type === 'text') {
        tree.text = data.text ?? '';
        tree.html = data.html || '';
        return;
      }
      const chunks: Buffer[] = [];
      data.content.on('data', (chunk: Buffer) => chunks.push(chunk));
      data.content.on('error', fail);
      data.content.on('end', () => {
        tree.attachments.push(Object.assign(data, { content: Buffer.concat(chunks) }));
        data.release();
      });
    });
    parser.on('end', () => resolve(tree));
    parser.end(raw);
  });
}

interface MimeNode {
  root: boolean;
  contentType: string | false;
  disposition: string | false;
  filename: string | false;
  parentNode?: MimeNode;
}

/** The two inner methods of mailparser that are overridden. They are in no published types; the version is pinned. */
const OpenMailParser = MailParser as unknown as new (options: object) => MailParser & {
  createNode(node: MimeNode): unknown;
  processChunk(data: unknown, done: (error?: Error) => void): void;
};

class BoundedParser extends OpenMailParser {
  private readonly maxDepth: number;
  private bodySeen = false;

  constructor(limits: MailLimits) {
    super({
      // An attached mail stays one file; mailparser would flatten it into our body and take its files for ours.
      ignoreEmbedded: true,
      // A delivery report is for bounce.ts, so it must not be run into the text.
      keepDeliveryStatus: true,
      maxChildNodes: limits.parts,
      maxHeadSize: limits.headerBytes,
      checksumAlgo: 'sha256',
      skipHtmlToText: true,
      skipImageLinks: true,
      skipTextLinks: true,
    });
    this.maxDepth = limits.depth;
  }

  /**
   * A later text part with a name is a file: mailparser would run it into the body and lose the name, and that is how
   * Apple Mail sends text files. A mail that is nothing but a nameless text is a body, whatever its disposition says.
   */
  override createNode(node: MimeNode): unknown {
    let depth = 0;
    for (let parent = node.parentNode; parent; parent = parent.parentNode) depth++;
    if (depth > this.maxDepth) {
      throw new Refused('too_deep', `The mail's parts are nested more than ${this.maxDepth} deep.`);
    }
    const isText = node.contentType === 'text/plain' || node.contentType === 'text/html';
    const isChoice = node.parentNode?.contentType === 'multipart/alternative';
    if (isText && this.bodySeen && node.filename && !isChoice) node.disposition = 'attachment';
    if (isText && node.root && !node.filename) node.disposition = 'inline';
    if (isText && node.disposition !== 'attachment') this.bodySeen = true;
    return super.createNode(node);
  }

  /** What is thrown here happens in a callback of the parser, where no promise of ours would see it. */
  override processChunk(data: unknown, done: (error?: Error) => void): void {
    try {
      super.processChunk(data, done);
    } catch (error) {
      done(error as Error);
    }
  }
}
