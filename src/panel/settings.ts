import type { Opened } from './detail-view.js';
import { COLUMNS, DEFAULT_ORDER, GROUPINGS, type Grouping, type Order } from './table-rows.js';

export const TABS = ['queries', 'activity', 'session'] as const;
export type Tab = (typeof TABS)[number];

/** What a person set in the panel. It outlives the page. */
export interface PanelSettings {
  tab: Tab;
  grouping: Grouping;
  orders: Record<Grouping, Order>;
  filter: string;
  /** Id of the session that was shown last, which has the row that is opened. */
  session: string;
  opened: Opened | undefined;
}

/** The settings of an earlier page, as far as they make sense. */
export function readSettings(value: unknown): PanelSettings {
  const { tab, grouping, orders, filter, session, opened } = fields(value);
  const stored = fields(orders);
  const { grouping: openedGrouping, key } = fields(opened);
  return {
    tab: TABS.find((known) => known === tab) ?? 'queries',
    grouping: readGrouping(grouping) ?? 'statements',
    orders: { statements: readOrder('statements', stored.statements), lines: readOrder('lines', stored.lines), requests: readOrder('requests', stored.requests) },
    filter: typeof filter === 'string' ? filter : '',
    session: typeof session === 'string' ? session : '',
    opened: readGrouping(openedGrouping) !== undefined && typeof key === 'string' ? { grouping: readGrouping(openedGrouping)!, key } : undefined,
  };
}

function readGrouping(value: unknown): Grouping | undefined {
  return GROUPINGS.find((known) => known === value);
}

function readOrder(grouping: Grouping, value: unknown): Order {
  const { column, descending } = fields(value);
  const known = COLUMNS[grouping].find(({ id }) => id === column);
  return known !== undefined && typeof descending === 'boolean' ? { column: known.id, descending } : DEFAULT_ORDER;
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
