// What TypeScript's DOM does not know, and what the server puts into the loader (bot/channels/web/widget.py).

declare const WIDGET: { folder: string; entry: string; modules: string[] };

interface Window {
  /** Set by the loader, so that a second tag does nothing. */
  ventanillaLoaded?: boolean;
  trustedTypes?: {
    createPolicy(name: string, rules: { createHTML: (html: string) => string }): { createHTML: (html: string) => string };
  };
}
