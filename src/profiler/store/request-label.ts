/** Longer labels are no longer read by anybody. */
const LABEL_LIMIT = 200;

const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
/** Numbers, dates, versions: `17`, `2026-11-21`, `17.json` keeps its ending. */
const NUMBER = /^[\d._:,-]*\d[\d._:,-]*(?=$|\.[a-z]+$)/i;
const HEX = /^(?=.*\d)[0-9a-f]{16,}$/i;
/** Random identifiers (nanoid, cuid, ULID, tokens): long, and letters and digits are mixed. Words with a year at the end are not. */
const RANDOM = /^(?=[^/]*\d[^/]*[a-z][^/]*\d)[\w-]{16,}$/i;

/**
 * The label that requests for different things of one kind share: `GET /orders/17` and `GET /orders/18` are `GET /orders/:id`.
 * Texts without a path are returned as they are.
 */
export function requestLabel(label: string): string {
  const [path = ''] = label.trim().split(/[?#]/, 1);
  return path.split('/').map((part, index) => (index === 0 ? part : segmentLabel(part))).join('/').slice(0, LABEL_LIMIT);
}

function segmentLabel(segment: string): string {
  if (UUID.test(segment) || HEX.test(segment) || RANDOM.test(segment) || segment.includes('@') || segment.includes('%40')) return ':id';
  return segment.replace(NUMBER, ':id');
}
