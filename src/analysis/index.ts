/** The door of the analysis: text in, findings out. Everything behind it is pure. */
export type { Confidence, Detection, Explanation, FileContext, Finding, Fix, FixSafety, Related, RuleFailure, Severity, Span, TextEdit } from './finding';
export type { FileFacts, IgnoreFact, ModuleFacts, SqlFileFacts } from './facts/facts';
export { positionAt } from './facts/facts';
export type { Environment, Resolver } from './program/program';
export { Program } from './program/program';
export { sourcesOf } from './program/facts-store';
export { extractFacts, FACTS_VERSION } from './facts/extract';
export { contextOf } from './facts/file-context';
export { complete, detect } from './analyze';
export type { RuleSetting, RuleSettings } from './analyze';
export type { Rule, RuleOption, RuleOptions } from './rules/rule';
export { rules } from './rules/registry';
export type { TableSize } from './schema/table-sizes';
export { initSql, withSql } from './syntax/sql';
export { statementAt } from './statement-at';
export type { StatementAt } from './statement-at';
