import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bestSellers, priceList, productPage } from './catalog/products';
import { availability } from './catalog/stock';
import { prisma } from './customers/client';
import { CustomerService } from './customers/customer-service';
import { setTier } from './customers/loyalty';
import { type CartLine, placeOrder } from './orders/checkout';
import { openOrders, turnover } from './orders/dashboard';
import { OrderHistory } from './orders/history';

const port = Number(process.env.PORT ?? 3000);
const customers = new CustomerService(prisma);
const history = new OrderHistory(customers);

const bundle = await build({
  entryPoints: [fileURLToPath(new URL('../web/main.tsx', import.meta.url))],
  bundle: true,
  write: false,
  jsx: 'automatic',
  define: { 'process.env.NODE_ENV': '"production"' },
});
const script = bundle.outputFiles[0]!.text;
const page = '<!doctype html><html lang="en"><title>Shop</title><div id="root"></div><script src="/main.js"></script></html>';

/** Answers by path; each gets the address and, for orders, the body. */
const routes: Record<string, (url: URL, body: string) => Promise<unknown>> = {
  'GET /api/products': async (url) => availability(await productPage(url.searchParams.get('category') ?? 'Kitchen', Number(url.searchParams.get('after') ?? 0))),
  'GET /api/best-sellers': () => bestSellers(),
  'GET /api/prices': () => priceList(),
  'GET /api/history': () => history.page(),
  'GET /api/open-orders': () => openOrders(),
  'GET /api/turnover': () => turnover(),
  'GET /api/customers': (url) => customers.search(url.searchParams.get('name') ?? ''),
  'POST /api/tiers': (_url, body) => setTier(JSON.parse(body) as number[], 'silver'),
  'POST /api/orders': async (_url, body) => {
    const { customerId, lines } = JSON.parse(body) as { customerId: number; lines: CartLine[] };
    return { id: await placeOrder(customerId, lines) };
  },
};

createServer(async (request, response) => {
  const url = new URL(`http://localhost:${port}${request.url}`);
  if (url.pathname === '/') return response.setHeader('content-type', 'text/html').end(page);
  if (url.pathname === '/main.js') return response.setHeader('content-type', 'text/javascript').end(script);
  const route = routes[`${request.method} ${url.pathname}`];
  if (!route) return response.writeHead(404).end();
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(await route(url, Buffer.concat(chunks).toString())));
  } catch (error) {
    console.error(error);
    response.writeHead(500).end();
  }
}).listen(port, () => console.log(`The shop is open on http://localhost:${port}`));
