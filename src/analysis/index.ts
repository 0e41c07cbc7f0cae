/** The door of the analysis: text in, findings out. Everything behind it is pure. */
export type { Confidence, Detection, Explanation, FileContext, Finding, Fix, FixSafety, Related, RuleFailure, Severity, Span, TextEdit } from './finding';
export type { FileFacts, IgnoreFact, ModuleFacts, SqlFileFacts } from './program/facts';
export { positionAt } from './program/facts';
export type { Environment, Resolver } from './program/program';
export { Program } from './program/program';
export { extractFacts, FACTS_VERSION } from './program/extract';
export { contextOf } from './program/file-context';
export { complete, detect } from './analyze';
export type { RuleSetting, RuleSettings } from './analyze';
export type { Rule, RuleOption, RuleOptions } from './rules/rule';
export { rules } from './rules/registry';
export { initSql } from './syntax/sql';
