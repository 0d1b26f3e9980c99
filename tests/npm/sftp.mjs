// Carries out calls of ssh2-sftp-client that a test describes as JSON on standard input, one after another over
// one connection, and prints the last one's result or the first error. See tests/clients/libraries.py.
import { createReadStream, createWriteStream, readFileSync, statSync } from "node:fs";
import SftpClient from "ssh2-sftp-client";

const { config, calls } = JSON.parse(readFileSync(0, "utf8"));
const client = new SftpClient();

const own = {
  // What is there is the beginning of the file; the rest is appended.
  async resumePut(local, remote) {
    const { size } = await client.stat(remote);
    return client.append(createReadStream(local, { start: size }), remote);
  },
  async resumeGet(remote, local) {
    const start = statSync(local).size;
    await client.get(remote, createWriteStream(local, { flags: "a" }), { readStreamOptions: { start } });
  },
};

async function main() {
  let result;
  try {
    await client.connect(config);
    // Else each block of a transfer waits for the kernel's delayed acknowledgement of the one before.
    client.client.setNoDelay(true);
    for (const [name, ...given] of calls) result = await (own[name] ?? client[name].bind(client))(...given);
    await client.end();
  } catch (error) {
    return { ok: false, message: error.message };
  }
  return { ok: true, result: Array.isArray(result) ? result : undefined };
}

const said = await main();
process.stdout.write(JSON.stringify(said), () => process.exit(0));
