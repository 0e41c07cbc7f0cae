/** Where the page finds its parts, as addresses that the web view may load. */
export interface PageParts {
  script: string;
  style: string;
  /** The web view's own source expression. */
  cspSource: string;
  /** Different for each page. */
  nonce: string;
}

/** The panel's page. It may load one script and one style sheet, and nothing else: no inline code, no network. */
export function panelPage(parts: PageParts): string {
  return webPage('Query timings', parts, `style-src ${parts.cspSource}`);
}

/** @param allowed what the page may load besides its script, as directives of the content security policy */
export function webPage(title: string, { script, style, nonce }: PageParts, allowed: string): string {
  const policy = `default-src 'none'; script-src 'nonce-${nonce}'; ${allowed}; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="stylesheet" href="${style}">
</head>
<body>
<script nonce="${nonce}" src="${script}"></script>
</body>
</html>
`;
}
