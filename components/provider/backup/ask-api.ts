import { errors, type NatsConnection } from "nats";
import { UserError } from "../../user-error";
import { ApiError } from "../faults";

/** Asks JetStream over a plain connection; an answer that says no is thrown as `ApiError`. */
export async function askApi<T>(
  connection: NatsConnection,
  subject: string,
  question: unknown,
  timeout: number,
): Promise<T> {
  const payload = question === undefined ? "" : JSON.stringify(question);
  const reply = await connection.request(subject, payload, { timeout }).catch((error: unknown) => {
    const cause = error instanceof errors.RequestError ? error.cause : error;
    throw cause instanceof errors.PermissionViolationError
      ? new UserError(
          `the server refused a request on '${subject}': "${cause.message}"; use a user who may do it.`,
          { cause: error },
        )
      : error;
  });
  const answer = reply.json<T & { error?: { err_code?: number; description?: string } }>();
  if (answer.error !== undefined) {
    const { err_code: code = 0, description = "no reason given" } = answer.error;
    throw new ApiError(code, description, subject);
  }
  return answer;
}
