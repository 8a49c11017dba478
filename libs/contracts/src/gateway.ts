import { defineRoute, Flag, Id } from '@sportello/kernel';

/** Largest upload: 50 MB, twice what usual mail servers let through. */
export const uploadBytes = 50 * 1024 * 1024;
const form = { bytes: 16 * 1024, perMinute: 30 };

export const postSignUp = defineRoute({
  id: 'gateway.sign-up',
  http: 'POST /api/v1/sign-up',
  permission: 'anyone',
  limits: form,
  summary: 'Make a workspace; sets the session cookie',
});
export const postSignIn = defineRoute({
  id: 'gateway.sign-in',
  http: 'POST /api/v1/sign-in',
  permission: 'anyone',
  limits: form,
  summary: 'Sign in; sets the session cookie',
});
export const postSignOut = defineRoute({
  id: 'gateway.sign-out',
  http: 'POST /api/v1/sign-out',
  permission: 'anyone',
  limits: form,
  summary: 'End the session',
});
export const postResetPassword = defineRoute({
  id: 'gateway.reset-password',
  http: 'POST /api/v1/password-resets',
  permission: 'anyone',
  limits: form,
  summary: 'Choose a new password; sets the session cookie',
});
export const postAcceptInvitation = defineRoute({
  id: 'gateway.accept-invitation',
  http: 'POST /api/v1/invitation-acceptances',
  permission: 'anyone',
  limits: form,
  summary: 'Join a team; sets the session cookie',
});
export const getStopMails = defineRoute({
  id: 'gateway.stop-mails-page',
  http: 'GET /stop-mails',
  permission: 'anyone',
  limits: { bytes: 0, perMinute: 60 },
  summary: 'Asks whether to stop mails about one item; for who has the link of a mail',
});
export const postStopMails = defineRoute({
  id: 'gateway.stop-mails',
  http: 'POST /stop-mails',
  permission: 'anyone',
  limits: form,
  summary: 'Stops them (RFC 8058: mail programs ask this by themselves)',
});
export const postFile = defineRoute({
  id: 'gateway.upload',
  http: 'POST /api/v1/files',
  permission: 'file.upload',
  limits: { bytes: uploadBytes, perMinute: 120 },
  summary: 'Upload one file (multipart); the id goes into `attachments`',
});
export const getFile = defineRoute({
  id: 'gateway.download',
  http: 'GET /api/v1/files/:id',
  permission: 'item.view',
  limits: { bytes: 0, perMinute: 1200 },
  summary: 'Download a file',
});
export const getJobResult = defineRoute({
  id: 'gateway.job-result',
  http: 'GET /api/v1/jobs/:id/result',
  permission: 'job.own',
  limits: { bytes: 0, perMinute: 60 },
  summary: 'The answers of a job as a file (CSV)',
});
export const getEvents = defineRoute({
  id: 'gateway.events',
  http: 'GET /api/v1/events',
  permission: 'self.manage',
  limits: { bytes: 0, perMinute: 60 },
  summary: 'Live updates (server-sent events), resumed by Last-Event-ID',
});
export const postPresence = defineRoute({
  id: 'gateway.presence',
  http: 'POST /api/v1/presence',
  permission: 'item.view',
  limits: { bytes: 1024, perMinute: 240 },
  summary: 'Say what I look at and whether I type',
});
export const getHealth = defineRoute({
  id: 'gateway.health',
  http: 'GET /api/health',
  permission: 'anyone',
  limits: { bytes: 0, perMinute: 1200 },
  summary: 'Whether every service answers',
});
export const getOpenApi = defineRoute({
  id: 'gateway.openapi',
  http: 'GET /api/openapi.json',
  permission: 'anyone',
  limits: { bytes: 0, perMinute: 60 },
  summary: 'This document',
});

/** What I look at, and whether I type there. */
export class PresenceInput {
  @Id() itemId!: string;
  @Flag() typing!: boolean;
  @Flag({ optional: true, description: 'False: I have left' }) looking?: boolean;
}
