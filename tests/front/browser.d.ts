// Declares what TypeScript's DOM library lacks, and the value that the server puts into the loader (widget.py).

declare const WIDGET: { folder: string; entry: string; modules: string[] };

interface Window {
  /** Set by the loader, so that a second script tag does nothing. */
  ventanillaLoaded?: boolean;
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML: (html: string) => string }): { createHTML: (html: string) => string };
  };
}
