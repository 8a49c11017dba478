import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import ts from 'typescript-eslint';

const libs = (...names) => names.map((name) => `scope:${name}`);

export default ts.config(
  { ignores: ['**/dist/**', '**/generated/**', '.nx/**', '.run/**', 'node_modules/**'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  prettier,
  { languageOptions: { globals: globals.node } },
  {
    files: ['**/*.{ts,tsx}'],
    plugins: { '@nx': nx },
    // Nest injects by the types of constructor parameters: such an import must stay a value.
    languageOptions: { parserOptions: { emitDecoratorMetadata: true, experimentalDecorators: true } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // A promise nobody waits for is an error nobody hears of (STYLE: mistake 9).
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='flush']",
          message: 'The context flushes once, after the handler.',
        },
      ],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          allow: [],
          depConstraints: [
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib'] },
            { sourceTag: 'runtime:browser', onlyDependOnLibsWithTags: ['runtime:any', 'runtime:browser'] },
            { sourceTag: 'runtime:any', onlyDependOnLibsWithTags: ['runtime:any'] },
            { sourceTag: 'runtime:node', onlyDependOnLibsWithTags: ['runtime:any', 'runtime:node'] },
            { sourceTag: 'scope:kernel', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'scope:mail', onlyDependOnLibsWithTags: libs('kernel') },
            { sourceTag: 'scope:storage', onlyDependOnLibsWithTags: libs('kernel') },
            { sourceTag: 'scope:permissions', onlyDependOnLibsWithTags: libs('kernel') },
            { sourceTag: 'scope:contracts', onlyDependOnLibsWithTags: libs('kernel', 'permissions') },
            { sourceTag: 'scope:persistence', onlyDependOnLibsWithTags: libs('kernel') },
            { sourceTag: 'scope:messaging', onlyDependOnLibsWithTags: libs('kernel', 'persistence') },
            {
              sourceTag: 'scope:directory',
              onlyDependOnLibsWithTags: libs('contracts', 'messaging', 'permissions', 'service'),
            },
            { sourceTag: 'scope:listing', onlyDependOnLibsWithTags: libs('kernel', 'permissions') },
          ],
        },
      ],
    },
  },
  {
    files: ['apps/web/**/*.{ts,tsx}'],
    languageOptions: { globals: globals.browser },
    plugins: { 'react-hooks': reactHooks },
    rules: reactHooks.configs.recommended.rules,
  },
  {
    files: ['apps/*/src/**/*.operations.ts', 'apps/*/src/**/*.subscriptions.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.property.name='flush']",
          message: 'The context flushes once, after the handler.',
        },
        {
          selector:
            "CallExpression[callee.property.name=/^call(AsSelf)?$/][callee.object.property.name='client']:not(NewExpression[callee.name='Afterwards'] CallExpression)",
          message: 'Nobody waits for another service inside a transaction: answer with Afterwards.',
        },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@nestjs/common'],
              importNamePattern: 'Exception$',
              message: 'A handler refuses by an error that its contract declares.',
            },
          ],
        },
      ],
    },
  },
  {
    // What libs/testing stands on is proven by means of it (see .nxignore).
    files: ['libs/{persistence,messaging,service}/src/**/*.spec.ts'],
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
);
