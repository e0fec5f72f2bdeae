import type * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as stateTimeline from "@grafana/grafana-foundation-sdk/statetimeline";
import type * as timeSeries from "@grafana/grafana-foundation-sdk/timeseries";

// The types that Grafana publishes of its dashboards, under names that nothing else has.
export type GrafanaDashboard = dashboard.Dashboard;
export type GrafanaPanel = dashboard.Panel;
export type GrafanaRowPanel = dashboard.RowPanel;
export type GrafanaPrometheusQuery = prometheus.Dataquery;
export type GrafanaStatOptions = stat.Options;
export type GrafanaTimeSeriesOptions = timeSeries.Options;
export type GrafanaTimeSeriesFieldConfig = timeSeries.FieldConfig;
export type GrafanaStateTimelineOptions = stateTimeline.Options;
export type GrafanaStateTimelineFieldConfig = stateTimeline.FieldConfig;
