import { strict as assert } from "node:assert";
import type { ConnectionOptions, NatsConnection } from "nats";
import { plainWayOf, rememberWay } from "../../../components/provider/plain-way";

describe("the way to a server without the client", () => {
  /** A connection as far as it is looked at. */
  const connection = (info: object | undefined = {}, isClosed = false, server = "10.0.0.1:4222") =>
    ({ info, isClosed: () => isClosed, getServer: () => server }) as unknown as NatsConnection;

  function wayOf(options: ConnectionOptions, client = connection()) {
    rememberWay(client, options);
    return plainWayOf(client);
  }

  it("leads to the server that the client is with", () => {
    const { host, port } = wayOf({}) ?? {};
    assert.deepEqual([host, port], ["10.0.0.1", 4222]);
    const six = wayOf({}, connection({}, false, "[::1]:14222"));
    assert.deepEqual([six?.host, six?.port], ["::1", 14222]);
  });

  it("shows who it is as the client does", () => {
    const login = (options: ConnectionOptions) => wayOf(options)?.login("nonce");
    assert.deepEqual(login({}), {});
    assert.deepEqual(login({ user: "u", pass: "p" }), { user: "u", pass: "p" });
    assert.deepEqual(login({ token: "t" }), { auth_token: "t" });
    const authenticator = (nonce?: string) => ({ jwt: "j", nkey: "k", sig: `signed ${nonce}` });
    assert.deepEqual(login({ authenticator }), { jwt: "j", nkey: "k", sig: "signed nonce" });
  });

  it("is none where the connection is encrypted, closed, or of somebody else's making", () => {
    assert.equal(plainWayOf(connection()), undefined);
    assert.equal(wayOf({ tls: {} }), undefined);
    assert.equal(wayOf({}, connection({ tls_required: true })), undefined);
    assert.equal(wayOf({}, connection({ tls_available: true })), undefined);
    assert.equal(wayOf({}, connection({}, true)), undefined);
  });
});
