import { memo, useEffect, useState } from 'react';
import { useCart } from './cart';
import { useCurrency } from './currency';

interface Offer {
  product: { id: number; name: string; price_cents: number };
  inStock: number;
}

export function ProductsPage() {
  const [offers, setOffers] = useState<Offer[]>([]);
  useEffect(() => {
    const request = new AbortController();
    fetch('/api/products', { signal: request.signal })
      .then((response) => response.json())
      .then(setOffers, (error) => {
        if (!request.signal.aborted) console.error(error);
      });
    return () => request.abort();
  }, []);
  return (
    <main>
      <CartTotal />
      {offers.map((offer) => (
        <ProductCard key={offer.product.id} offer={offer} />
      ))}
    </main>
  );
}

function CartTotal() {
  const { totalCents } = useCart();
  const { format } = useCurrency();
  return <p>In your cart: {format(totalCents)}</p>;
}

const ProductCard = memo(function ProductCard({ offer: { product, inStock } }: { offer: Offer }) {
  const { add } = useCart();
  const { format } = useCurrency();
  return (
    <article>
      <h2>{product.name}</h2>
      <p>
        {format(product.price_cents)}, {inStock} in stock
      </p>
      <button disabled={inStock === 0} onClick={() => add({ productId: product.id, name: product.name, priceCents: product.price_cents, quantity: 1 })}>
        Add to cart
      </button>
    </article>
  );
});
