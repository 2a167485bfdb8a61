// A Dataverse client (dynamics-web-api) that knows nothing of this server but its address.

import { DynamicsWebApi } from "dynamics-web-api";
import { refused, run } from "./steps.mjs";

const [server, token] = process.argv.slice(2);
const api = new DynamicsWebApi({
  serverUrl: server,
  dataApi: { version: "9.2" },
  onTokenRefresh: async () => token,
});
const NS = "Microsoft.Dynamics.CRM";

const take = (code, more) => api.callAction({ actionName: "TakeSample", action: { code, ...more } });
const count = (code, step, more) =>
  api.callAction({ collection: "samples", key: `code='${code}'`, actionName: `${NS}.CountUp`, action: { step }, ...more });
const batch = async (fill, options) => {
  api.startBatch();
  fill();
  const results = await api.executeBatch(options);
  return results.map(refused);
};

await run({
  // Verbs.
  unbound: () => take("D-1", { weight: 1.5, price: 12.25, grade: "high", made_on: "2026-11-26" }),
  bound: () => count("D-1", 4),
  nothing_comes_back: () =>
    api.callAction({ collection: "samples", key: "code='D-1'", actionName: `${NS}.Touch` }),
  by_primary_key: () =>
    api.callAction({
      collection: "cases",
      key: "00000000-0000-4000-8000-000200000001",
      actionName: `${NS}.Escalate`,
      action: { reason: "slow" },
    }),
  links: () => take("D-2", { "parent@odata.bind": "/samples(code='D-1')" }),
  refused_by_the_verb: () =>
    api.callAction({ collection: "cases", key: "number='CAS-2'", actionName: `${NS}.Escalate`, action: { reason: " " } }),
  no_such_verb: () => api.callAction({ actionName: "Nothing", action: {} }),
  no_such_row: () => count("D-99", 1),
  wrong_value: () => take(7),
  seen: () => api.retrieve({ collection: "samples", key: "code='D-1'", select: ["count"] }),
  seen_version: ({ seen }) => count("D-1", 1, { headers: { "If-Match": seen["@odata.etag"] } }),
  old_version: ({ seen }) => count("D-1", 1, { headers: { "If-Match": seen["@odata.etag"] } }),
  not_seen_again: () =>
    api.retrieve({ collection: "samples", key: "code='D-2'", ifnonematch: "*" }),
  wrong_version: () => count("D-1", 1, { headers: { "If-Match": 'W/"0000000000000000"' } }),
  key_once: () => count("D-2", 5, { headers: { "Idempotency-Key": '"d-17"' } }),
  key_again: () => count("D-2", 5, { headers: { "Idempotency-Key": '"d-17"' } }),
  key_for_another: () => count("D-2", 6, { headers: { "Idempotency-Key": '"d-17"' } }),

  // Functions.
  function_unbound: () => api.callFunction({ name: "samples_of", parameters: { grade: "high" } }),
  function_bound: () =>
    api.callFunction({ collection: "samples", key: "code='D-1'", name: `${NS}.price_of` }),
  function_of_rows: () =>
    api.callFunction({
      name: "weight_of",
      parameters: {
        first: { "@odata.id": "samples(code='D-1')" },
        others: [{ "@odata.id": "samples(code='D-2')" }],
        factor: 2.5,
      },
    }),

  // Rows.
  row: () =>
    api.retrieve({ collection: "cases", key: "number='CAS-1'", select: ["number", "title", "priority"] }),
  expanded: () =>
    api.retrieve({
      collection: "cases",
      key: "00000000-0000-4000-8000-000200000002",
      select: ["number"],
      expand: [{ property: "owner_user", select: ["name", "email"] }],
    }),
  rows: () =>
    api.retrieveMultiple({
      collection: "cases",
      select: ["number"],
      filter: "number ge 'CAS-3' and contains(title,'Case')",
      orderBy: ["number desc"],
      top: 3,
      count: true,
    }),
  first_page: () =>
    api.retrieveMultiple({ collection: "cases", select: ["number"], orderBy: ["number"], maxPageSize: 4 }),
  next_page: ({ first_page }) =>
    api.retrieveMultiple({ collection: "cases", maxPageSize: 4 }, first_page.oDataNextLink),
  all_pages: () =>
    api.retrieveAll({ collection: "cases", select: ["number"], orderBy: ["number"], maxPageSize: 4 }),
  counted: () => api.count({ collection: "cases" }),
  counted_some: () => api.count({ collection: "cases", filter: "number lt 'CAS-4'" }),
  formatted: () =>
    api.retrieve({ collection: "cases", key: "number='CAS-1'", select: ["priority"], includeAnnotations: "*" }),
  wrong_filter: () => api.retrieveMultiple({ collection: "cases", filter: "number eq" }),
  rows_are_changed_by_verbs: () => api.create({ collection: "cases", data: { title: "x" } }),

  // Batches.
  batch: () =>
    batch(() => {
      take("B-1");
      count("B-1", 2);
      api.callFunction({ name: "samples_of", parameters: { grade: "normal" } });
      api.retrieve({ collection: "cases", key: "number='CAS-9'", select: ["number"] });
    }),
  batch_by_content_id: () =>
    batch(() => {
      api.callAction({ actionName: "TakeSample", action: { code: "B-2" }, contentId: "1" });
      api.callAction({ contentId: "$1", actionName: `${NS}.CountUp`, action: { step: 6 } });
      api.callAction({ actionName: "TakeSample", action: { code: "B-3", "parent@odata.bind": "$1" } });
    }),
  batch_that_fails: () =>
    batch(() => {
      take("B-4");
      count("B-4", 0);
    }),
  batch_that_goes_on: () =>
    batch(
      () => {
        take("B-5");
        count("B-5", 0);
        take("B-6");
      },
      { inChangeSet: false, continueOnError: true },
    ),
  what_is_there: () =>
    api.retrieveMultiple({ collection: "samples", select: ["code", "count"], orderBy: ["code"] }),
});
