// The gateway's script: runs inside nginx as njs, and in Node under test. In the part of JavaScript that every njs since
// 0.7.9 has: no classes, no destructuring, no spread, no for…of.
import policy from "policy.js";

/** JSON-RPC's own codes (JSON-RPC 2.0, section 5.1); -32604 and -32005 are what Besu says in the same cases. */
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const LIMIT_EXCEEDED = -32005;
const METHOD_NOT_ENABLED = -32604;

/** A method that no node has: what a refused call over a WebSocket is turned into, so that the node itself says no. */
const REFUSED_METHOD = "gateway_refused";

/** Close codes of a WebSocket (RFC 6455, section 7.4.1). */
const PROTOCOL_ERROR = 1002;
const UNSUPPORTED_DATA = 1003;
const POLICY_VIOLATION = 1008;
const TOO_BIG = 1009;

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** Larger numbers are not what they were once they have been read. */
function isId(id) {
  return id === undefined || id === null || typeof id === "string" || Number.isSafeInteger(id);
}

/** What is wrong with one call; undefined for one that may pass. */
function faultOf(call) {
  if (call === null || typeof call !== "object" || Array.isArray(call)) {
    return { code: INVALID_REQUEST, message: "A call is an object." };
  }
  if (!isId(call.id) || typeof call.method !== "string") {
    return { code: INVALID_REQUEST, message: "A call has a method, and an id that is text or a whole number." };
  }
  if (call.params !== undefined && (call.params === null || typeof call.params !== "object")) {
    return { code: INVALID_REQUEST, message: "params is a list or an object." };
  }
  if (policy.methods.indexOf(call.method) < 0) {
    return { code: METHOD_NOT_ENABLED, message: `${call.method.slice(0, 64)} is not offered here.` };
  }
  return undefined;
}

/** What of a call is passed on: nothing that was not judged. */
function cleaned(call) {
  return { jsonrpc: "2.0", id: call.id, method: call.method, params: call.params };
}

function refusal(call, fault) {
  const id = call !== null && typeof call === "object" && isId(call.id) && call.id !== undefined ? call.id : null;
  const error = { code: fault.code, message: fault.message };
  return { forward: undefined, id: id, answer: JSON.stringify({ jsonrpc: "2.0", id: id, error: error }) };
}

/**
 * Judges a request: `forward` is what the node gets, written anew, so that it reads what was judged even where a key
 * stood twice; or `answer` is what the caller gets. One call that is refused refuses its whole batch.
 */
function judge(text) {
  let request;
  try {
    request = JSON.parse(text);
  } catch (error) {
    return refusal(null, { code: PARSE_ERROR, message: "That is not JSON." });
  }
  if (!Array.isArray(request)) {
    const fault = faultOf(request);
    return fault === undefined ? { forward: JSON.stringify(cleaned(request)) } : refusal(request, fault);
  }
  if (request.length === 0) return refusal(null, { code: INVALID_REQUEST, message: "The batch is empty." });
  if (request.length > policy.maxBatch) {
    return refusal(null, { code: LIMIT_EXCEEDED, message: `A batch has at most ${policy.maxBatch} calls.` });
  }
  for (let i = 0; i < request.length; i++) {
    const fault = faultOf(request[i]);
    if (fault !== undefined) return refusal(request[i], fault);
  }
  return { forward: JSON.stringify(request.map(cleaned)) };
}

/** HTTP: one request, one answer. */
async function http(r) {
  // A web page may send text/plain without asking first (Fetch, "CORS-safelisted request-header"); JSON it may not.
  if (!/^application\/json\b/i.test(r.headersIn["Content-Type"] || "")) {
    r.return(415, "Content-Type is not application/json.\n");
    return;
  }
  const verdict = judge(r.requestText || "");
  r.headersOut["Content-Type"] = "application/json";
  if (verdict.forward === undefined) {
    r.return(200, verdict.answer);
    return;
  }
  const reply = await r.subrequest("/besu", { method: "POST", body: verdict.forward });
  r.return(reply.status, reply.responseBuffer);
}

/** Whether the node follows the chain: 200 while its newest block is young, 503 otherwise and before the first. */
async function health(r) {
  const body = '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest",false]}';
  const reply = await r.subrequest("/besu", { method: "POST", body: body });
  let age = Infinity;
  try {
    const block = JSON.parse(reply.responseText).result;
    age = Date.now() / 1000 - parseInt(block.timestamp, 16);
  } catch (error) {
    r.warn(`no newest block: ${reply.status}`);
  }
  const healthy = age <= policy.headAgeSeconds;
  r.return(healthy ? 200 : 503, healthy ? "ok\n" : "the newest block is too old\n");
}

/** A client's frame that carries `payload`. A mask of zeros is a mask (RFC 6455, section 5.3): it only has to be there. */
function frameOf(opcode, payload) {
  const size = payload.length;
  const extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const head = Buffer.alloc(2 + extended + 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (extended === 0 ? size : extended === 2 ? 126 : 127);
  if (extended === 2) head.writeUInt16BE(size, 2);
  if (extended === 8) head.writeUInt32BE(size, 6);
  return Buffer.concat([head, payload]);
}

/** The first frame of what has come; undefined as long as it is not whole; `fault` with a close code. */
function readFrame(bytes) {
  if (bytes.length < 2) return undefined;
  const opcode = bytes[0] & 0x0f;
  const final = (bytes[0] & 0x80) !== 0;
  // Reserved bits mean an extension, such as compression, and none was offered; a client's frame is masked.
  if ((bytes[0] & 0x70) !== 0 || (bytes[1] & 0x80) === 0) return { fault: PROTOCOL_ERROR };
  let size = bytes[1] & 0x7f;
  let start = 2;
  if (opcode >= CLOSE && (size > 125 || !final)) return { fault: PROTOCOL_ERROR };
  if (size === 126) {
    if (bytes.length < 4) return undefined;
    size = bytes.readUInt16BE(2);
    start = 4;
  } else if (size === 127) {
    if (bytes.length < 10) return undefined;
    if (bytes.readUInt32BE(2) !== 0) return { fault: TOO_BIG };
    size = bytes.readUInt32BE(6);
    start = 10;
  }
  if (size > policy.maxBodyBytes) return { fault: TOO_BIG };
  const end = start + 4 + size;
  if (bytes.length < end) return undefined;
  return { opcode: opcode, final: final, start: start, end: end };
}

function unmasked(bytes, frame) {
  const payload = Buffer.alloc(frame.end - frame.start - 4);
  for (let i = 0; i < payload.length; i++) payload[i] = bytes[frame.start + 4 + i] ^ bytes[frame.start + (i % 4)];
  return payload;
}

/**
 * What of a WebSocket's upstream bytes the node gets: the handshake, and then each message as it was judged. A refused
 * call becomes one of a method that does not exist, so that the answer bears its id and comes in its turn.
 *
 * @param now the time in milliseconds
 * @returns bytes in, bytes out
 */
function webSocketFilter(now) {
  let pending = Buffer.alloc(0);
  let upgraded = false;
  let closed = false;
  let parts = [];
  let collected = 0;
  let second = 0;
  let inSecond = 0;

  function close(code) {
    closed = true;
    pending = Buffer.alloc(0);
    return frameOf(CLOSE, Buffer.from([code >> 8, code & 0xff]));
  }

  function message(text) {
    const at = Math.floor(now() / 1000);
    inSecond = at === second ? inSecond + 1 : 1;
    second = at;
    if (inSecond > policy.messagesPerSecond) return close(POLICY_VIOLATION);
    const verdict = judge(text);
    if (verdict.forward !== undefined) return frameOf(TEXT, Buffer.from(verdict.forward));
    // Without an id nobody waits for the answer.
    if (verdict.id === null) return close(POLICY_VIOLATION);
    const refused = { jsonrpc: "2.0", id: verdict.id, method: REFUSED_METHOD };
    return frameOf(TEXT, Buffer.from(JSON.stringify(refused)));
  }

  /** One whole frame: the bytes to pass on, which may be none yet. */
  function frame(found) {
    if (found.opcode >= CLOSE) {
      if (found.opcode === CLOSE) closed = true;
      return pending.slice(0, found.end);
    }
    if (found.opcode === BINARY) return close(UNSUPPORTED_DATA);
    const begins = found.opcode === TEXT;
    if ((!begins && found.opcode !== 0) || begins !== (parts.length === 0)) return close(PROTOCOL_ERROR);
    const payload = unmasked(pending, found);
    collected += payload.length;
    if (collected > policy.maxBodyBytes) return close(TOO_BIG);
    parts.push(payload);
    if (!found.final) return Buffer.alloc(0);
    const text = Buffer.concat(parts).toString();
    parts = [];
    collected = 0;
    return message(text);
  }

  return function (data) {
    const out = [];
    if (closed) return Buffer.alloc(0);
    pending = Buffer.concat([pending, data]);
    if (!upgraded) {
      const end = pending.indexOf("\r\n\r\n");
      if (end < 0) return Buffer.alloc(0);
      upgraded = true;
      out.push(pending.slice(0, end + 4));
      pending = pending.slice(end + 4);
    }
    while (!closed) {
      const found = readFrame(pending);
      if (found === undefined) break;
      if (found.fault !== undefined) {
        out.push(close(found.fault));
        break;
      }
      out.push(frame(found));
      pending = pending.slice(found.end);
    }
    return Buffer.concat(out);
  };
}

/** Stream: the bytes between nginx's own WebSocket proxy and the node. */
function frames(s) {
  const filter = webSocketFilter(Date.now);
  s.on("upstream", function (data, flags) {
    const passed = filter(data);
    if (passed.length > 0 || flags.last) s.send(passed, { last: flags.last, flush: true });
  });
}

export default { http, health, frames, judge, webSocketFilter };
