import { connect, createInbox } from "nats";

// What a snapshot takes the client for Node that only receives and acknowledges it.
const [stream = "", servers = "", chunk = "32768"] = process.argv.slice(2);
const connection = await connect({ servers: servers.split(",") });
const inbox = createInbox();
const ended = new Promise((resolve, reject) => {
  const callback = (error, message) => {
    if (error !== null) {
      reject(error);
    } else if (message.data.length === 0) {
      resolve();
    } else {
      message.respond();
    }
  };
  connection.subscribe(inbox, { callback });
});
await connection.flush();
const question = { deliver_subject: inbox, chunk_size: Number(chunk), jsck: false };
const subject = `$JS.API.STREAM.SNAPSHOT.${stream}`;
await connection.request(subject, JSON.stringify(question), { timeout: 10_000 });
await ended;
await connection.close();
