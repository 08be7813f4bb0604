import { RPC_PORT, WS_PORT } from "../besu/node-options";

/** Port of the gateway's load balancer. */
export const HTTPS_PORT = 443;

/** Ports of the gateway's container. */
export const GATEWAY_PORT = 8443;
const FILTER_PORT = 8547;

/** Path of WebSockets; everything else is POST to `/`. */
export const WEB_SOCKET_PATH = "/ws";
export const HEALTH_PATH = "/health";

/** Uid of nginx in nginx's own image (nginx/docker-nginx, Dockerfile). */
export const NGINX_UID = 101;

export interface NginxArgs {
  /** Names in the Host header that are answered; any other gets 421. */
  readonly hosts: readonly string[];
  /** Origins of web pages that may call; none unless named. */
  readonly origins: readonly string[];
  /** Requests of one client in a second, on this node. */
  readonly requestsPerSecond: number;
  /** Connections of one client at a time, on this node. */
  readonly connections: number;
  /** Longest request, in bytes. */
  readonly maxBodyBytes: number;
  /** Files with the certificate's chain and its key, in PEM; read at each handshake, so a renewed one needs no reload. */
  readonly certificate: { readonly chain: string; readonly key: string };
  /** Folder with gateway.js and policy.js. */
  readonly scripts: string;
  /**
   * Value that the header X-Azure-FDID must have, so that nobody else's Front Door leads here; the client is then whom
   * Front Door names. @default no Front Door
   */
  readonly frontDoorId?: string | undefined;
  /** nginx's modules. @default those of nginx's own image */
  readonly modules?: readonly string[];
  /** Port to listen on. @default 8443 */
  readonly port?: number;
  /** The node's ports. @default Besu's */
  readonly node?: { readonly rpc: number; readonly webSocket: number };
  /** Port of the filter between nginx and the node's WebSockets. @default 8547 */
  readonly filterPort?: number;
  /** Folder that can be written. @default /tmp */
  readonly temporary?: string;
}

/** In nginx's own image stream is built in, and njs is a module (nginx/docker-nginx, Dockerfile). */
const MODULES = ["modules/ngx_http_js_module.so", "modules/ngx_stream_js_module.so"];

/** Longest answer of a node that is passed on: it is held in memory. */
const LONGEST_ANSWER = "32m";

/**
 * nginx's configuration: TLS, one host, limits per client, and gateway.js between the client and the node.
 *
 * A WebSocket takes two steps through nginx: http ends TLS, judges Host and Origin and drops every extension, so that no
 * message is compressed; stream sees the bare frames and hands them to gateway.js.
 */
export function renderNginxConfig(args: NginxArgs): string {
  const { rpc, webSocket } = args.node ?? { rpc: RPC_PORT, webSocket: WS_PORT };
  const { port = GATEWAY_PORT, filterPort = FILTER_PORT, temporary = "/tmp" } = args;
  const listen = `listen ${port} ssl`;
  return `${(args.modules ?? MODULES).map((module) => `load_module ${module};\n`).join("")}
worker_processes 2;
pid ${temporary}/nginx.pid;
error_log stderr warn;

events {
  worker_connections 4096;
}

http {
  js_path ${quoted(args.scripts)};
  js_import gateway from gateway.js;

  # One line a request, without its body: what was called is the caller's business.
  log_format short '$remote_addr $request_method $uri $status $request_time';
  access_log /dev/stdout short;
  server_tokens off;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${temporary}/${kind};`).join("\n  ")}

  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_tickets off;
  ssl_session_cache shared:tls:4m;
  # By variable, so that it is read at each handshake (ngx_http_ssl_module, since 1.15.9): a renewal needs no reload.
  map "" $certificate_chain { default ${quoted(args.certificate.chain)}; }
  map "" $certificate_key { default ${quoted(args.certificate.key)}; }
  ssl_certificate $certificate_chain;
  ssl_certificate_key $certificate_key;
${clientBehind(args.frontDoorId)}
  limit_req_zone $binary_remote_addr zone=requests:8m rate=${args.requestsPerSecond}r/s;
  limit_conn_zone $binary_remote_addr zone=connections:8m;
  limit_req_status 429;
  limit_conn_status 429;

  # The request is judged in memory, and never written to a disk.
  client_max_body_size ${args.maxBodyBytes};
  client_body_buffer_size ${args.maxBodyBytes};
  client_body_in_single_buffer on;
  client_header_timeout 10s;
  client_body_timeout 10s;
  large_client_header_buffers 4 8k;
  subrequest_output_buffer_size ${LONGEST_ANSWER};

  map $http_origin $allowed_origin {
    default "";
${args.origins.map((origin) => `    ${quoted(origin)} $http_origin;\n`).join("")}  }
  # A page of another origin that says so is refused: also a WebSocket, which asks nobody first.
  map $http_origin:$allowed_origin $foreign {
    ":" "";
    "~.+:$" "1";
    default "";
  }
${frontDoor(args.frontDoorId)}
  server {
    ${listen} default_server;
    server_name _;
    location = ${HEALTH_PATH} { js_content gateway.health; }
    location = /besu { internal; ${toNode(rpc)} }
    location / { return 421; }
  }

  server {
    ${listen};
    server_name ${args.hosts.join(" ")};
    if ($foreign) { return 403; }
${args.frontDoorId === undefined ? "" : "    if ($other_front_door) { return 403; }\n"}    add_header Access-Control-Allow-Origin $allowed_origin always;
    add_header Vary Origin always;

    location = / {
      limit_req zone=requests burst=${2 * args.requestsPerSecond} nodelay;
      limit_conn connections ${args.connections};
      if ($request_method = OPTIONS) {
        add_header Access-Control-Allow-Origin $allowed_origin always;
        add_header Access-Control-Allow-Methods POST always;
        add_header Access-Control-Allow-Headers Content-Type always;
        add_header Access-Control-Max-Age 600 always;
        return 204;
      }
      if ($request_method != POST) { return 405; }
      js_content gateway.http;
    }

    location = ${WEB_SOCKET_PATH} {
      limit_req zone=requests burst=${2 * args.requestsPerSecond} nodelay;
      limit_conn connections ${args.connections};
      if ($request_method != GET) { return 405; }
      if ($http_upgrade !~* ^websocket$) { return 426; }
      proxy_pass http://127.0.0.1:${filterPort}/;
      proxy_http_version 1.1;
      proxy_pass_request_headers off;
      proxy_pass_request_body off;
      proxy_set_header Host localhost;
      proxy_set_header Connection upgrade;
      proxy_set_header Upgrade websocket;
      proxy_set_header Sec-WebSocket-Key $http_sec_websocket_key;
      proxy_set_header Sec-WebSocket-Version $http_sec_websocket_version;
      proxy_read_timeout 1h;
      proxy_send_timeout 1m;
    }

    location = ${HEALTH_PATH} { js_content gateway.health; }
    location = /besu { internal; ${toNode(rpc)} }
    location / { return 404; }
  }
}

stream {
  js_path ${quoted(args.scripts)};
  js_import gateway from gateway.js;
  server {
    listen 127.0.0.1:${filterPort};
    js_filter gateway.frames;
    proxy_pass 127.0.0.1:${webSocket};
    proxy_timeout 1h;
  }
}
`;
}

/** Besu's host allow-list knows localhost; nothing of the caller's headers reaches it. */
const toNode = (port: number): string =>
  `proxy_pass http://127.0.0.1:${port}/; proxy_pass_request_headers off; proxy_set_header Host localhost; proxy_set_header Content-Type application/json; proxy_read_timeout 30s;`;

/** X-Azure-SocketIP is who really connected to Front Door (Azure docs, "Protocol support for HTTP headers"). */
const clientBehind = (frontDoorId: string | undefined): string =>
  frontDoorId === undefined ? "" : "  set_real_ip_from 0.0.0.0/0;\n  real_ip_header X-Azure-SocketIP;\n";

const frontDoor = (id: string | undefined): string =>
  id === undefined
    ? ""
    : `  map $http_x_azure_fdid $other_front_door {\n    default "1";\n    ${quoted(id)} "";\n  }\n`;

/** As nginx reads it: nothing of a value can end it, or name a variable. */
function quoted(value: string): string {
  if (/["\\$;{}\s]/.test(value)) throw new Error(`${JSON.stringify(value)} cannot stand in nginx's configuration.`);
  return `"${value}"`;
}
