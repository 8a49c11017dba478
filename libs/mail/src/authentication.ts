/** One check's outcome, in the words of RFC 8601. */
export type CheckResult =
  'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'policy' | 'temperror' | 'permerror' | 'skipped';

/** What SPF, DKIM and DMARC say of a mail, as stored with the message and shown on it. */
export interface AuthenticationSummary {
  spf: CheckResult;
  dkim: CheckResult;
  dmarc: CheckResult;
  /** The policy in force for the author's domain; null if it publishes none. */
  policy: 'none' | 'quarantine' | 'reject' | null;
  /** A DKIM signature of the author's own domain holds. */
  aligned: boolean;
  /** The author's domain asks that this mail be refused, and nobody vouches for it. */
  failed: boolean;
  /** One sentence. */
  summary: string;
}

/** The part of mailauth's `AuthenticateResult` that counts here. */
export interface AuthenticationResult {
  spf: { status: { result: string } } | false;
  dkim: { results: { status: { result: string } }[] };
  dmarc:
    { status: { result: string }; policy?: string; alignment?: { dkim?: { result?: string | undefined } } } | false;
  dmarcSkipReason?: string;
}

/**
 * Sums up what mailauth found. `confirmedForwarder`: the mail came through a forwarding that this workspace set up and
 * confirmed; forwarding breaks SPF and often DKIM, so it vouches for what it passes on.
 */
export function summariseAuthentication(
  result: AuthenticationResult,
  { confirmedForwarder }: { confirmedForwarder: boolean },
): AuthenticationSummary {
  // DMARC says nothing of a mail with two authors, so a second From line would be the way around it (RFC 9989 11.5).
  const severalAuthors = /^multiple-/.test(result.dmarcSkipReason ?? '');
  const dmarc = severalAuthors ? 'fail' : result.dmarc ? check(result.dmarc.status.result) : 'none';
  const policy = (result.dmarc && result.dmarc.status.result !== 'none' && toPolicy(result.dmarc.policy)) || null;
  const aligned = Boolean(result.dmarc && result.dmarc.alignment?.dkim?.result);
  const refused = dmarc === 'fail' && (policy === 'quarantine' || policy === 'reject') && !aligned;
  const facts = {
    spf: result.spf ? check(result.spf.status.result) : 'none',
    dkim: bestOf(result.dkim.results.map(({ status }) => check(status.result))),
    dmarc,
    policy,
    aligned,
    failed: severalAuthors || (refused && !confirmedForwarder),
  } satisfies Omit<AuthenticationSummary, 'summary'>;
  return { ...facts, summary: sentence(facts, severalAuthors, refused && confirmedForwarder) };
}

function sentence(facts: Omit<AuthenticationSummary, 'summary'>, severalAuthors: boolean, vouched: boolean): string {
  if (severalAuthors) return 'The mail names several authors, so nobody can be held to have sent it.';
  if (vouched) return 'The sender could not be verified, but a forwarder that you confirmed passed the mail on.';
  if (facts.failed)
    return `The sender could not be verified, and the sender's domain asks to ${facts.policy} such mail.`;
  if (facts.dmarc === 'pass') return 'The sender is verified.';
  if (facts.dmarc === 'fail')
    return "The sender could not be verified; the sender's domain asks for nothing in that case.";
  if (facts.dmarc === 'temperror')
    return 'The sender could not be checked: the domain name system did not answer in time.';
  if (facts.dkim === 'pass') return 'The mail is signed; the sender’s domain publishes no DMARC policy.';
  if (facts.spf === 'pass')
    return 'The mail came from a server of the sending domain, which publishes no DMARC policy.';
  return 'Nothing proves who sent the mail: the domain publishes no DMARC policy.';
}

const RESULTS = ['pass', 'fail', 'softfail', 'neutral', 'none', 'policy', 'temperror', 'permerror', 'skipped'] as const;

function check(result: string): CheckResult {
  if (result === 'temperr') return 'temperror';
  return RESULTS.find((known) => known === result) ?? 'none';
}

/** One good signature is enough; of bad ones the plainest is shown. */
function bestOf(results: CheckResult[]): CheckResult {
  const order: CheckResult[] = ['pass', 'temperror', 'policy', 'fail', 'permerror', 'neutral'];
  return order.find((result) => results.includes(result)) ?? 'none';
}

function toPolicy(policy: string | undefined): AuthenticationSummary['policy'] {
  return policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : null;
}
