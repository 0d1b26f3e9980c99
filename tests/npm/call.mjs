// Carries out calls of the AWS SDK that a test describes as lines of JSON on standard input: the first says as whom
// and where, each further one is a call, answered with a line of what came of it. See tests/support/node_sdk.py.
import { createReadStream, createWriteStream } from "node:fs";
import { Agent } from "node:http";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import * as s3 from "@aws-sdk/client-s3";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import * as transfer from "@aws-sdk/client-transfer";
import { Upload } from "@aws-sdk/lib-storage";

const services = {
  s3: [s3.S3Client, s3],
  iam: [iam.IAMClient, iam],
  sts: [sts.STSClient, sts],
  transfer: [transfer.TransferClient, transfer],
};

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const { service, options, host_header_style } = JSON.parse((await lines.next()).value);
const [Client, commands] = services[service];
if (host_header_style) {
  // Every name is this machine, as a wildcard DNS record would have it.
  const lookup = (name, wanted, done) =>
    wanted.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
  options.requestHandler = { httpAgent: new Agent({ keepAlive: true, lookup }) };
}
const client = new Client({ maxAttempts: 1, ...options });

// { "text": … }, { "base64": … } or { "file": path } become a body; a stream has no length known beforehand.
function body(given) {
  if (given.file !== undefined) return createReadStream(given.file);
  if (given.base64 !== undefined) return Buffer.from(given.base64, "base64");
  return given.text;
}

// { "date": … } and { "bytes": base64 } stand for what JSON does not have; bytes are answered as base64.
function revived(key, value) {
  if (value?.date !== undefined) return new Date(value.date);
  if (value?.bytes !== undefined) return Buffer.from(value.bytes, "base64");
  return value;
}

function told(key, value) {
  return this[key] instanceof Uint8Array ? Buffer.from(this[key]).toString("base64") : value;
}

async function paginate(name, input, pageSize) {
  const pages = [];
  for await (const { $metadata, ...page } of commands[name]({ client, pageSize }, input)) pages.push(page);
  return { pages };
}

// The members of every structure and union that the SDK knows, by its name.
function structures() {
  const [structure, union] = [3, 4];
  const schemas = Object.values(commands).filter((one) => Array.isArray(one) && [structure, union].includes(one[0]));
  return Object.fromEntries(schemas.map(([, , name, , members]) => [name, members]));
}

async function perform(call) {
  const input = { ...call.input };
  if (call.exports) return { names: Object.keys(commands) };
  if (call.structures) return { members: structures() };
  if (call.paginate) return paginate(call.paginate, input, call.page_size);
  if (call.wait) return { state: (await commands[call.wait]({ client, ...call.times }, input)).state };
  if (call.body) input.Body = body(call.body);
  if (call.upload) {
    const { $metadata, ...output } = await new Upload({ client, params: input, ...call.upload }).done();
    return output;
  }
  const { $metadata, ...output } = await client.send(new commands[`${call.command}Command`](input));
  output.status = $metadata.httpStatusCode;
  if (output.Body) {
    if (call.save) {
      await pipeline(output.Body, createWriteStream(call.save));
      delete output.Body;
    } else {
      output.Body = await output.Body.transformToString("base64");
    }
  }
  return output;
}

// The classes of the client that the error is an instance of, and the members that the service told.
function failure(error) {
  const classes = Object.keys(commands).filter(
    (name) => commands[name]?.prototype instanceof Error && error instanceof commands[name],
  );
  const members = Object.entries(error).filter(([name, value]) => /^[A-Z]/.test(name) && typeof value === "string");
  const { name, message, $metadata } = error;
  return { name, message, status: $metadata?.httpStatusCode, classes, members: Object.fromEntries(members) };
}

for await (const line of { [Symbol.asyncIterator]: () => lines }) {
  const outcome = await perform(JSON.parse(line, revived)).then(
    (output) => ({ output }),
    (error) => ({ error: failure(error) }),
  );
  await new Promise((done) => process.stdout.write(JSON.stringify(outcome, told) + "\n", done));
}
process.exit(0);
