import type { Meaning } from './meaning-kinds';

/** Packages whose awaited functions speak to another service over the network. */
const NETWORK = new RegExp(`^(${[
  // HTTP
  'axios', 'got', 'ky', 'undici', 'node-fetch', 'cross-fetch', 'isomorphic-fetch', 'ofetch', 'superagent', 'request-promise(-native)?', 'needle', 'wretch', 'graphql-request', '@apollo/client',
  // payment
  'stripe', '@paddle/paddle-node-sdk', '@lemonsqueezy/lemonsqueezy.js', '@polar-sh/sdk', 'braintree', 'square', '@mollie/api-client', 'razorpay',
  // mail, messages
  'nodemailer', 'resend', 'postmark', 'mailgun\\.js', '@sendgrid/.+', '@mailchimp/.+', 'twilio', '@slack/(web-api|webhook)', 'telegraf', 'web-push', 'expo-server-sdk', '@novu/(api|node)', '@loops/.+', 'loops',
  // clouds
  '@aws-sdk/(client|lib)-.+', 'aws-sdk', '@google-cloud/.+', 'googleapis', 'google-auth-library', 'firebase-admin(/.+)?', '@azure/.+', '@vercel/blob', 'uploadthing/server', 'cloudinary', 'minio',
  // services
  'openai', '@anthropic-ai/.+', '@google/generative-ai', '@google/genai', 'ai', 'replicate', 'cohere-ai', '@mistralai/.+', 'octokit', '@octokit/.+', '@gitbeaker/.+', 'algoliasearch', 'meilisearch', 'typesense',
  '@elastic/.+', '@clerk/(clerk-sdk-node|backend)', '@workos-inc/node', 'auth0', '@hubspot/api-client', 'jsforce', '@linear/sdk', '@notionhq/client', 'shippo', 'easypost', '@easypost/api', 'plaid',
].join('|')})$`);

/** Parts of such packages that compute, and send nothing. */
const COMPUTING = /^(constructEvent(Async)?|generateTestHeaderString|isAxiosError|validateRequest|verify|verifyIdToken|createTransport)$/;

const SLEEPING = /^((node:)?timers\/promises|delay|sleep-promise|await-sleep|yoctodelay)$/;

/** What is waited for, when a function is called that lives outside of the program. */
export function waitFor(callee: Meaning | undefined): 'network' | 'sleep' | undefined {
  if (callee?.is === 'global') return callee.path.length === 1 && callee.path[0] === 'fetch' ? 'network' : undefined;
  if (callee?.is !== 'package') return undefined;
  const name = callee.path.at(-1) ?? '';
  if (SLEEPING.test(callee.source)) return name === 'setImmediate' || name === 'setInterval' ? undefined : 'sleep';
  if (/^(node:)?https?$/.test(callee.source)) return name === 'request' || name === 'get' ? 'network' : undefined;
  return NETWORK.test(callee.source) && !COMPUTING.test(name) ? 'network' : undefined;
}
