import { redact, type DatabaseAddress } from './address.js';
import type { DatabaseProblem } from './problem.js';

/** What is known about the attempt that failed. */
export interface Attempt {
  address: DatabaseAddress;
  password: string | undefined;
  /** Seconds that the attempt was given. */
  seconds: number;
}

const UNTRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

/** How servers say that they want TLS: by pg_hba.conf (“SSL off” before 14), and as Azure, Supabase and Neon have it. */
const TLS_WANTED = /\bno encryption\b|\bSSL off\b|SSL connection is required|connection is insecure/i;

/** Turns whatever the driver threw while connecting into a problem without secrets. */
export function connectProblem(error: unknown, attempt: Attempt): DatabaseProblem {
  const { address, password, seconds } = attempt;
  const { code, message } = describeError(error, password);
  // A server without TLS says the same to those who asked for it in vain.
  if (isServerAnswer(code) && address.tls === 'disable' && TLS_WANTED.test(message)) return { kind: 'tls', address, cause: 'required', detail: message };
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return { kind: 'refused', address };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { kind: 'unknown-host', address };
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { kind: 'timeout', address, seconds };
    case '28P01':
      return { kind: 'authentication', address, passwordGiven: true };
    case '28000':
    case '42501':
      return { kind: 'not-allowed', address, detail: message };
    case '3D000':
      return { kind: 'unknown-database', address };
    case '53300':
      return { kind: 'too-many-connections', address };
    case '57P03':
      return { kind: 'starting', address, detail: message };
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return { kind: 'tls', address, cause: 'wrong-name', detail: message };
  }
  if (code !== undefined && UNTRUSTED.has(code)) return { kind: 'tls', address, cause: 'untrusted', detail: message };
  if (isTlsUnsupported(error)) return { kind: 'tls', address, cause: 'unsupported', detail: message };
  if (code?.startsWith('ERR_SSL') || code?.startsWith('ERR_TLS') || code?.startsWith('CERT_')) {
    return { kind: 'tls', address, cause: 'other', detail: message };
  }
  if (/timeout expired/i.test(message)) return { kind: 'timeout', address, seconds };
  if (/password must be a(?: non-empty)? string|No password/i.test(message)) return { kind: 'authentication', address, passwordGiven: false };
  if (/password authentication failed|SASL authentication failed/i.test(message)) {
    return { kind: 'authentication', address, passwordGiven: password !== undefined };
  }
  if (/connection terminated|ECONNRESET|EPIPE/i.test(`${code} ${message}`)) {
    return { kind: 'lost', address, detail: 'The server closed the connection while it was being made. Is it PostgreSQL that listens there?' };
  }
  return { kind: 'unexpected', detail: message };
}

/** Turns whatever a query threw into a problem without secrets. */
export function queryProblem(error: unknown, attempt: Attempt): DatabaseProblem {
  const { address, password } = attempt;
  const { code, message } = describeError(error, password);
  if (code === '42501') return { kind: 'insufficient-privilege', user: address.user, detail: message };
  if (code === '55000' && message.includes('shared_preload_libraries')) return { kind: 'not-preloaded', host: address.host };
  if (code === '57014') return { kind: 'unexpected', detail: 'The database took too long to answer and the query was cancelled.', sqlState: code };
  if (isServerAnswer(code)) {
    // Class 57P is the operator stopping the server or the session; class 08 is the connection itself.
    return /^(57P|08)/.test(code) ? { kind: 'lost', address, detail: message } : { kind: 'unexpected', detail: message, sqlState: code };
  }
  return { kind: 'lost', address, detail: 'The server closed the connection, or the network is down.' };
}

/** Poolers such as PgBouncer refuse session settings, because sessions are shared behind them. */
export function refusesSessionSettings(error: unknown): boolean {
  const { code, message } = describeError(error, undefined);
  return (code === '08P01' || code === undefined || isServerAnswer(code)) && /unsupported startup parameter/i.test(message);
}

/** The server answered the request for TLS with "no". */
export function isTlsUnsupported(error: unknown): boolean {
  return /server does not support SSL/i.test(describeError(error, undefined).message);
}

function isServerAnswer(code: string | undefined): code is string {
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && /\d/.test(code);
}

function describeError(error: unknown, password: string | undefined): { code: string | undefined; message: string } {
  if (!(error instanceof Error)) return { code: undefined, message: redact(String(error), [password]) };
  const { code } = error as Error & { code?: unknown };
  return { code: typeof code === 'string' ? code : undefined, message: redact(error.message, [password]) };
}
