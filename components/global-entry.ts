import * as cdn from "@pulumi/azure-native/cdn";
import * as trafficmanager from "@pulumi/azure-native/trafficmanager";
import * as pulumi from "@pulumi/pulumi";

import type { Fleet } from "../fleet";
import { regionHost, rpcRegions } from "../fleet-rpc";
import { HEALTH_PATH, HTTPS_PORT } from "../gateway/nginx-config";
import { azureName, rpcLabel } from "../regions/naming";
import { networkName } from "./network-name";
import { tagsOf } from "./tags";
import type { Mesh } from "./mesh";
import { type Transform, transformed } from "./transform";

export interface GlobalEntryArgs {
  readonly kind: "trafficManager" | "frontDoor";
  readonly resourceGroupName: pulumi.Input<string>;
  /** Where each region's public gateway is found, by name alone: no region's resource is waited for. */
  readonly gateways: readonly { readonly region: string; readonly host: string }[];
  readonly tags: Readonly<Record<string, string>>;
  /** Changes what a child is made of. @default nothing */
  readonly transform?: GlobalEntryTransforms | undefined;
}

export interface GlobalEntryTransforms {
  readonly trafficManager?: Transform<trafficmanager.ProfileArgs>;
  readonly originGroup?: Transform<cdn.AFDOriginGroupArgs>;
  readonly route?: Transform<cdn.RouteArgs>;
}

/** How often and how long a gateway is asked for its health, in seconds; the shortest of each service's slow interval. */
const PROBE_SECONDS = 30;

/**
 * One name for all regions' gateways, which leads to the nearest whose node follows the chain: both services ask each
 * gateway's /health, which is 503 once the newest block is too old.
 *
 * Traffic Manager answers in DNS and never sees a call; Front Door ends TLS at the edge and passes calls on.
 */
export class GlobalEntry extends pulumi.ComponentResource {
  /** Id that Front Door puts into each call, X-Azure-FDID; undefined for Traffic Manager. */
  readonly frontDoorId: pulumi.Output<string> | undefined;
  /** Name to call; public. */
  readonly host: pulumi.Output<string>;

  constructor(name: string, args: GlobalEntryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("meridian:network:GlobalEntry", name, {}, opts);
    switch (args.kind) {
      case "trafficManager":
        this.createTrafficManager(name, args);
        this.host = pulumi.output(`${rpcLabel(networkName())}.trafficmanager.net`);
        this.frontDoorId = undefined;
        break;
      case "frontDoor":
        ({ host: this.host, frontDoorId: this.frontDoorId } = this.createFrontDoor(name, args));
    }
    this.registerOutputs({ host: this.host });
  }

  private createTrafficManager(name: string, args: GlobalEntryArgs): void {
    new trafficmanager.Profile(
      `${name}-profile`,
      transformed(args.transform?.trafficManager, {
        resourceGroupName: args.resourceGroupName,
        profileName: azureName("globalEntry", networkName(), "global"),
        location: "global",
        trafficRoutingMethod: "Performance",
        dnsConfig: { relativeName: rpcLabel(networkName()), ttl: 60 },
        monitorConfig: {
          protocol: "HTTPS",
          port: HTTPS_PORT,
          path: HEALTH_PATH,
          intervalInSeconds: PROBE_SECONDS,
          timeoutInSeconds: 10,
          toleratedNumberOfFailures: 3,
          expectedStatusCodeRanges: [{ min: 200, max: 200 }],
        },
        endpoints: args.gateways.map(({ region, host }) => ({
          name: region,
          type: "Microsoft.Network/trafficManagerProfiles/externalEndpoints",
          target: host,
          endpointLocation: region,
          endpointStatus: "Enabled",
        })),
        tags: args.tags,
      }),
      { parent: this },
    );
  }

  private createFrontDoor(name: string, args: GlobalEntryArgs) {
    const child = { parent: this };
    const { resourceGroupName, tags } = args;
    const profile = new cdn.Profile(
      `${name}-profile`,
      {
        ...{ resourceGroupName, tags },
        profileName: azureName("globalEntry", networkName(), "global"),
        location: "global",
        sku: { name: "Standard_AzureFrontDoor" },
      },
      child,
    );
    const place = { resourceGroupName, profileName: profile.name };
    const endpoint = new cdn.AFDEndpoint(
      `${name}-endpoint`,
      {
        ...{ ...place, tags },
        endpointName: rpcLabel(networkName(), "frontDoorEndpoint"),
        location: "global",
        enabledState: "Enabled",
      },
      child,
    );
    const group = new cdn.AFDOriginGroup(
      `${name}-gateways`,
      transformed(args.transform?.originGroup, {
        ...place,
        originGroupName: "gateways",
        sessionAffinityState: "Enabled",
        loadBalancingSettings: { sampleSize: 4, successfulSamplesRequired: 3, additionalLatencyInMilliseconds: 50 },
        healthProbeSettings: {
          probePath: HEALTH_PATH,
          probeProtocol: "Https",
          probeRequestType: "GET",
          probeIntervalInSeconds: PROBE_SECONDS,
        },
      }),
      child,
    );
    const origins = args.gateways.map(
      ({ region, host }) =>
        new cdn.AFDOrigin(
          `${name}-gateway-${region}`,
          {
            ...place,
            originGroupName: group.name,
            originName: region,
            hostName: host,
            originHostHeader: host,
            httpsPort: HTTPS_PORT,
            enforceCertificateNameCheck: true,
            priority: 1,
            weight: 1000,
            enabledState: "Enabled",
          },
          child,
        ),
    );
    new cdn.Route(
      `${name}-route`,
      transformed(args.transform?.route, {
        ...place,
        endpointName: endpoint.name,
        routeName: "rpc",
        originGroup: { id: group.id },
        patternsToMatch: ["/*"],
        supportedProtocols: ["Https"],
        forwardingProtocol: "HttpsOnly",
        httpsRedirect: "Disabled",
        linkToDefaultDomain: "Enabled",
        enabledState: "Enabled",
      }),
      // Front Door refuses a route to a group without an origin.
      { ...child, dependsOn: origins },
    );
    return { host: endpoint.hostName, frontDoorId: profile.frontDoorId };
  }
}

/** The entry that the configuration asks for, if any. */
export function createGlobalEntry(
  name: string,
  fleet: Fleet,
  mesh: Mesh,
  transform?: GlobalEntryTransforms,
): GlobalEntry | undefined {
  const regions = rpcRegions(fleet);
  if (fleet.rpc.entry === "none" || regions.length === 0) return undefined;
  const stack = networkName();
  return new GlobalEntry(name, {
    kind: fleet.rpc.entry,
    resourceGroupName: mesh.resourceGroupName,
    gateways: regions.map((region) => ({ region, host: regionHost(fleet.rpc, region, stack) })),
    tags: tagsOf(fleet, "global"),
    transform,
  });
}
