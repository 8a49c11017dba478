export { stopServers as default } from './jest-global-setup.mts';
