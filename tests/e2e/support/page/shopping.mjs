// Runs in a page: a customer who registers and goes shopping, by Connect.
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';

const descriptors = new Uint8Array(await (await fetch('/descriptors.binpb')).arrayBuffer());
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, descriptors));

// Returns what she found and paid, the order's name, what became of it, and her token.
export async function goShopping(baseUrl, { email, password, shippingAddress }) {
  let token;
  const authorized = (next) => (request) => {
    if (token) request.header.set('authorization', `Bearer ${token}`);
    return next(request);
  };
  const transport = createConnectTransport({ baseUrl, interceptors: [authorized] });
  const [auth, catalog, carts, orders] = ['auth.v1.AuthService', 'catalog.v1.CatalogService', 'order.v1.CartService', 'order.v1.OrderService']
    .map((name) => createClient(registry.getService(`arasta.${name}`), transport));

  await auth.register({ email, password, displayName: 'Ada', locale: 'en' });
  token = (await auth.login({ email, password })).outcome.value.accessToken;
  const { products: [tea] } = await catalog.searchProducts({ query: 'green tea' });
  const cart = await carts.addCartItem({ name: 'carts/me', sku: tea.variants[0].sku, quantity: 2 });
  const { name } = await orders.placeOrder({ requestId: crypto.randomUUID(), paymentToken: 'tok_approve', expectedTotal: cart.total,
    shippingAddress, email });
  const moves = [];
  for await (const { entry } of orders.watchOrder({ name })) {
    moves.push(entry.action);
    if (entry.action === 'PLACED') break;
  }
  return { title: tea.title, total: Number(cart.total.minorUnits), order: name, moves, token };
}
