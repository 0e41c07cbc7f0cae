import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Currency {
  code: string;
  setCode(code: string): void;
  format(cents: number): string;
}

const CurrencyContext = createContext<Currency | undefined>(undefined);

export function CurrencyProvider({ children }: { children: ReactNode }) {
  const [code, setCode] = useState('EUR');
  const currency = useMemo(() => {
    const number = new Intl.NumberFormat(undefined, { style: 'currency', currency: code });
    return { code, setCode, format: (cents: number) => number.format(cents / 100) };
  }, [code]);
  return <CurrencyContext.Provider value={currency}>{children}</CurrencyContext.Provider>;
}

export function useCurrency(): Currency {
  const currency = useContext(CurrencyContext);
  if (!currency) throw new Error('useCurrency needs a CurrencyProvider around it.');
  return currency;
}
