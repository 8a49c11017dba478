/** Something this machine lacks: `message` says what, `remedy` what the person at the keyboard can do about it. */
export class ProvisionFailure extends Error {
  readonly remedy: string;

  constructor(message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ProvisionFailure';
    this.remedy = remedy;
  }
}
