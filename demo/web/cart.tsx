import { createContext, type ReactNode, useContext, useState } from 'react';

export interface CartLine {
  productId: number;
  name: string;
  priceCents: number;
  quantity: number;
}

interface Cart {
  lines: CartLine[];
  totalCents: number;
  add(line: CartLine): void;
}

const CartContext = createContext<Cart | undefined>(undefined);

export function CartProvider({ children }: { children: ReactNode }) {
  const [lines, setLines] = useState<CartLine[]>([]);
  const [isOpen, setOpen] = useState(false);

  const add = (line: CartLine) => setLines((before) => [...before, line]);
  const totalCents = lines.reduce((total, line) => total + line.priceCents * line.quantity, 0);

  return (
    <CartContext.Provider value={{ lines, totalCents, add }}>
      {children}
      <button onClick={() => setOpen(!isOpen)}>{isOpen ? 'Close cart' : 'Open cart'}</button>
      {isOpen && (
        <ul>
          {lines.map((line, index) => (
            <li key={index}>
              {line.quantity} × {line.name}
            </li>
          ))}
        </ul>
      )}
    </CartContext.Provider>
  );
}

export function useCart(): Cart {
  const cart = useContext(CartContext);
  if (!cart) throw new Error('useCart needs a CartProvider around it.');
  return cart;
}
