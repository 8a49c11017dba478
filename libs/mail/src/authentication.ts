export type CheckResult =
  'pass' | 'fail' | 'softfail' | 'neutral' | 'none' | 'temperror' | 'permerror' | 'policy' | 'skipped';

/** What SPF, DKIM and DMARC say of a mail, as stored with the message and shown on it. */
export interface AuthenticationSummary {
  spf: CheckResult;
  dkim: CheckResult;
  dmarc: CheckResult;
  /** The policy in force for the author's domain, null if it publishes none. */
  policy: 'none' | 'quarantine' | 'reject' | null;
  /** A DKIM signature of the author's own domain holds. */
  aligned: boolean;
  failed: boolean;
  /** One sentence. */
  summary: string;
}
