import { createRoot } from 'react-dom/client';
import { CartProvider } from './cart';
import { CurrencyProvider } from './currency';
import { ProductsPage } from './products-page';

createRoot(document.getElementById('root')!).render(
  <CurrencyProvider>
    <CartProvider>
      <ProductsPage />
    </CartProvider>
  </CurrencyProvider>,
);
