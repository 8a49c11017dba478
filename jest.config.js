/** One Jest for the workspace: real PostgreSQL and NATS are started once for a whole run by libs/testing. */
export default {
  testMatch: ['<rootDir>/{apps,libs,tools}/**/*.spec.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '<rootDir>/.run/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest'] },
  moduleNameMapper: {
    '^@sportello/testing/provision$': '<rootDir>/libs/testing/src/provision/index.ts',
    '^@sportello/(.*)$': '<rootDir>/libs/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  globalSetup: '<rootDir>/libs/testing/src/provision/jest-global-setup.mts',
  globalTeardown: '<rootDir>/libs/testing/src/provision/jest-global-teardown.mts',
  testTimeout: 180_000,
};
