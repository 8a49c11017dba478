/** Ends a mail's way: trying again would end the same. It goes to quarantine with this reason. */
export class SetAside extends Error {
  constructor(
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}
