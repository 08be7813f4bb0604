// A validator that is alone: it reads its key and its configuration, answers at its RPC port, and makes a block at each
// question. It ends at SIGTERM, as Besu does.
const { readFileSync } = require("node:fs");
const { createServer } = require("node:http");

const option = (name) => process.argv.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
const config = readFileSync(option("config-file"), "utf8");
const inFile = (name) => JSON.parse(new RegExp(`^${name}=(.*)$`, "m").exec(config)[1]);
readFileSync(inFile("node-private-key-file"));
readFileSync(inFile("genesis-file"));

let head = 0;
const answers = { eth_blockNumber: () => `0x${(++head).toString(16)}`, net_peerCount: () => "0x0" };
createServer((request, response) => {
  let text = "";
  request.on("data", (part) => (text += part));
  request.on("end", () => {
    const { id, method } = JSON.parse(text);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: answers[method]() }));
  });
}).listen(inFile("rpc-http-port"), option("rpc-http-host"), () => process.stdout.write(`${process.env.BESU_OPTS}\n`));
process.on("SIGTERM", () => process.exit(0));
