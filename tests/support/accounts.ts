/**
 * An account with JetStream, whose user is whoever names none, and the account of the system. Lines
 * for a server's configuration.
 */
export const APP_AND_SYSTEM = `
  accounts {
    APP { jetstream: enabled, users: [{ user: app, password: app }] }
    SYS { users: [{ user: sys, password: sys }] }
  }
  system_account: SYS
  no_auth_user: app
`;
