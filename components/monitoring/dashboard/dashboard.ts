import { type GrafanaDashboard, layOut } from "./grafana";
import { rows } from "./rows";

/** It stays the same for ever: links and bookmarks hold it. */
const UID = "tfdc-nats-blue-green";

/**
 * The dashboard of both colours.
 *
 * @param servers - servers of one colour
 */
export function dashboard(servers = 3): GrafanaDashboard {
  return {
    uid: UID,
    title: "NATS - Blue/Green Clusters",
    description: "Servers, streams and consumers of the NATS JetStream clusters, side by side.",
    tags: ["nats", "jetstream"],
    timezone: "browser",
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    schemaVersion: 39,
    time: { from: "now-3h", to: "now" },
    templating: { list: [dataSourceVariable(), colourVariable()] },
    annotations: { list: [] },
    links: [],
    panels: layOut(rows(servers)),
  };
}

function dataSourceVariable(): Record<string, unknown> {
  return {
    name: "datasource",
    label: "Data source",
    type: "datasource",
    query: "prometheus",
    hide: 0,
    refresh: 1,
    regex: "",
    multi: false,
    includeAll: false,
    options: [],
  };
}

function colourVariable(): Record<string, unknown> {
  const query = 'label_values(up{nats_cluster!=""}, color)';
  return {
    name: "color",
    label: "Colour",
    type: "query",
    datasource: { type: "prometheus", uid: "$datasource" },
    definition: query,
    query: { query, refId: "color" },
    current: { text: "All", value: "$__all", selected: true },
    hide: 0,
    // On every load and change of the time range: a colour may come or go.
    refresh: 2,
    regex: "",
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    options: [],
  };
}
