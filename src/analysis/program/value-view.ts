import type { ModuleFacts, Value, ValueId } from './facts';

/** A read-only look at one value of one module, through variables and across files. */
export interface ValueView {
  readonly facts: ModuleFacts;
  readonly id: ValueId;
  /** The value itself, with constant variables and imports followed. */
  readonly value: Value;
  /** Text of a string or template that is known here. */
  text(): string | undefined;
  number(): number | undefined;
  /** Property of an object literal; looks through spreads of known objects. */
  property(name: string): ValueView | undefined;
  /** Names of the properties of an object literal. */
  keys(): string[];
  /** The object has a spread or computed part that cannot be seen through: it may have any property. */
  readonly open: boolean;
  /** Items of an array literal; undefined when it is none or has a spread. */
  items(): ValueView[] | undefined;
  /** Callee name and arguments, when the value is a call: `eq(orders.id, id)` is `eq`. */
  call(): { name: string; of: ValueView; args: ValueView[] } | undefined;
  /** Source text-like name of a member chain: `orders.customerId`; undefined when it is none. */
  path(): string[] | undefined;
}
