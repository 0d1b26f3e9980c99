// Carries out calls of the AWS SDK that a test describes as JSON on standard input, one after
// another, and prints what came of each as a JSON list. See tests/support/node_sdk.py.
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import * as s3 from "@aws-sdk/client-s3";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { Upload } from "@aws-sdk/lib-storage";

const services = {
  s3: [s3.S3Client, s3],
  iam: [iam.IAMClient, iam],
  sts: [sts.STSClient, sts],
};

const { service, options, host_header_style, calls } = JSON.parse(readFileSync(0, "utf8"));
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

async function perform(call) {
  const input = { ...call.input };
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

const outcomes = [];
for (const call of calls) {
  try {
    outcomes.push({ output: await perform(call) });
  } catch (error) {
    outcomes.push({
      error: { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode },
    });
  }
}
process.stdout.write(JSON.stringify(outcomes), () => process.exit(0));
