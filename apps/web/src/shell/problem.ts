/** An error as the API tells it (RFC 9457), or as the network does. */
export interface Problem {
  code: string;
  status: number;
  title: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  current?: unknown;
}

/** Turns whatever was thrown into a problem. Code `offline`: no answer came at all. */
export function problemOf(error: unknown): Problem {
  if (error && typeof error === 'object' && 'code' in error && 'status' in error) return error as Problem;
  if (error instanceof TypeError) return { code: 'offline', status: 0, title: error.message };
  if (error && typeof error === 'object' && 'statusCode' in error) {
    const { statusCode, message } = error as { statusCode: number; message?: string };
    return { code: 'unknown', status: statusCode, title: message ?? '' };
  }
  return { code: 'unknown', status: 500, title: error instanceof Error ? error.message : '' };
}

/** A sentence to show: the product's own for what only the browser knows, else what the API said. */
export function sentenceOf(problem: Problem, words: { offline: string; unknown: string }): string {
  if (problem.code === 'offline') return words.offline;
  return problem.detail || problem.title || words.unknown;
}

/** Messages by field, for a form. */
export function fieldErrors(problem: Problem): Record<string, string> {
  return Object.fromEntries((problem.errors ?? []).map(({ field, message }) => [field, message]));
}
