import { rules, type FixSafety, type RuleOption, type Severity } from '../analysis';

/** What settings, help and reports say of a rule. */
export interface RuleDescription {
  id: string;
  family: 'database' | 'react' | 'sql' | 'comments';
  summary: string;
  severity: Severity;
  fix: FixSafety | 'none';
  options: Record<string, RuleOption>;
}

/** The two rules about `roundtrip-ignore` comments: they look at findings, not at code, so they live in the workspace. */
export const UNUSED_IGNORE = 'unused-ignore';
export const UNEXPLAINED_IGNORE = 'unexplained-ignore';

const COMMENT_RULES: readonly RuleDescription[] = [
  {
    id: UNEXPLAINED_IGNORE,
    family: 'comments',
    summary: 'A roundtrip-ignore comment without a rule or a reason',
    severity: 'warning',
    fix: 'none',
    options: {},
  },
  {
    id: UNUSED_IGNORE,
    family: 'comments',
    summary: 'A roundtrip-ignore comment that ignores nothing',
    severity: 'info',
    fix: 'suggestion',
    options: {},
  },
];

/** Every rule that can report something, in the order of their ids. */
export function ruleCatalog(): RuleDescription[] {
  const own = [...rules.values()].map(({ id, family, summary, severity, fix, options }) => ({ id, family, summary, severity, fix, options }));
  return [...own, ...COMMENT_RULES].sort((a, b) => (a.id < b.id ? -1 : 1));
}
