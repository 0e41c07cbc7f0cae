// Made by `npm run generate` from the folders of the rules. Do not edit.
import type { Rule } from './rule';
import connectionPerRequest from './database/connection-per-request/rule';
import filterInMemory from './database/filter-in-memory/rule';
import nPlusOne from './database/n-plus-one/rule';
import offsetPagination from './database/offset-pagination/rule';
import overFetch from './database/over-fetch/rule';
import repeatedQuery from './database/repeated-query/rule';
import sequentialAwait from './database/sequential-await/rule';
import sequentialWrite from './database/sequential-write/rule';
import transactionSideEffect from './database/transaction-side-effect/rule';
import unboundedQuery from './database/unbounded-query/rule';
import unboundedSelect from './sql/unbounded-select/rule';
import unstableContextValue from './react/unstable-context-value/rule';

export const all: readonly Rule[] = [
  connectionPerRequest,
  filterInMemory,
  nPlusOne,
  offsetPagination,
  overFetch,
  repeatedQuery,
  sequentialAwait,
  sequentialWrite,
  transactionSideEffect,
  unboundedQuery,
  unboundedSelect,
  unstableContextValue,
];
