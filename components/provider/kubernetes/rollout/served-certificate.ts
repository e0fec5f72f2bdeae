import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";

const TIMEOUT = 5_000;

/**
 * SHA-256 of the certificate that a server shows on a port; `undefined` where it shows none.
 *
 * @param isGreeting - whether the server says who it is in the clear before the handshake, as it
 *   does to clients and not to routes
 */
export async function servedFingerprint(
  address: string,
  isGreeting: boolean,
): Promise<string | undefined> {
  const [host = "", port] = address.split(":");
  const socket = connect(Number(port), host);
  socket.setTimeout(TIMEOUT, () => socket.destroy());
  try {
    await (isGreeting ? greeting(socket) : once(socket, "connect"));
    return await handshake(socket);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}

function greeting(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    let words = "";
    const read = (chunk: Buffer) => {
      words += chunk.toString();
      if (words.includes("\r\n")) {
        socket.off("data", read);
        resolve();
      }
    };
    socket.on("data", read);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed")));
  });
}

/** Who only looks trusts nobody and sends nothing: whose certificate it is, is the answer. */
function handshake(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const secured = connectTls({ socket, rejectUnauthorized: false });
    secured.once("secureConnect", () => resolve(secured.getPeerCertificate().fingerprint256));
    secured.once("error", reject);
    secured.once("close", () => reject(new Error("closed")));
  });
}
