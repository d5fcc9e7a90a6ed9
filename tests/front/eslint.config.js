import js from '@eslint/js';

/** Configures eslint for the browser scripts; tsc checks undefined names. */
export default [
  { ignores: ['**/*.d.ts'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: 'module' },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-undef': 'off',
      'no-unused-vars': ['error', { args: 'after-used', caughtErrors: 'none' }],
      'no-empty': ['error', { allowEmptyCatch: true }],
      'prefer-const': ['error', { destructuring: 'all' }],
      'no-var': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'object-shorthand': 'error',
      'no-proto': 'error',
      'no-extend-native': 'error',
      'prefer-template': 'off',
      'no-implicit-globals': 'error',
      'no-restricted-syntax': ['error', { selector: "AssignmentExpression[left.property.name='innerHTML']", message: 'setSafeHtml is the one way in for HTML.' }],
      complexity: ['error', { max: 10, variant: 'modified' }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'max-len': ['error', { code: 180, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreComments: true }],
    },
  },
  { files: ['**/loader.js', '**/loading.js'], languageOptions: { sourceType: 'script' } },
  { files: ['**/front/**'], rules: { 'max-lines-per-function': 'off' } },
];
