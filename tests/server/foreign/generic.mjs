// A generic OData client (@odata/client) that knows nothing of this server but its address.

import { OData } from "@odata/client";
import { run } from "./steps.mjs";

const [server, token] = process.argv.slice(2);
const client = OData.New4({
  serviceEndpoint: `${server}/api/data/v9.2/`,
  commonHeaders: { Authorization: `Bearer ${token}`, Accept: "application/json", "Content-Type": "application/json" },
});
const NS = "Microsoft.Dynamics.CRM";
const cases = client.getEntitySet("cases");
const samples = client.getEntitySet("samples");

const told = async (responses) =>
  Promise.all((await responses).map(async (each) => ({ status: Number(each.status), body: await each.json() })));
const taking = (code, more) =>
  client.newBatchRequest({ collection: "TakeSample", method: "POST", entity: { code }, ...more });
const counting = (code, step, more) =>
  client.newBatchRequest({ collection: `samples(code='${code}')/${NS}.CountUp`, method: "POST", entity: { step }, ...more });

await run({
  unbound: () => client.newRequest({ collection: "TakeSample", method: "POST", entity: { code: "G-1" } }),
  bound: () => samples.action(`${NS}.CountUp`, { code: "G-1" }, { step: 3 }),
  function_bound: () => samples.function(`${NS}.price_of`, { code: "G-1" }),
  row: () => cases.retrieve({ number: "CAS-1" }, OData.newOptions().select(["number", "title"])),
  rows: () =>
    cases.query(
      OData.newOptions()
        .filter(OData.newFilter().field("number").ge("CAS-3").field("title").eq("Case 4"))
        .orderby([{ field: "number", order: "desc" }])
        .select(["number"])
        .top(2)
        .expand("owner_user"),
    ),
  counted: () => cases.count(OData.newFilter().field("number").lt("CAS-4")),
  refused: () => samples.action(`${NS}.CountUp`, { code: "G-1" }, { step: 0 }),
  batch: () =>
    told(
      client.execBatchRequests([
        taking("G-2"),
        client.newBatchRequest({ collection: "cases", params: OData.newOptions().select(["number"]).top(1) }),
      ]),
    ),
  batch_in_json: () =>
    told(
      client.execBatchRequestsJson([
        taking("G-3", { requestId: "1", atomicityGroup: "g" }),
        counting("G-3", 4, { requestId: "2", atomicityGroup: "g", dependsOn: ["1"] }),
        client.newBatchRequest({ collection: "cases", params: OData.newOptions().top(1), requestId: "3" }),
      ]),
    ),
  batch_that_fails: () =>
    told(
      client.execBatchRequestsJson([
        taking("G-4", { requestId: "1", atomicityGroup: "g" }),
        counting("G-4", 0, { requestId: "2", atomicityGroup: "g" }),
      ]),
    ),
});
