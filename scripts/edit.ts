import { connect } from "nats";
import { STREAM_FIELDS } from "../components/jetstream/stream-fields";
import { PROVISIONER_INBOX, PROVISIONER_USER } from "../components/nats-server/server-options";
import { resolveSecret } from "../components/provider/secrets";
import { UserError } from "../components/user-error";
import { LOCAL_STACKS } from "./local/paths";
import { LocalPulumi } from "./local/pulumi";
import { runMain } from "./terminal/run-main";

const USAGE =
  "usage: npm run edit -- <colour> <stream> <property>=<value>, such as: npm run edit -- blue metrics_v1 maxAge=3d";

/** `npm run edit`: changes one property of a stream as somebody with another tool would. */
runMain(async () => {
  const [colour, stream, change = ""] = process.argv.slice(2);
  const [property, value] = change.split("=");
  const stack = LOCAL_STACKS.find((one) => one === `local-${colour}`);
  const field = STREAM_FIELDS.find(({ name }) => name === property);
  if (stack === undefined || stream === undefined || field === undefined || value === undefined) {
    throw new UserError(USAGE);
  }
  const { value: wanted, problems } = field.kind.parse(field.name, literal(value));
  if (wanted === undefined || problems.length > 0) {
    throw new UserError(problems.map(({ reason }) => reason).join("\n"));
  }
  const { outputs } = await (await LocalPulumi.ready()).state(stack);
  const servers = (outputs.servers ?? []) as string[];
  if (servers.length === 0) {
    throw new UserError(`${colour} is not up; start it with: npm start`);
  }
  await edit(servers, `.local/secrets/${colour}/provisioner`, stream, (config) => {
    config[field.wire] = field.kind.toWire(wanted);
  });
  process.stdout.write(`${stream} on ${colour}: ${field.name} is ${JSON.stringify(wanted)} now\n`);
  return 0;
});

async function edit(
  servers: readonly string[],
  passwordFile: string,
  stream: string,
  change: (config: Record<string, unknown>) => void,
): Promise<void> {
  const pass = resolveSecret("the provisioner's password", { file: passwordFile });
  const client = await connect({
    servers: [...servers],
    user: PROVISIONER_USER,
    pass,
    inboxPrefix: PROVISIONER_INBOX,
  });
  const ask = async (subject: string, question: unknown) => {
    const reply = await client.request(subject, JSON.stringify(question ?? {}), {
      timeout: 10_000,
    });
    const answer = reply.json<{
      config: Record<string, unknown>;
      error?: { description: string };
    }>();
    if (answer.error !== undefined) {
      throw new UserError(`${stream}: the server says "${answer.error.description}"`);
    }
    return answer;
  };
  try {
    const { config } = await ask(`$JS.API.STREAM.INFO.${stream}`, undefined);
    change(config);
    await ask(`$JS.API.STREAM.UPDATE.${stream}`, config);
  } finally {
    await client.close();
  }
}

/** A value of the command line as the program would write it. */
function literal(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
