/** Packages whose objects take the functions that answer requests. */
const SERVERS = new RegExp(`^(${[
  'express', 'express-promise-router', 'express-graphql', 'ultimate-express', 'fastify', 'fastify-plugin', 'hono(/.+)?', '@hono/.+', 'koa', 'koa-router', '@koa/router', '@hapi/hapi', 'polka', 'restify', 'elysia', 'h3', 'itty-router',
  '@trpc/server(/.+)?', '@apollo/server(/.+)?', 'apollo-server(-.+)?', '@as-integrations/.+', 'graphql-yoga', 'graphql-http(/.+)?', 'mercurius',
].join('|')})$`);

/** Whether calls of the package's methods put functions together, and are no wrapper around the function that they are given. */
export function isServer(source: string): boolean {
  return SERVERS.test(source);
}

/** Packages for functions that a browser calls. */
export const SERVER_ACTIONS = /^(next-safe-action|zsa)$/;

/** Packages whose functions tell of the request at hand. */
export const REQUEST_SCOPE = /^(next\/headers|@opennextjs\/cloudflare|@cloudflare\/next-on-pages|cloudflare:workers)$/;
