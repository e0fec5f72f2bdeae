import { connect as connectTcp } from "node:net";
import { connect as connectTls } from "node:tls";

const TIMEOUT = 2_000;

/**
 * When the certificate of a server's client port ends; `undefined` where it shows none. NATS greets
 * in plain text before it begins TLS. Whether the certificate is trusted is not the question here.
 */
export function certificateEnd(address: string): Promise<Date | undefined> {
  const [, host = address, port = "4222"] = /^(.*):(\d+)$/.exec(address) ?? [];
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port: Number(port), timeout: TIMEOUT });
    const end = (date?: Date) => {
      socket.destroy();
      resolve(date);
    };
    socket.once("error", () => end());
    socket.once("timeout", () => end());
    socket.once("data", () => {
      socket.removeAllListeners("data");
      const secure = connectTls({ socket, rejectUnauthorized: false, servername: "" });
      secure.once("error", () => end());
      secure.once("secureConnect", () => {
        const { valid_to: until } = secure.getPeerCertificate();
        end(until === undefined ? undefined : new Date(until));
      });
    });
  });
}
